import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { ReadModelBehind, type Reached } from '../readers/reached.js';
import { currentSignal } from '../messaging/message-context.js';
import type { DocumentCollection, Filter, FindOptions } from '../store/document-store.js';
import { Waits } from './waits.js';

export interface WaitOptions {
  /** How long to wait at most, in milliseconds, `Infinity` too; 5,000 when absent. */
  timeoutMs?: number;
  /** Ends the wait; the one of the surrounding message when absent, which aborts when nobody waits for its answer. */
  signal?: AbortSignal;
}

/** The generation that a read model shows. */
export interface LiveDocuments {
  readonly documents: DocumentCollection;
  readonly reached: Reached;
  /** Aborts when another one is shown in its place. */
  readonly left: AbortSignal;
}

/** Knows which generation is to be shown. */
export interface LiveSource {
  readonly live: LiveDocuments;
  /** Whether it is known that the documents of `live` were not dropped before the time, by `performance.now()`. */
  isKept(until: number): boolean;
  /** Looks whether they are kept, and which are to be shown now. */
  look(): Promise<void>;
}

/** How long is waited before it is looked whether others are shown, in milliseconds. */
const LOOK_EVERY_MS = 250;
/** A timer that is set to more ends at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The documents of a projection, to be queried. Queries are MongoDB's on every store. */
export class ReadModel<T extends object> {
  constructor(
    private readonly source: LiveSource,
    private readonly waits = new Waits(),
  ) {}

  /**
   * The collection that these documents are in, for what only its own kind of store can do. Ask at every use: another
   * generation may have become live.
   */
  get collection(): DocumentCollection {
    return this.source.live.documents;
  }

  async findById(key: string): Promise<T | undefined> {
    return (await this.read((documents) => documents.get([key]))).get(key)?.body as T | undefined;
  }

  /**
   * The documents that match, by MongoDB's rules: `find({ status: 'placed', 'total.amount': { $gte: 1000 } }, { sort: {
   * placedAt: -1 }, limit: 20 })`. Build filters from checked values, never from raw input.
   * @throws {UnsupportedOperator} for an operator that this store cannot run
   */
  async find(filter: Filter = {}, options?: FindOptions): Promise<T[]> {
    const found = await this.read((documents) => documents.find(filter, options));
    return found.map(({ body }) => body as unknown as T);
  }

  /** @throws {UnsupportedOperator} for an operator that this store cannot run */
  async count(filter: Filter = {}): Promise<number> {
    return this.read((documents) => documents.count(filter));
  }

  /**
   * Waits until everything up to the position is in these documents: to read your own writes, give it the position that
   * the command resolved to.
   * @throws {ReadModelBehind} when that takes longer than the time given
   * @throws {PositionBeyondLog} when the log does not go as far
   * @throws {TooManyWaiting} when as many as may wait for read models in this process do already
   */
  async waitFor(position: bigint, { timeoutMs = 5_000, signal = currentSignal() }: WaitOptions = {}): Promise<void> {
    if (Number.isNaN(timeoutMs))
      throw new RangeError('timeoutMs is no number: how long is to be waited, in milliseconds?');
    const { live } = this.source;
    if (live.reached.has(position) && this.source.isKept(performance.now())) return;
    signal?.throwIfAborted();
    await this.waits.within(() => this.waitUntil(position, timeoutMs, signal));
  }

  private async waitUntil(position: bigint, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const until = performance.now() + timeoutMs;
    for (let isLooked = false; ; isLooked = true) {
      const shown = this.source.live;
      const ends = signal ? AbortSignal.any([signal, shown.left]) : shown.left;
      const isLate = () => performance.now() >= until;
      try {
        await shown.reached.waitFor(position, Math.max(0, Math.min(until - performance.now(), LOOK_EVERY_MS)), ends);
        // Others may be shown meanwhile: these are the ones then that everything has to be in.
        if (this.source.live === shown && this.source.isKept(performance.now())) return;
        if (isLooked && isLate()) throw new ReadModelBehind(position, this.source.live.reached.now);
      } catch (error) {
        signal?.throwIfAborted();
        if (!shown.left.aborted && (isLate() || !(error instanceof ReadModelBehind))) throw error;
      }
      await this.lookFor(Math.min(LONGEST_MS, Math.max(LOOK_EVERY_MS, until - performance.now())), signal);
    }
  }

  /** Where the store gives no answer, those who wait do so until their time is up. */
  private async lookFor(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const ending = new AbortController();
    const ends = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    const late = delay(timeoutMs, undefined, { signal: ends }).catch(() => undefined);
    await Promise.race([this.source.look().catch(() => late), late]);
    ending.abort();
  }

  /** What they were asked may have been dropped under the query: by then, others are to be shown. */
  private async read<R>(query: (documents: DocumentCollection) => Promise<R>): Promise<R> {
    for (;;) {
      const shown = this.source.live;
      const result = await query(shown.documents);
      const answered = performance.now();
      while (this.source.live === shown) {
        if (this.source.isKept(answered)) return result;
        await this.source.look();
      }
    }
  }
}
