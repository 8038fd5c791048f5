import { StoreUnavailable } from '@gesta/core';
import { isPassing, NotShownYet } from './failures.js';

/** How soon after a write was given up another one is tried, and after that one the next, in milliseconds. */
const TRY_AGAIN_MS = 1_000;

/**
 * Knows how long writes wait for their answers. A write that was given up counts on, until another is answered: while
 * nobody tells that writes go through again, they do not. As nobody may try, with readiness down, one is tried here.
 */
export class WatchedWrites {
  readonly #waiting = new Set<{ readonly since: number }>();
  /** Since when the first of those waited that were given up. */
  #givenUpSince: number | undefined;
  #trying: NodeJS.Timeout | undefined;
  #ended = false;

  /** @param tryOne writes something that hurts nobody, and resolves when the server has it safe */
  constructor(private readonly tryOne: () => Promise<unknown>) {}

  /** How long the one has waited that has waited longest, in milliseconds; 0 when none does. */
  oldest(): number {
    const [oldest] = this.#waiting; // in the order of their coming
    const since = Math.min(oldest?.since ?? Infinity, this.#givenUpSince ?? Infinity);
    return since === Infinity ? 0 : performance.now() - since;
  }

  /** Watches a write; what becomes of it is what becomes of this. */
  async watch<T>(write: Promise<T>): Promise<T> {
    const waits = { since: performance.now() };
    this.#waiting.add(waits);
    try {
      const written = await write;
      this.#givenUpSince = undefined;
      return written;
    } catch (error) {
      if (isGivenUp(error)) {
        this.#givenUpSince ??= waits.since;
        this.#trySoon();
      }
      throw error;
    } finally {
      this.#waiting.delete(waits);
    }
  }

  /** Tries no more. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#trying);
  }

  #trySoon(): void {
    if (this.#trying || this.#ended) return;
    this.#trying = setTimeout(() => void this.#try(), TRY_AGAIN_MS).unref();
  }

  async #try(): Promise<void> {
    try {
      if (this.#givenUpSince !== undefined) await this.tryOne();
      this.#givenUpSince = undefined;
    } catch (error) {
      // Who may not write it, or is refused, has an answer all the same.
      if (!isGivenUp(error)) this.#givenUpSince = undefined;
    }
    this.#trying = undefined;
    if (this.#givenUpSince !== undefined) this.#trySoon();
  }
}

/** Whether the server did not say what became of it. */
function isGivenUp(error: unknown): boolean {
  const cause = error instanceof StoreUnavailable ? error.cause : error;
  return isPassing(cause) && !(cause instanceof NotShownYet);
}
