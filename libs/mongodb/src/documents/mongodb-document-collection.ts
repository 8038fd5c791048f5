import {
  checkedPurge,
  compileFilter,
  documentsToPut,
  explicitFilter,
  findWindow,
  parallelArrays,
  type DocumentCollection,
  type Filter,
  type FindOptions,
  type FindWindow,
  type PurgeOptions,
  type Purged,
  type StoredDocument,
} from '@gesta/core';
import { Long, type Collection, type Document, type FindCursor } from 'mongodb';
import type { MongoConnection } from '../connection/mongodb-connection.js';
import { serverFilter } from '../queries/server-filter.js';
import { storedPath } from './escaped-text.js';
import { checkSizes, writeGuarded } from './guarded-writes.js';
import { portionsOf } from './portions.js';
import { fromRead, toWrite, versionOf, type ReadModelDocument } from './read-model-document.js';

/** One write takes no more than so many documents and not many more bytes: serializing holds up everything else. */
const WRITE_PORTION = { items: 500, bytes: 1_000_000 };
/** So many portions are under way at once: while MongoDB stores one, the next is made ready. */
const WRITE_LANES = 2;
/** One look-up takes no more than so many keys. */
const READ_PORTION = { items: 5_000, bytes: 2_000_000 };
/** How many documents one answer of the server brings at most. */
const BATCH_SIZE = 1_000;
/** After so many milliseconds of work the server gives up a query. */
const MAX_QUERY_MS = 30_000;
/** The same for what is looked up by its key. */
const MAX_LOOK_UP_MS = 10_000;

/** By these words MongoDB refuses to sort by two arrays. */
const PARALLEL_ARRAYS = /parallel arrays/;

const NO_TOMBSTONE = { '_gesta.deleted': { $exists: false } };

/** A filter, as the server is asked and as the application checks. */
interface Query {
  readonly asked: Document;
  /** Decides, where the server gives more than what matches. */
  readonly matches: ((document: StoredDocument) => boolean) | undefined;
}

/** Documents in a MongoDB collection. */
export class MongoDocumentCollection implements DocumentCollection {
  /** The driver's own collection, to be queried in all of MongoDB's ways. Writing is for Gesta alone. */
  readonly native: Collection<ReadModelDocument>;

  /** @param ensure makes the collection with its indexes, should it have been dropped before a put */
  constructor(
    readonly name: string,
    private readonly connection: MongoConnection,
    private readonly ensure: () => Promise<void>,
  ) {
    this.native = connection.db.collection<ReadModelDocument>(name);
  }

  async get(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    return this.connection.run(async () => {
      const found = new Map<string, StoredDocument>();
      for (const portion of portionsOf([...new Set(keys)], (key) => 3 * key.length, READ_PORTION)) {
        // One more than there can be: with as many, the cursor would stay open, and be asked whether there are others.
        const options = { batchSize: portion.length + 1, maxTimeMS: MAX_LOOK_UP_MS };
        const asked = { _id: { $in: portion } };
        for (const document of await this.#read(() => this.native.find(asked, options), MAX_LOOK_UP_MS)) {
          found.set(document._id, fromRead(document));
        }
      }
      return found;
    });
  }

  async put(documents: readonly StoredDocument[]): Promise<readonly string[]> {
    const writes = [...documentsToPut(documents).values()].map(toWrite);
    checkSizes(this.name, writes);
    return this.connection.run(async () => {
      await this.ensure();
      const portions = portionsOf(writes, ({ bytes }) => bytes, WRITE_PORTION).values();
      const refused: string[] = [];
      const lane = async () => {
        for (const portion of portions) {
          const documents = portion.map(({ document }) => document);
          const behind = await writeGuarded(this.native, documents, this.connection);
          for (const key of behind) refused.push(key);
        }
      };
      // All is waited for before a failure is told: nothing goes on behind the caller's back.
      const lanes = await Promise.allSettled(Array.from({ length: WRITE_LANES }, lane));
      const failed = lanes.find(({ status }) => status === 'rejected');
      if (failed) throw (failed as PromiseRejectedResult).reason;
      return refused;
    });
  }

  async find(filter: Filter, options?: FindOptions): Promise<StoredDocument[]> {
    const query = queryOf(filter);
    const window = findWindow(options);
    return this.connection.run(async () => {
      try {
        return await this.#find(query, window);
      } catch (error) {
        throw PARALLEL_ARRAYS.test((error as Error).message) ? parallelArrays(window.sort) : error;
      }
    });
  }

