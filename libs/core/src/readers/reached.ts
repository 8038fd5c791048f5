import { setTimeout as delay } from 'node:timers/promises';

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

/** How often a process that does not own the reader looks how far the owner is, in milliseconds. */
const POLL_MS = 15;

/** The position that a reader has reached, and those who wait for it to get further. */
export class Reached {
  private position = 0n;
  private readonly waiting = new Set<{ readonly position: bigint; readonly done: () => void }>();
  private polling = false;
  /** Whether the reader runs here and tells; otherwise its checkpoint is asked. */
  told = false;

  constructor(private readonly ask: () => Promise<bigint>) {}

  get now(): bigint {
    return this.position;
  }

  /** As of now, also where the reader runs in another process. */
  async latest(): Promise<bigint> {
    if (!this.told) this.at(await this.ask());
    return this.position;
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
   */
  async waitFor(position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (position <= this.position) return;
    signal?.throwIfAborted();
    const ending = new AbortController();
    const ends = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
    let waiter: { position: bigint; done: () => void } | undefined;
    try {
      const arrived = new Promise<true>((resolve) => {
        waiter = { position, done: () => resolve(true) };
        this.waiting.add(waiter);
      });
      void this.poll();
      const inTime = await Promise.race([arrived, delay(timeoutMs, false, { signal: ends })]);
      if (!inTime) throw new ReadModelBehind(position, this.position);
    } finally {
      this.waiting.delete(waiter!);
      ending.abort();
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
