import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../events/json.js';
import type { NoticeListener } from '../observability/notice.js';
import type { LookedFor } from '../readers/looked-for.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { Checkpoint, EventBatch, EventStore } from '../store/event-store.js';
import { commandCategory } from './command.decorator.js';

/** How many commands of each name wait for a handler. */
export type Waiting = Readonly<Record<string, number>>;

interface Tally {
  /** Everything before it was counted. */
  readonly checkpoint?: Checkpoint | undefined;
  readonly position: string;
  readonly waiting: Waiting;
}

/** After how many commands that are handled it is saved that they were passed. */
const SAVED_EVERY = 1_000;
const RETRY_MS = 1_000;
const COLLECTION = 'gesta.waiting-commands';

/**
 * Counts the commands of a context that are in the log and have no handler here, because their sender was deployed before
 * their receiver, or because their handler was removed or forgotten. The inbox leaves them where they are and takes them
 * when a handler comes; until then somebody should know.
 */
export class WaitingCommands {
  /** What its owner has counted. */
  private tally: Tally | undefined;

  private constructor(
    private readonly reader: string,
    private readonly handled: ReadonlySet<string>,
    private readonly store: EventStore,
    private readonly lookedFor: LookedFor,
    private readonly collection: DocumentCollection,
    private readonly notice: NoticeListener,
  ) {}

  /**
   * @param reader the inbox, `commands.<context>`
   * @param handled the names, aliases included, of the commands that have handlers
   */
  static async open(
    reader: string,
    handled: readonly string[],
    { store, documents, lookedFor, notice }: WaitingSurroundings,
  ): Promise<WaitingCommands> {
    const collection = await documents.collection(COLLECTION);
    return new WaitingCommands(reader, new Set(handled), store, lookedFor, collection, notice);
  }

  /** The inbox is put to another place, or follows another log: its owner counts anew. */
  static async forget(reader: string, documents: DocumentStore): Promise<void> {
    const collection = await documents.collection(COLLECTION);
    const stored = (await collection.get([reader])).get(reader);
    if (stored?.body) await collection.put([{ key: reader, version: stored.version + 1n, body: undefined }]);
  }

  /** How many wait, as far as whoever owns the inbox has counted. */
  async now(): Promise<Waiting> {
    return (this.tally ?? (await this.load()).tally).waiting;
  }

  /** Counts, for as long as this process owns the inbox. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // Where a store is away, what was not saved is counted again.
      await this.count(signal).catch(() => undefined);
      this.tally = undefined;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async count(signal: AbortSignal): Promise<void> {
    const places = await this.lookedFor.load(this.reader);
    const loaded = await this.load();
    let { version } = loaded;
    this.tally = loaded.tally;
    for (const [type, count] of Object.entries(this.tally.waiting)) this.tell(type, count);
    const categories = [...new Set([...this.handled].map(commandCategory))];
    const after = this.tally.checkpoint;
    let unsaved = 0;
    for await (const batch of this.store.subscribe({ after, filter: { categories }, signal })) {
      const found = batch.events.filter(
        ({ type, position }) => !this.handled.has(type) && position > BigInt(places[type]?.position ?? -1),
      );
      this.add(batch, found);
      unsaved += batch.events.length;
      if (found.length === 0 && unsaved < SAVED_EVERY) continue;
      unsaved = 0;
      version++;
      const body = this.tally as unknown as JsonObject;
      const refused = await this.collection.put([{ key: this.reader, version, body }]);
      if (refused.length > 0) return; // another owner counts
    }
  }

  private add({ checkpoint, position }: EventBatch, found: readonly { readonly type: string }[]): void {
    const waiting: Record<string, number> = { ...this.tally!.waiting };
    for (const { type } of found) waiting[type] = (waiting[type] ?? 0) + 1;
    for (const type of new Set(found.map((command) => command.type)))
      if (!this.tally!.waiting[type]) this.tell(type, waiting[type]!);
    this.tally = { checkpoint, position: position.toString(), waiting };
  }

  private tell(type: string, count: number): void {
    this.notice({ kind: 'command-without-handler', reader: this.reader, type, count });
  }

  /** What was counted, without those that have a handler by now. */
  private async load(): Promise<{ readonly tally: Tally; readonly version: bigint }> {
    const stored = (await this.collection.get([this.reader])).get(this.reader);
    const tally = (stored?.body as unknown as Tally | undefined) ?? { position: '0', waiting: {} };
    const waiting = Object.fromEntries(Object.entries(tally.waiting).filter(([type]) => !this.handled.has(type)));
    return { tally: { ...tally, waiting }, version: stored?.version ?? 0n };
  }
}

export interface WaitingSurroundings {
  readonly store: EventStore;
  readonly documents: DocumentStore;
  readonly lookedFor: LookedFor;
  readonly notice: NoticeListener;
}
