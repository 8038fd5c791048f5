import type { BsonDocument } from '../semantics/bson-document.js';
import { isSparselyMissing, keyValues, type KeyPattern } from '../semantics/index-keys.js';
import { encodeKey } from '../semantics/key-encoding.js';
import type { Index } from './collection.js';

/** What a document contributes to an index. */
export interface Entry {
  readonly index: Index;
  readonly key: Buffer;
  /** The values behind the key. */
  readonly values: readonly unknown[];
  /** It has brothers. */
  readonly multikey: boolean;
}

/**
 * The entries of a document in an index: one, or one for each element of an array, or none where the index does not
 * cover the document.
 * @throws {MongoDBError} CannotIndexParallelArrays when two of the fields lead into different arrays
 */
export function entriesOf(index: Index, document: BsonDocument): Entry[] {
  if (!index.covers(document)) return [];
  if (index.sparse && isSparselyMissing(document, patternOf(index))) return [];
  const paths = index.fields.map(({ path }) => path);
  const directions = index.fields.map(({ direction }) => direction);
  const tuples = keyValues(document, paths);
  const multikey = tuples.length > 1;
  const entries = tuples.map((values) => ({ index, key: encodeKey(values, directions), values, multikey }));
  if (!multikey) return entries;
  return [...new Map(entries.map((entry) => [entry.key.toString('latin1'), entry])).values()];
}

function patternOf({ fields }: Index): KeyPattern {
  return Object.fromEntries(fields.map(({ path, direction }) => [path, direction]));
}
