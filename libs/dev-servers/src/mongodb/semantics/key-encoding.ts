import type { Binary, BSONRegExp, Code, ObjectId, Timestamp } from 'bson';
import type { BsonDocument } from './bson-document.js';
import { bsonRank, bsonType, patternOf } from './bson-types.js';
import { binaryOf, timeOf } from './compare.js';
import { compareDecimals, type Decimal, exactDecimal } from './decimal.js';
import { type BsonNumber, toDouble, toExactDecimal } from './numbers.js';

/** Ascending or descending. */
export type Direction = 1 | -1;

/**
 * Bytes whose order (memcmp) is the order of the values, compared one after the other, each in its direction; equal
 * values have equal bytes. No key is a prefix of another one with as many values, so the bytes of the first values of a
 * key are a range of an index.
 *
 * @param values the values of the indexed paths; what is missing is `null` to an index
 * @param directions ascending where none is given
 */
export function encodeKey(values: readonly unknown[], directions: readonly Direction[] = []): Buffer {
  const parts: Buffer[] = [];
  for (const [index, value] of values.entries()) {
    const start = parts.length;
    encodeValue(value, parts);
    if (directions[index] === -1) for (let at = start; at < parts.length; at += 1) parts[at] = inverted(parts[at]!);
  }
  return Buffer.concat(parts);
}

/** Ranks begin at -1; 0 ends documents and arrays, so that a shorter one comes first. */
const RANK_OFFSET = 10;
const rankBytes = Array.from({ length: 256 }, (_, byte) => Buffer.of(byte));
const END = rankBytes[0]!;

function encodeValue(value: unknown, parts: Buffer[]): void {
  const rank = bsonRank[bsonType(value)];
  parts.push(rankBytes[rank + RANK_OFFSET]!);
  encodePayload(rank, value, parts);
}

function encodePayload(rank: number, value: unknown, parts: Buffer[]): void {
  switch (rank) {
    case bsonRank.int:
      parts.push(encodeNumber(value as BsonNumber));
      break;
    case bsonRank.string:
      parts.push(encodeString(String(value)));
      break;
    case bsonRank.object:
      for (const [name, each] of Object.entries(value as BsonDocument)) {
        const eachRank = bsonRank[bsonType(each)];
        parts.push(rankBytes[eachRank + RANK_OFFSET]!, encodeString(name));
        encodePayload(eachRank, each, parts);
      }
      parts.push(END);
      break;
    case bsonRank.array:
      for (const each of value as unknown[]) encodeValue(each, parts);
      parts.push(END);
      break;
    case bsonRank.binData: {
      const { bytes, subtype } = binaryOf(value as Binary | Uint8Array);
      const head = Buffer.alloc(5);
      head.writeUInt32BE(bytes.length);
      head[4] = subtype;
      parts.push(head, Buffer.from(bytes));
      break;
    }
    case bsonRank.objectId:
      parts.push(Buffer.from((value as ObjectId).id));
      break;
    case bsonRank.bool:
      parts.push(rankBytes[Number(value)]!);
      break;
    case bsonRank.date:
      parts.push(encodeInteger(BigInt(timeOf(value as Date)) + 2n ** 63n));
      break;
    case bsonRank.timestamp:
      parts.push(encodeInteger(BigInt.asUintN(64, (value as Timestamp).toBigInt())));
      break;
    case bsonRank.regex: {
      const { pattern, options } = patternOf(value as BSONRegExp | RegExp);
      parts.push(encodeString(pattern), encodeString(options));
      break;
    }
    case bsonRank.javascript:
      parts.push(encodeString((value as Code).code));
      break;
    case bsonRank.javascriptWithScope:
      parts.push(encodeString((value as Code).code));
      encodeValue((value as Code).scope ?? {}, parts);
      break;
    default:
  }
}

function encodeInteger(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** UTF-8 with an end that sorts before whatever could go on; a zero inside is told from the end by what follows. */
function encodeString(text: string): Buffer {
  if (!text.includes('\0')) return Buffer.from(`${text}\0\u0001`);
  return Buffer.concat(
    text
      .split('\0')
      .flatMap((part, index) => [index > 0 ? ZERO : NOTHING, Buffer.from(part)])
      .concat(STRING_END),
  );
}

const NOTHING = Buffer.alloc(0);
const ZERO = Buffer.of(0, 0xff);
const STRING_END = Buffer.of(0, 1);

/**
 * The double next to the number towards zero, and, only where that is not the number itself (large longs, decimals),
 * its decimal digits.
 */
function encodeNumber(value: BsonNumber): Buffer {
  const nearest = toDouble(value);
  if (typeof value === 'number' || (typeof value === 'object' && 'value' in value)) return exactly(nearest);
  const decimal = toExactDecimal(value);
  if (typeof decimal === 'number') return exactly(decimal);
  const double = towardsZero(nearest, decimal);
  if (compareDecimals(exactDecimal(double), decimal) === 0) return exactly(double);
  const negative = decimal.coefficient < 0n;
  const digits = encodeDigits(decimal);
  return Buffer.concat([doubleBytes(double, negative), negative ? inverted(digits) : digits]);
}

function exactly(double: number): Buffer {
  const bytes = Buffer.alloc(9);
  if (Number.isNaN(double)) return bytes;
  bytes.set(doubleBytes(double, double < 0));
  bytes[8] = double < 0 ? 0xff : 0;
  return bytes;
}

/** The sign is given apart, because a decimal below zero may have a zero for its double. */
function doubleBytes(double: number, negative: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(Math.abs(double));
  bytes[0]! |= 0x80;
  return negative ? inverted(bytes) : bytes;
}

function towardsZero(nearest: number, exact: Decimal): number {
  const double = Number.isFinite(nearest) ? nearest : Math.sign(nearest) * Number.MAX_VALUE;
  const difference = compareDecimals(exactDecimal(double), exact);
  const tooLarge = double > 0 ? difference > 0 : difference < 0;
  if (!tooLarge || double === 0) return double;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, double);
  // One step in the bits of a double is one step in its magnitude.
  view.setBigUint64(0, view.getBigUint64(0) - 1n);
  return view.getFloat64(0);
}

/** The size of the number and its digits without trailing zeros, none of them a zero byte. */
function encodeDigits({ coefficient, exponent }: Decimal): Buffer {
  const text = (coefficient < 0n ? -coefficient : coefficient).toString();
  const digits = text.replace(/0+$/, '');
  const head = Buffer.alloc(3);
  head[0] = 1;
  head.writeUInt16BE(text.length + exponent + 0x8000, 1);
  return Buffer.concat([head, Buffer.from(`${digits}\0`)]);
}

function inverted(bytes: Buffer): Buffer {
  return bytes.map((byte) => ~byte) as Buffer;
}
