import type { BsonDocument } from '../../bson-document.js';
import type { Evaluate } from '../../expression/compiler.js';
import { type Scope, scopeOf } from '../../expression/scope.js';
import { keyOf } from '../../expression/set-operators.js';
import { compileSortKey } from '../../sort.js';
import type { Surroundings } from '../stage.js';

/** Documents that belong together, in their order. */
export interface Partition {
  readonly documents: readonly BsonDocument[];
  readonly scopes: readonly Scope[];
  /** What each document is sorted by, as bytes: those that tie have the same. Empty when nothing is sorted by. */
  readonly keys: readonly Buffer[];
}

/** The partitions of the documents, in the order of what they are parted by. */
export function partitions(
  documents: Iterable<BsonDocument>,
  around: Surroundings,
  partitionBy: Evaluate | undefined,
  sortBy: BsonDocument | undefined,
): Partition[] {
  const sortKey = sortBy && compileSortKey(sortBy);
  const groups = new Map<string, { document: BsonDocument; scope: Scope; key: Buffer }[]>();
  for (const document of documents) {
    const scope = scopeOf(document, around);
    const group = partitionBy ? keyOf(partitionBy(scope) ?? null) : '';
    const entry = { document, scope, key: sortKey?.(document) ?? NOTHING };
    const entries = groups.get(group);
    if (entries) entries.push(entry);
    else groups.set(group, [entry]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([, entries]) => {
      entries.sort((a, b) => Buffer.compare(a.key, b.key));
      return {
        documents: entries.map(({ document }) => document),
        scopes: entries.map(({ scope }) => scope),
        keys: entries.map(({ key }) => key),
      };
    });
}

const NOTHING = Buffer.alloc(0);
