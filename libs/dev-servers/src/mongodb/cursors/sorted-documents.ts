import type { BsonDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';

/** The most bytes of documents that are held for sorting. */
const MAX_SORT_BYTES = 100 * 1024 * 1024;
/** So many more than needed are held before the superfluous ones are thrown out. */
const SPARE = 1_000;

interface Sortable {
  readonly key: Buffer;
  readonly body: Buffer;
}

/** Collects documents, and gives those that come first in order. */
export class SortedDocuments {
  #documents: Sortable[] = [];
  #bytes = 0;
  #next = 0;

  /**
   * @param sortKey what a document is ordered by
   * @param needed how many of them can be asked for
   */
  constructor(
    private readonly sortKey: (document: BsonDocument) => Buffer,
    private readonly needed: number,
  ) {}

  /** @throws {MongoDBError} when there are more to sort than memory is set aside for */
  add(document: BsonDocument, body: Buffer): void {
    this.#documents.push({ key: this.sortKey(document), body });
    this.#bytes += body.length;
    if (this.#documents.length > 2 * this.needed + SPARE) this.#order(0);
    if (this.#bytes > MAX_SORT_BYTES) {
      throw new MongoDBError('QueryExceededMemoryLimitNoDiskUseAllowed', `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes, and this server does not sort on disk: add an index`); // prettier-ignore
    }
  }

  /** Puts them in order, without the first ones. */
  sort(skip: number): void {
    this.#order(skip);
  }

  get ended(): boolean {
    return this.#next >= this.#documents.length;
  }

  /** The next document, if there is one. */
  peek(): Buffer | undefined {
    return this.#documents[this.#next]?.body;
  }

  shift(): void {
    this.#next++;
  }

  #order(skip: number): void {
    this.#documents = this.#documents.sort((a, b) => Buffer.compare(a.key, b.key)).slice(skip, this.needed);
    this.#bytes = this.#documents.reduce((total, { body }) => total + body.length, 0);
  }
}
