import { getHeapStatistics } from 'node:v8';
import { heldBytes } from '../events/held-bytes.js';
import { copyOfJson, type JsonObject } from '../events/json.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MARK_KEY, type DocumentMark } from '../readers/document-mark.js';
import { DocumentsAtOnce } from '../readers/documents-at-once.js';
import type { KeyedEvent } from '../readers/event-consumer.js';
import { Pauses } from '../readers/pauses.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import { inKeyOrder } from './in-key-order.js';
import type { ProjectionDefinition } from './projection-definition.js';

/** About how much memory the documents may take before they are stored: no more than a part of what there is. */
const MAX_BYTES = Math.min(64 * 1024 * 1024, getHeapStatistics().heap_size_limit / 8);
/** What a document takes beside its body. */
const OVERHEAD_BYTES = 200;
/** How many documents are stored at once, and about how many bytes of them, so that others get their turn. */
const CHUNK = 500;
const CHUNK_BYTES = 1024 * 1024;
/** After so many folds it is looked whether others should get their turn. */
const FOLDS_AT_ONCE = 8;

interface Absorbed {
  version: bigint;
  body: JsonObject | undefined;
  changed: boolean;
  /** About how many bytes the body took when it was last measured. */
  bytes: number;
  folds: number;
}

/**
 * Documents of a backlog, folded in memory and not stored yet: each is stored once for all the events that it took.
 * Bounded by what they take in memory; beyond that, documents are stored on the way, ahead of their checkpoint.
 */
export class AbsorbedDocuments {
  private documents = new Map<string, Absorbed>();
  private bytes = 0;
  /** What was folded last: an event that is for many keys comes in several portions. */
  private before: RecordedEvent | undefined;

  /**
   * @param pristine whether nothing is stored yet, so that nothing need be looked up
   * @param maxBytes about how much memory they may take
   */
  constructor(
    private readonly definition: ProjectionDefinition,
    private readonly collection: DocumentCollection,
    private readonly mark: DocumentMark,
    private pristine: boolean,
    private readonly atOnce = new DocumentsAtOnce(),
    private readonly pauses = new Pauses(),
    private readonly maxBytes = MAX_BYTES,
  ) {}

  get isFull(): boolean {
    return this.bytes > this.maxBytes;
  }

  /**
   * @throws what a fold throws; then none of this is to be stored
   * @throws what storing throws, where there is no room for all of them
   */
  async fold(work: readonly KeyedEvent[]): Promise<void> {
    for (let next = 0; next < work.length;) {
      const end = this.pristine ? work.length : await this.load(work, next);
      for (let folds = 0; next < end && (folds === 0 || !this.isFull); next++) {
        if (folds++ % FOLDS_AT_ONCE === 0 && this.pauses.isDue) await this.pauses.take();
        const { key, event: given } = work[next]!;
        // For a second key a copy: a document that holds a part of the event must not lend it to another.
        const event = given === this.before ? { ...given, data: copyOfJson(given.data) } : given;
        this.before = given;
        this.foldOne(key, event);
      }
      if (next < work.length && this.isFull) {
        await this.store();
        this.documents = new Map();
        this.bytes = 0;
        this.pristine = false;
      }
    }
  }

  private foldOne(key: string, event: RecordedEvent): void {
    let document = this.documents.get(key);
    if (!document) this.keep(key, (document = { version: -1n, body: undefined, changed: false, bytes: 0, folds: 0 }));
    // Behind one of these, every event is newer: they come in the log's order.
    if (!document.changed && event.position <= document.version) return;
    const after = this.definition.fold(event, document.body, key);
    if (after === undefined && document.body === undefined) return;
    document.body = after;
    document.version = event.position;
    document.changed = true;
    // It may grow with each event: it is measured whenever it has taken twice as many.
    if ((document.folds & (document.folds - 1)) === 0) {
      const bytes = after === undefined ? 0 : heldBytes(after);
      this.bytes += bytes - document.bytes;
      document.bytes = bytes;
    }
    document.folds++;
  }

  private keep(key: string, document: Absorbed): void {
    this.documents.set(key, document);
    this.bytes += document.bytes + OVERHEAD_BYTES + key.length;
  }

  /** Two chunks are under way at a time: while the store writes one, the next is made ready. */
  async store(): Promise<void> {
    let underWay: Promise<unknown> = Promise.resolve();
    let last: readonly StoredDocument[] = [];
    for (const chunk of this.chunks(await inKeyOrder([...this.documents.keys()]))) {
      last = chunk;
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
    this.mark.isPut(last);
  }

  /**
   * What changed, and at the end the mark. Neighbours are stored together: a store that keeps keys in order then writes
   * each of its pages once.
   */
  private *chunks(keys: Iterable<string>): Generator<readonly StoredDocument[]> {
    let chunk: StoredDocument[] = [];
    let room = CHUNK_BYTES;
    for (const key of keys) {
      const { version, body, changed, bytes } = this.documents.get(key)!;
      if (!changed) continue;
      if (chunk.length >= CHUNK || room <= 0) {
        yield chunk;
        chunk = [];
        room = CHUNK_BYTES;
      }
      chunk.push({ key, version, body });
      room -= bytes;
    }
    if (chunk.length > 0) yield this.mark.with(chunk, this.before);
  }

  /** Looks up documents that the work needs, as many as are looked up at once. @returns up to where all are there */
  private async load(work: readonly KeyedEvent[], from: number): Promise<number> {
    const missing = new Set<string>();
    let end = from;
    for (; end < work.length; end++) {
      const { key } = work[end]!;
      if (this.documents.has(key) || missing.has(key)) continue;
      if (missing.size >= this.atOnce.most) break;
      missing.add(key);
    }
    if (missing.size === 0) return end;
    const found = await this.atOnce.get(this.collection, [...missing, MARK_KEY]);
    this.mark.met(found);
    for (const [key, { version, body, bytes }] of found) {
      if (key !== MARK_KEY) this.keep(key, { version, body, changed: false, bytes, folds: 0 });
    }
    return end;
  }
}
