import type { StoreCondition } from './store-condition.js';
import type { JsonObject } from '../events/json.js';

/** A stored document. Its `version` only ever moves forward; for a projected document it is the position it was folded to. */
export interface StoredDocument {
  readonly key: string;
  readonly version: bigint;
  /** `undefined` is a tombstone: the document was deleted at that version, and nothing older can bring it back. */
  readonly body: JsonObject | undefined;
}

/** A filter in MongoDB's query language, such as `{ status: 'placed', 'total.amount': { $gte: 1000 } }`. */
export type Filter = Readonly<Record<string, unknown>>;

/** Fields to sort by, in order of weight: 1 ascending, -1 descending, in MongoDB's order of types. */
export type Sort = Readonly<Record<string, 1 | -1>>;

/** An index, as in MongoDB: `{ customerId: 1, placedAt: -1 }`. */
export type IndexSpec = Readonly<Record<string, 1 | -1>>;

export interface FindOptions {
  sort?: Sort;
  limit?: number;
  skip?: number;
  /**
   * Only documents whose keys come behind this one; not together with a sort, as the order is the keys' then. With a limit it
   * goes through a collection in portions, and a document that stays is met once, whatever comes or goes meanwhile.
   */
  after?: string;
}

/** Which tombstones go, and how much of the collection is looked at. */
export interface PurgeOptions {
  /** The greatest version of a tombstone that goes. */
  readonly upTo: bigint;
  /** Begins behind this key; at the first key when absent. */
  readonly after?: string | undefined;
  /** The most documents to look at, tombstones or not. */
  readonly limit: number;
}

/** What one portion of a purge came to. */
export interface Purged {
  readonly removed: number;
  /** The last key that was looked at, to go on behind; `undefined` at the collection's end. */
  readonly last: string | undefined;
}

/** A set of documents by key. Every adapter passes `documentStoreConformance` of `@gesta/testing`. */
export interface DocumentCollection {
  readonly name: string;

  /** The documents stored under the keys, tombstones included. */
  get(keys: readonly string[]): Promise<Map<string, StoredDocument>>;

  /**
   * Stores each document whose version is greater than the stored one's, each on its own: the one rule by which
   * redelivery, a second owner and a late writer do no harm. A document that is not there yet is always stored.
   * @returns the keys that were not stored because the stored version was at or past the given one
   * @throws {StoreUnavailable} when it is not known which of them were stored; storing them again does no harm
   * @throws {DocumentRefused} when the store will never take one of them: names the first that it met, of which nothing
   * is stored. Each of the others may have been stored or not, or may be refused as well; storing them again without that
   * one does no harm
   */
  put(documents: readonly StoredDocument[]): Promise<readonly string[]>;

  /**
   * The documents that match, without tombstones. Without a sort their order is the keys'.
   * @throws {UnsupportedOperator} for an operator that cannot be run here
   */
  find(filter: Filter, options?: FindOptions): Promise<StoredDocument[]>;

  /** @throws {UnsupportedOperator} */
  count(filter: Filter): Promise<number>;

  /**
   * Removes tombstones, in one portion of the keys. It is for who knows that nothing as old as they are is written any
   * more: without its tombstone, a deleted document can be brought back by a late write. Documents stay, and so do
   * tombstones of later versions.
   */
  purge(options: PurgeOptions): Promise<Purged>;
}

/** Documents in named collections. */
export interface DocumentStore {
  /** Opens the collection; it is created, and indexes that it lacks are, when it is not there. */
  collection(name: string, options?: { indexes?: readonly IndexSpec[] }): Promise<DocumentCollection>;
  /** The names of the collections there are, sorted. */
  collections(): Promise<string[]>;
  /** Drops the collection with its documents and tombstones; nothing happens when it is not there. */
  drop(name: string): Promise<void>;
  /** Whether it takes writes, by how the last ones went or by a small one, and what will become a problem. A store that has nothing to tell may lack it. */
  condition?(): Promise<StoreCondition>;

  close(): Promise<void>;
}
