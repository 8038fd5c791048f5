import { deserialize, DBRef, type DeserializeOptions } from 'bson';

/**
 * A document in memory: what `bson` reads without promoting anything. Numbers are `Int32`, `Double`, `Long` or
 * `Decimal128`, so their types survive; strings, booleans, null and `Date` are JavaScript's; patterns are `BSONRegExp`;
 * the rest are bson's classes. A plain JavaScript number is understood too: as an `Int32` if it is a whole number that
 * fits, as a `Double` otherwise. That is also what `bson` writes it as.
 *
 * Documents are never changed in place: whoever changes one makes another.
 */
export type BsonDocument = Record<string, unknown>;

const faithfully: DeserializeOptions = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
};

const REFERENCE = Buffer.from('$ref\0');

/**
 * Reads a document so that every type is kept. A database reference is an ordinary sub-document, as for MongoDB.
 *
 * @throws {BSONError} when the bytes are no document
 */
export function readDocument(bytes: Uint8Array): BsonDocument {
  const document = deserialize(bytes, faithfully);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.includes(REFERENCE) ? (plainReferences(document) as BsonDocument) : document;
}

function plainReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainReferences);
  if (value instanceof DBRef) {
    const { collection, oid, db, fields } = value;
    return plainReferences({ $ref: collection, $id: oid, ...(db !== undefined && { $db: db }), ...fields });
  }
  if (!isDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainReferences(each)]));
}

/** Whether the value is a document, as against an array, a scalar or one of bson's classes. */
export function isDocument(value: unknown): value is BsonDocument {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return (value as { _bsontype?: unknown })._bsontype === undefined && !(value instanceof Date) && !isNative(value);
}

const isNative = (value: object) => value instanceof RegExp || value instanceof Uint8Array;

/**
 * Whether documents and arrays are nested more deeply than that. Everything else that walks into values is free to recurse
 * once this was asked.
 */
export function isDeeperThan(value: unknown, depth: number): boolean {
  if (Array.isArray(value)) return depth === 0 || value.some((each) => isDeeperThan(each, depth - 1));
  if (!isDocument(value)) return false;
  if (depth === 0) return true;
  for (const name in value) {
    const each = value[name];
    if (typeof each === 'object' && isDeeperThan(each, depth - 1)) return true;
  }
  return false;
}

/** Sets a field of a document that is being made, whatever its name is. */
export function setField(document: BsonDocument, name: string, value: unknown): void {
  if (name !== '__proto__') document[name] = value;
  else Object.defineProperty(document, name, { value, enumerable: true, writable: true, configurable: true });
}
