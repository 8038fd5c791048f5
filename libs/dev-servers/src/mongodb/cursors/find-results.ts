import type { BsonDocument } from '../semantics/bson-document.js';
import { readDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Collection } from '../storage/collection.js';
import { namespaceOf } from '../storage/collection.js';
import { DocumentScan } from '../storage/document-scan.js';
import type { Query } from '../storage/query.js';
import type { Storage, Tables } from '../storage/storage.js';
import type { Batch, Results } from './cursor-registry.js';
import { ReplyBatch } from './reply-size.js';
import { SortedDocuments } from './sorted-documents.js';
import { checkTime } from './time-limit.js';

/** What is given of the documents that match. */
export interface Window {
  readonly skip: number;
  /** Infinity when there is no limit. */
  readonly limit: number;
  /** What is shown of a document; all of it without. */
  readonly project?: (document: BsonDocument) => Uint8Array;
}

/**
 * The documents of a collection that match a query. They are read when they are asked for; only where no index gives
 * their order are they collected and sorted before the first is given.
 */
export class FindResults implements Results {
  readonly #scan: DocumentScan;
  readonly #exact: boolean;
  readonly #sorted: SortedDocuments | undefined;
  #skip: number;
  #left: number;
  #overhang: Uint8Array | undefined;

  constructor(
    private readonly storage: Storage,
    private readonly collection: Collection,
    private readonly query: Query,
    private readonly window: Window,
  ) {
    const path = query.pathIn(collection);
    this.#scan = new DocumentScan(collection.id, path);
    this.#exact = path.exact;
    this.#skip = window.skip;
    this.#left = window.limit;
    if (!path.sorted) this.#sorted = new SortedDocuments(query.sortKey!, window.skip + window.limit);
  }

  async next(most: number, deadline: number): Promise<Batch> {
    const batch = new ReplyBatch(most);
    if (this.#sorted) await this.#nextSorted(batch, deadline, this.#sorted);
    else await this.#nextScanned(batch, deadline);
    return { documents: batch.documents, ended: this.#ended };
  }

  get #ended(): boolean {
    if (this.#overhang) return false;
    return this.#left === 0 || (this.#sorted ? this.#sorted.ended : this.#scan.ended);
  }

  async #nextScanned(batch: ReplyBatch, deadline: number): Promise<void> {
    if (this.#overhang) {
      batch.add(this.#overhang);
      this.#overhang = undefined;
    }
    if (batch.full || this.#ended) return;
    await this.storage.readInTurns((tables, turnEnds) => {
      checkTime(deadline);
      this.#checkStillThere(tables);
      this.#scan.read(tables.statements, ({ body }) => {
        const shown = this.#shown(body);
        if (shown) {
          this.#left--;
          if (batch.fits(shown)) batch.add(shown);
          else this.#overhang = shown;
        }
        return !batch.full && !this.#overhang && this.#left > 0 && performance.now() < turnEnds;
      });
      return batch.full || this.#overhang !== undefined || this.#ended;
    });
  }

  async #nextSorted(batch: ReplyBatch, deadline: number, sorted: SortedDocuments): Promise<void> {
    if (!this.#scan.ended) {
      await this.storage.readInTurns((tables, turnEnds) => {
        checkTime(deadline);
        this.#checkStillThere(tables);
        this.#scan.read(tables.statements, ({ body }) => {
          const document = this.query.matching(body);
          if (document) sorted.add(document, body);
          return performance.now() < turnEnds;
        });
        return this.#scan.ended;
      });
      sorted.sort(this.#skip);
    }
    for (let body = sorted.peek(); body && !batch.full; body = sorted.peek()) {
      const shown = this.window.project ? this.window.project(readDocument(body)) : body;
      if (!batch.fits(shown)) return;
      batch.add(shown);
      sorted.shift();
    }
  }

  #shown(body: Buffer): Uint8Array | undefined {
    const document = this.#exact ? undefined : this.query.matching(body);
    if (!document && !this.#exact) return undefined;
    if (this.#skip > 0) {
      this.#skip--;
      return undefined;
    }
    return this.window.project ? this.window.project(document ?? readDocument(body)) : body;
  }

  #checkStillThere({ catalog }: Tables): void {
    const { id, database, name } = this.collection;
    if (catalog.find(database, name)?.id !== id) {
      throw new MongoDBError('QueryPlanKilled', `collection dropped or renamed: ${namespaceOf(this.collection)}`);
    }
  }
}
