import type { BsonDocument } from '../semantics/bson-document.js';
import { readDocument } from '../semantics/bson-document.js';
import { compileFilter, type Filter } from '../semantics/filter.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { isNumber, toDouble } from '../semantics/numbers.js';
import { compileSortKey } from '../semantics/sort.js';
import type { Direction } from '../semantics/key-encoding.js';
import { accessPath, type AccessPath, type Sought } from './access-path.js';
import type { Collection, IndexField } from './collection.js';
import { equalValues } from '../semantics/compare.js';

/** What documents are wanted and in which order. */
export interface QuerySpec {
  readonly filter: BsonDocument;
  readonly sort?: BsonDocument;
  /** An index's name or key, or `{ $natural: 1 }`. */
  readonly hint?: unknown;
  /** Variables that `$expr` may use. */
  readonly variables?: BsonDocument;
}

/** A query, checked and ready to be run on a collection. */
export class Query {
  /** Whether a document matches. */
  readonly matches: Filter;
  /** What documents are ordered by; undefined where any order will do. */
  readonly sortKey: ((document: BsonDocument) => Buffer) | undefined;
  readonly #sought: Sought;
  readonly #hint: unknown;

  /** @throws {MongoDBError} for a filter, sort or hint that is none */
  constructor(spec: QuerySpec) {
    const { filter, sort = {}, hint } = spec;
    this.matches = compileFilter(filter, { variables: spec.variables });
    const natural = naturalOrder(sort) ?? naturalOrder(hint);
    const fields = natural ? [] : sortFields(sort);
    this.sortKey = fields.length > 0 ? compileSortKey(sort) : undefined;
    this.#sought = { filter, natural, sort: fields };
    this.#hint = natural ? undefined : hint;
  }

  /**
   * How to come by the documents.
   * @throws {MongoDBError} BadValue when the collection has no index that the hint names
   */
  pathIn(collection: Collection): AccessPath {
    return accessPath(collection, { ...this.#sought, hint: hinted(this.#hint, collection) });
  }

  /** The document in these bytes if it matches. */
  matching(body: Buffer): BsonDocument | undefined {
    const document = readDocument(body);
    return this.matches(document) ? document : undefined;
  }
}

function naturalOrder(value: unknown): Direction | undefined {
  const natural = (value as BsonDocument | undefined)?.['$natural'];
  if (natural === undefined) return undefined;
  const direction = isNumber(natural) ? toDouble(natural) : 0;
  if (direction === 1 || direction === -1) return direction;
  throw new MongoDBError('BadValue', '$natural hint must be either 1 or -1');
}

function sortFields(sort: BsonDocument): IndexField[] {
  return Object.entries(sort).map(([path, direction]) => ({ path, direction: Number(direction) < 0 ? -1 : 1 }));
}

function hinted(hint: unknown, { indexes }: Collection): string | undefined {
  if (hint === undefined || hint === null || (typeof hint === 'object' && Object.keys(hint).length === 0)) {
    return undefined;
  }
  const names = [{ name: '_id_', key: { _id: 1 } as unknown }].concat(
    indexes.map(({ name, specification }) => ({ name, key: specification.key })),
  );
  const found = names.find(({ name, key }) => (typeof hint === 'string' ? name === hint : equalValues(key, hint)));
  if (found) return found.name;
  throw new MongoDBError('BadValue', 'error processing query: planner returned error: hint provided does not correspond to an existing index'); // prettier-ignore
}
