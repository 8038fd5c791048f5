import { isDocument, type BsonDocument } from './bson-document.js';
import { keyValues } from './index-keys.js';
import { type Direction, encodeKey } from './key-encoding.js';
import { MongoDBError } from './mongodb-error.js';
import { isNumber, toDouble } from './numbers.js';

/** At most so many fields can be sorted by. */
const MAX_FIELDS = 32;

/**
 * What documents are sorted by, as bytes in whose order (memcmp) the documents come. An array counts as its smallest
 * element, descending as its greatest; a missing field as null.
 *
 * @throws {MongoDBError} `BadValue` for directions other than 1 and -1
 */
export function compileSortKey(sort: BsonDocument): (document: BsonDocument) => Buffer {
  const paths = Object.keys(sort);
  const directions = paths.map((path) => direction(path, sort[path]));
  if (paths.length > MAX_FIELDS) throw new MongoDBError(13103, `too many compound keys; at most ${MAX_FIELDS}`);
  return (document) => {
    const [first = Buffer.alloc(0), ...others] = valuesOf(document, paths).map((values) =>
      encodeKey(values, directions),
    );
    return others.reduce((least, key) => (Buffer.compare(key, least) < 0 ? key : least), first);
  };
}

/** Compares documents by a sort; for many documents, compare their keys instead. */
export function compileSort(sort: BsonDocument): (a: BsonDocument, b: BsonDocument) => number {
  const key = compileSortKey(sort);
  return (a, b) => Buffer.compare(key(a), key(b));
}

/** The documents in order; those that tie stay in the order they came in. */
export function sortDocuments(documents: Iterable<BsonDocument>, sort: BsonDocument): BsonDocument[] {
  const key = compileSortKey(sort);
  return Array.from(documents, (document) => ({ document, key: key(document) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ document }) => document);
}

function valuesOf(document: BsonDocument, paths: readonly string[]): unknown[][] {
  try {
    return keyValues(document, paths);
  } catch (error) {
    if (!(error instanceof MongoDBError)) throw error;
    throw new MongoDBError('BadValue', 'cannot sort with keys that are parallel arrays');
  }
}

function direction(path: string, value: unknown): Direction {
  if (path === '') throw new MongoDBError(40352, 'FieldPath cannot be constructed with empty string');
  if (path.startsWith('$')) throw new MongoDBError(16410, `FieldPath field names may not start with '$'.`);
  const given = isNumber(value) ? toDouble(value) : undefined;
  if (given === 1 || given === -1) return given;
  if (isDocument(value) && '$meta' in value) {
    throw new MongoDBError('NotImplemented', '$meta is not supported by this server');
  }
  if (given === undefined) throw new MongoDBError(15974, `Illegal key in $sort specification: ${path}`);
  throw new MongoDBError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
}
