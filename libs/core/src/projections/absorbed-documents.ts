import { copyOfJson, type JsonObject } from '../events/json.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { KeyedEvent } from '../readers/event-consumer.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import { inKeyOrder } from './in-key-order.js';
import type { ProjectionDefinition } from './projection-definition.js';

/** About how much text the documents may make before they are stored, in characters. */
const MAX_CHARACTERS = 48 * 1024 * 1024;
/** One document in this many is measured. */
const SAMPLE = 64;
/** How many documents are stored at once, so that others get their turn. */
const CHUNK = 500;

interface Absorbed {
  version: bigint;
  body: JsonObject | undefined;
  changed: boolean;
}

/**
 * Documents of a backlog, folded in memory and not stored yet: each is stored once for all the events that it took.
 * Bounded by what they would make as text.
 */
export class AbsorbedDocuments {
  private readonly documents = new Map<string, Absorbed>();
  private folds = 0;
  private measured = 0;
  private characters = 0;

  /** @param pristine whether nothing is stored yet, so that nothing need be looked up */
  constructor(
    private readonly definition: ProjectionDefinition,
    private readonly collection: DocumentCollection,
    private readonly pristine: boolean,
  ) {}

  get isFull(): boolean {
    const average = this.measured === 0 ? 0 : this.characters / this.measured;
    return this.documents.size * (average + 100) > MAX_CHARACTERS;
  }

  /** @throws what a fold throws; then none of this is to be stored */
  async fold(work: readonly KeyedEvent[]): Promise<void> {
    if (!this.pristine) await this.load(work);
    let before: RecordedEvent | undefined;
    for (const { key, event: given } of work) {
      // For a second key a copy: a document that holds a part of the event must not lend it to another.
      const event = given === before ? { ...given, data: copyOfJson(given.data) } : given;
      before = given;
      let document = this.documents.get(key);
      if (!document) this.documents.set(key, (document = { version: -1n, body: undefined, changed: false }));
      // Behind one of these, every event is newer: they come in the log's order.
      if (!document.changed && event.position <= document.version) continue;
      const after = this.definition.fold(event, document.body, key);
      if (after === undefined && document.body === undefined) continue;
      document.body = after;
      document.version = event.position;
      document.changed = true;
      if (this.folds++ % SAMPLE === 0) {
        this.measured++;
        this.characters += after === undefined ? 0 : JSON.stringify(after).length;
      }
    }
  }

  /** Two chunks are under way at a time: while the store writes one, the next is made ready. */
  async store(): Promise<void> {
    let underWay: Promise<unknown> = Promise.resolve();
    for (const chunk of this.chunks(await inKeyOrder([...this.documents.keys()]))) {
      const put = this.collection.put(chunk);
      put.catch(() => undefined); // thrown when it is awaited; not before
      try {
        await underWay;
      } catch (error) {
        await put.catch(() => undefined); // nothing goes on behind the caller's back
        throw error;
      }
      underWay = put;
    }
    await underWay;
  }

  /** What changed. Neighbours are stored together: a store that keeps keys in order then writes each of its pages once. */
  private *chunks(keys: Iterable<string>): Generator<readonly StoredDocument[]> {
    let chunk: StoredDocument[] = [];
    for (const key of keys) {
      const { version, body, changed } = this.documents.get(key)!;
      if (!changed) continue;
      chunk.push({ key, version, body });
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
    if (chunk.length > 0) yield chunk;
  }

  private async load(work: readonly KeyedEvent[]): Promise<void> {
    const missing = new Set<string>();
    for (const { key } of work) if (!this.documents.has(key)) missing.add(key);
    if (missing.size === 0) return;
    for (const [key, { version, body }] of await this.collection.get([...missing])) {
      this.documents.set(key, { version, body, changed: false });
    }
  }
}
