import type { Binary, BSONRegExp, Code, ObjectId, Timestamp } from 'bson';
import type { BsonDocument } from './bson-document.js';
import { bsonRank, bsonType, patternOf } from './bson-types.js';
import { type BsonNumber, compareNumbers } from './numbers.js';

/**
 * Compares two values of any types as MongoDB sorts them: negative when the first comes before, zero when they are
 * equal, positive otherwise. Numbers compare by value, strings by code points, documents field by field in their order.
 * Arrays compare as values, element by element; what `sort` makes of them is `sort.ts`'s.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (a === b && typeof a !== 'number') return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  const rank = bsonRank[bsonType(a)];
  const difference = rank - bsonRank[bsonType(b)];
  return difference === 0 ? compareAlike(rank, a, b) : difference;
}

/** Whether MongoDB takes the values for equal: `1`, `Long(1)` and `1.0` are. */
export const equalValues = (a: unknown, b: unknown) => compareValues(a, b) === 0;

function compareAlike(rank: number, a: unknown, b: unknown): number {
  switch (rank) {
    case bsonRank.int:
      return compareNumbers(a as BsonNumber, b as BsonNumber);
    case bsonRank.string:
      return compareStrings(String(a), String(b));
    case bsonRank.object:
      return compareDocuments(a as BsonDocument, b as BsonDocument);
    case bsonRank.array:
      return compareArrays(a as unknown[], b as unknown[]);
    case bsonRank.binData:
      return compareBinary(binaryOf(a as Binary | Uint8Array), binaryOf(b as Binary | Uint8Array));
    case bsonRank.objectId:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id);
    case bsonRank.bool:
      return Number(a) - Number(b);
    case bsonRank.date:
      return timeOf(a as Date) - timeOf(b as Date);
    case bsonRank.timestamp:
      return (a as Timestamp).compare(b as Timestamp);
    case bsonRank.regex: {
      const left = patternOf(a as BSONRegExp | RegExp);
      const right = patternOf(b as BSONRegExp | RegExp);
      return compareStrings(left.pattern, right.pattern) || compareStrings(left.options, right.options);
    }
    case bsonRank.javascript:
      return compareStrings((a as Code).code, (b as Code).code);
    case bsonRank.javascriptWithScope:
      return (
        compareStrings((a as Code).code, (b as Code).code) ||
        compareValues((a as Code).scope ?? {}, (b as Code).scope ?? {})
      );
    default:
      return 0;
  }
}

/** The moment of a date in milliseconds. What lies beyond JavaScript's dates comes before all others. */
export function timeOf(date: Date): number {
  const time = date.getTime();
  return Number.isNaN(time) ? Number.MIN_SAFE_INTEGER : time;
}

/** By code points, which is also the order of the UTF-8 bytes. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    // Halves of a pair stand for code points beyond all that fit into one unit.
    if (left !== right) return inPlane(left) - inPlane(right);
  }
  return a.length - b.length;
}

const inPlane = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** For each pair of fields the types decide first, then the names, then the values; the shorter comes before. */
function compareDocuments(a: BsonDocument, b: BsonDocument): number {
  const left = Object.keys(a);
  const right = Object.keys(b);
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const leftName = left[index]!;
    const rightName = right[index]!;
    const difference =
      bsonRank[bsonType(a[leftName])] - bsonRank[bsonType(b[rightName])] ||
      compareStrings(leftName, rightName) ||
      compareValues(a[leftName], b[rightName]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = compareValues(a[index], b[index]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Bytes and subtype, whichever class holds them. */
export function binaryOf(value: Binary | Uint8Array): { bytes: Uint8Array; subtype: number } {
  if (value instanceof Uint8Array) return { bytes: value, subtype: 0 };
  return { bytes: value.buffer.subarray(0, value.position), subtype: value.sub_type };
}

/** The length decides first, then the subtype, then the bytes. */
function compareBinary(a: ReturnType<typeof binaryOf>, b: ReturnType<typeof binaryOf>): number {
  return a.bytes.length - b.bytes.length || a.subtype - b.subtype || Buffer.compare(a.bytes, b.bytes);
}