  async count(filter: Filter): Promise<number> {
    const { asked, matches } = queryOf(filter);
    return this.connection.run(async () => {
      if (matches) return (await this.#matching(() => this.#cursor(asked), matches, 0, Infinity)).length;
      const counting = () => this.native.countDocuments(asked, { maxTimeMS: MAX_QUERY_MS });
      return this.connection.read(() => this.connection.call(counting, MAX_QUERY_MS));
    });
  }

  async purge(options: PurgeOptions): Promise<Purged> {
    const { upTo, after, limit } = checkedPurge(options);
    const version = Long.fromBigInt(upTo);
    return this.connection.run(async () => {
      const behind = after === undefined ? {} : { _id: { $gt: after } };
      const look = { projection: { _gesta: 1 }, sort: { _id: 1 }, limit, maxTimeMS: MAX_QUERY_MS } as const;
      const portion = await this.#read(() => this.native.find(behind, look));
      const old = portion.flatMap(({ _id, _gesta }) =>
        _gesta?.deleted && versionOf(_gesta.version) <= upTo ? [_id] : [],
      );
      const last = portion.length < limit ? undefined : portion.at(-1)!._id;
      if (old.length === 0) return { removed: 0, last };
      const gone = { _id: { $in: old }, '_gesta.deleted': true, '_gesta.version': { $lte: version } };
      const removing = () => this.native.deleteMany(gone as Filter as object);
      const { deletedCount } = await this.connection.call(removing, MAX_QUERY_MS);
      return { removed: deletedCount, last };
    });
  }

  async #find({ asked: filter, matches }: Query, window: FindWindow): Promise<StoredDocument[]> {
    const { sort, skip, limit, after } = window;
    if (limit === 0) return [];
    const asked = after === undefined ? filter : { $and: [filter, { _id: { $gt: after } }] };
    const keyDirection = sort.at(-1)?.direction ?? 1;
    const order = new Map(sort.map(({ path, direction }) => [storedPath(path), direction]));
    order.set('_id', keyDirection);
    const inOrder = () => {
      const cursor = this.#cursor(asked).sort(order);
      return sort.length > 0 ? cursor.allowDiskUse(true) : cursor;
    };
    if (matches) return this.#matching(inOrder, matches, skip, limit);
    const documents = await this.#read(() => {
      const cursor = inOrder().skip(skip);
      return limit === Infinity ? cursor : cursor.limit(limit);
    });
    return [...new Map(documents.map((document) => [document._id, document])).values()].map(fromRead);
  }

  /** What the application finds among that which the server gives. */
  #matching(
    cursor: () => FindCursor<ReadModelDocument>,
    matches: NonNullable<Query['matches']>,
    skip: number,
    limit: number,
  ): Promise<StoredDocument[]> {
    return this.connection.read(async () => {
      const found = new Map<string, StoredDocument>();
      await this.#scan(cursor(), (document) => {
        const read = fromRead(document);
        if (matches(read)) found.set(read.key, read);
        return found.size < skip + limit;
      });
      return [...found.values()].slice(skip);
    });
  }

  /** All that the cursor gives. */
  #read(cursor: () => FindCursor<ReadModelDocument>, mostMs?: number): Promise<ReadModelDocument[]> {
    return this.connection.read(async () => {
      const documents: ReadModelDocument[] = [];
      await this.#scan(cursor(), (document) => documents.push(document) > 0, mostMs);
      return documents;
    });
  }

  /**
   * @param each takes a document; returns false to end
   * @param mostMs how long the server may take for a batch
   */
  async #scan(
    cursor: FindCursor<ReadModelDocument>,
    each: (document: ReadModelDocument) => boolean,
    mostMs = MAX_QUERY_MS,
  ): Promise<void> {
    try {
      while (await this.connection.call(() => cursor.hasNext(), mostMs)) {
        if (!cursor.readBufferedDocuments().every(each)) return;
      }
    } finally {
      void cursor.close().catch(() => undefined); // nobody need wait for it
    }
  }

  #cursor(asked: Document): FindCursor<ReadModelDocument> {
    return this.native.find(asked, { batchSize: BATCH_SIZE, maxTimeMS: MAX_QUERY_MS });
  }
}

/** @throws what {@link explicitFilter} throws */
function queryOf(filter: Filter): Query {
  const explicit = explicitFilter(filter);
  const matches = compileFilter(filter);
  const { query, exact } = serverFilter(explicit);
  if (!exact) {
    return { asked: { ...query, ...NO_TOMBSTONE }, matches: ({ body }) => body !== undefined && matches(body) };
  }
  // A tombstone has no fields: a filter that a document without fields does not pass leaves them out by itself.
  return { asked: matches({}) ? { ...query, ...NO_TOMBSTONE } : query, matches: undefined };
}
