import type { JsonObject } from '../events/json.js';
import { checkedCollectionName, documentsToPut } from '../store/document-check.js';
import { compileFilter } from '../store/document-query.js';
import type {
  DocumentCollection,
  DocumentStore,
  Filter,
  FindOptions,
  IndexSpec,
  PurgeOptions,
  Purged,
  StoredDocument,
} from '../store/document-store.js';
import { StoreUnavailable } from '../store/errors.js';
import { documentOrder, sortValues } from '../store/query/document-order.js';
import { checkedPurge, findWindow, indexFields } from '../store/query/find-options.js';
import { compareText } from '../store/query/value-order.js';

/** A document as it is kept: the text makes a fresh copy for every caller, the body is what queries look at. */
interface KeptDocument {
  readonly version: bigint;
  readonly text: string | undefined;
  readonly body: JsonObject | undefined;
}

type KeptDocuments = Map<string, KeptDocument>;

/** Documents in the memory of the process: the reference for the other stores, and what tests run on. */
export class MemoryDocumentStore implements DocumentStore {
  readonly #collections = new Map<string, KeptDocuments>();
  #closed = false;

  async collection(name: string, options: { indexes?: readonly IndexSpec[] } = {}): Promise<DocumentCollection> {
    checkedCollectionName(name);
    options.indexes?.forEach(indexFields); // checked as elsewhere, though nothing here is indexed
    this.#documents(name, true);
    return new MemoryDocumentCollection(name, (create) => this.#documents(name, create));
  }

  async collections(): Promise<string[]> {
    this.#checkOpen();
    return [...this.#collections.keys()].sort(compareText);
  }

  async drop(name: string): Promise<void> {
    this.#checkOpen();
    this.#collections.delete(name);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#collections.clear();
  }

  #documents(name: string, create: boolean): KeptDocuments {
    this.#checkOpen();
    const documents = this.#collections.get(name) ?? new Map<string, KeptDocument>();
    if (create) this.#collections.set(name, documents);
    return documents;
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreUnavailable('The document store is closed');
  }
}

class MemoryDocumentCollection implements DocumentCollection {
  /** @param documents gives the collection's documents as they are now, after a drop too */
  constructor(
    readonly name: string,
    private readonly documents: (create: boolean) => KeptDocuments,
  ) {}

  async get(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    const documents = this.documents(false);
    const found = new Map<string, StoredDocument>();
    for (const key of keys) {
      const kept = documents.get(key);
      if (kept) found.set(key, copyOf(key, kept));
    }
    return found;
  }

  async put(documents: readonly StoredDocument[]): Promise<readonly string[]> {
    const given = documentsToPut(documents);
    const stored = this.documents(true);
    const refused: string[] = [];
    for (const { key, version, body } of given.values()) {
      const before = stored.get(key);
      if (before && before.version >= version) {
        refused.push(key);
        continue;
      }
      const text = body && JSON.stringify(body);
      stored.set(key, { version, text, body: text === undefined ? undefined : parsed(text) });
    }
    return refused;
  }

  async find(filter: Filter, options?: FindOptions): Promise<StoredDocument[]> {
    const { sort, skip, limit, after } = findWindow(options);
    const order = documentOrder(sort);
    return this.#matching(filter)
      .filter(({ key }) => after === undefined || compareText(key, after) > 0)
      .map(({ key, kept, body }) => ({ key, kept, values: sortValues(body, sort) }))
      .sort(order)
      .slice(skip, skip + limit)
      .map(({ key, kept }) => copyOf(key, kept));
  }

  async count(filter: Filter): Promise<number> {
    return this.#matching(filter).length;
  }

  async purge(options: PurgeOptions): Promise<Purged> {
    const { upTo, after, limit } = checkedPurge(options);
    const documents = this.documents(false);
    const behind = [...documents.keys()].filter((key) => after === undefined || compareText(key, after) > 0);
    const portion = behind.sort(compareText).slice(0, limit);
    let removed = 0;
    for (const key of portion) {
      const { version, text } = documents.get(key)!;
      if (text === undefined && version <= upTo && documents.delete(key)) removed++;
    }
    return { removed, last: portion.length < limit ? undefined : portion.at(-1) };
  }

  #matching(filter: Filter): { key: string; kept: KeptDocument; body: JsonObject }[] {
    const matches = compileFilter(filter);
    const matching = [];
    for (const [key, kept] of this.documents(false)) {
      const { body } = kept;
      if (body && matches(body)) matching.push({ key, kept, body });
    }
    return matching;
  }
}

function copyOf(key: string, { version, text }: KeptDocument): StoredDocument {
  return { key, version, body: text === undefined ? undefined : parsed(text) };
}

const parsed = (text: string) => JSON.parse(text) as JsonObject;
