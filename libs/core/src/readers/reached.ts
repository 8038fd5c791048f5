import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

/** A read model did not get to the position in the time given. Asking again later may work. */
export class ReadModelBehind extends Error {
  override readonly name = 'ReadModelBehind';
  constructor(
    readonly wanted: bigint,
    readonly reached: bigint,
  ) {
    super(`The read model is at position ${reached} and has not reached ${wanted} yet`);
  }
}

/** The log ends before the position: it is of another log, or the log was put back to an older state. */
export class PositionBeyondLog extends Error {
  override readonly name = 'PositionBeyondLog';
  constructor(
    readonly wanted: bigint,
    /** The end of the log. */
    readonly head: bigint,
  ) {
    super(
      `There is no position ${wanted}: the log ends at ${head}. Is it a position of another log, or was this one put back?`,
    );
  }
}

/** The end of the log, as those who wait for a position want to know it. */
export interface EndOfLog {
  readonly position: () => Promise<bigint>;
  /** How far reads may lag behind what was acknowledged, in milliseconds. */
  readonly lagMs: number;
}

/** When it is first looked whether there is such a position at all, in milliseconds: most are reached sooner. */
const BEYOND_AFTER_MS = 100;

/** How often a process that does not own the reader looks how far the owner is, in milliseconds. */
const POLL_MS = 15;

/** The position that a reader has reached, and those who wait for it to get further. */
export class Reached {
  private position = 0n;
  private failure: Error | undefined;
  private readonly waiting = new Set<{
    readonly position: bigint;
    readonly done: () => void;
    readonly fail: (error: Error) => void;
  }>();
  private polling = false;
  /** Since when the log was seen to end before a position, also over several waits for it. */
  private beyondSince: LRUCache<string, number> | undefined;
  /** Whether the reader runs here and tells; otherwise its checkpoint is asked. */
  told = false;

  constructor(
    private readonly ask: () => Promise<bigint>,
    private readonly end?: EndOfLog,
  ) {}

  get now(): bigint {
    return this.position;
  }

  /** Whether it is known to have reached the position, in a log that is the one its documents were made from. */
  has(position: bigint): boolean {
    return !this.failure && position <= this.position;
  }

  /** As of now, also where the reader runs in another process. */
  async latest(): Promise<bigint> {
    if (!this.told) this.at(await this.ask());
    return this.position;
  }

  /** The reader cannot go on by itself: whoever waits, now or later, hears of it at once. */
  fail(error: Error): void {
    this.failure = error;
    for (const waiter of this.waiting) waiter.fail(error);
  }

  /**
   * The reader goes on again.
   * @param from the position from which it does, where that is another one than it had
   */
  recover(from: bigint): void {
    if (!this.failure) return;
    this.failure = undefined;
    this.position = from;
  }

  /** The reader has taken everything up to the position. */
  at(position: bigint): void {
    if (position <= this.position) return;
    this.position = position;
    for (const waiter of this.waiting) {
      if (waiter.position <= position) waiter.done();
    }
  }

  /**
   * Resolves once the reader has reached the position, whether or not any event at or before it was for it.
   * @throws {ReadModelBehind} when it has not within the time given
   * @throws {PositionBeyondLog} when the log has no such position
   * @throws {StoresDoNotMatch} when it cannot, before somebody has seen to it
   */
  async waitFor(position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.failure) throw this.failure;
    if (position <= this.position) return;
    signal?.throwIfAborted();
    const ending = new AbortController();
    const ends = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    let waiter: { position: bigint; done: () => void; fail: (error: Error) => void } | undefined;
    try {
      const arrived = new Promise<true>((resolve, reject) => {
        waiter = { position, done: () => resolve(true), fail: reject };
        this.waiting.add(waiter);
      });
      void this.poll();
      void this.refuseBeyond(position, waiter!);
      const inTime = await Promise.race([arrived, delay(timeoutMs, false, { signal: ends })]);
      if (!inTime) throw new ReadModelBehind(position, this.position);
    } finally {
      this.waiting.delete(waiter!);
      ending.abort();
    }
  }

  private async refuseBeyond(position: bigint, waiter: { readonly fail: (error: Error) => void }): Promise<void> {
    const { end, waiting } = this;
    if (!end) return;
    await delay(BEYOND_AFTER_MS);
    while ([...waiting].some((one) => one === waiter)) {
      const head = await end.position().catch(() => position); // a store that is away is no answer
      if (position <= head) {
        this.beyondSince?.delete(String(position));
        return;
      }
      this.beyondSince ??= new LRUCache({ max: 1_000 });
      const since = this.beyondSince.get(String(position)) ?? performance.now();
      this.beyondSince.set(String(position), since);
      if (performance.now() - since >= end.lagMs) return waiter.fail(new PositionBeyondLog(position, head));
      await delay(BEYOND_AFTER_MS);
    }
  }

  private async poll(): Promise<void> {
    if (this.polling) return;
    this.polling = true;
    try {
      while (this.waiting.size > 0) {
        // A store that is away is no answer: those who wait do so until their time is up.
        if (!this.told) this.at(await this.ask().catch(() => 0n));
        await delay(POLL_MS);
      }
    } finally {
      this.polling = false;
    }
  }
}
