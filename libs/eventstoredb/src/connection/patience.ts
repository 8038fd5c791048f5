import { status } from '@grpc/grpc-js';
import { setTimeout as delay } from 'node:timers/promises';
import { isCallFailure, isPassing, unavailable } from './failures.js';

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1_000;

/** How long something is tried again that fails because the server is away. It is counted from the call. */
export class Patience {
  #failures = 0;
  /** Since when nothing has succeeded that was tried; `undefined` while nothing is tried. */
  #since: number | undefined;

  /**
   * @param ms how long the server may stay away
   * @param shown the store's name in messages
   * @param ending says that nobody waits any more
   * @param since when the call was made, by `performance.now()`
   */
  constructor(
    private readonly ms: number,
    private readonly shown: string,
    private readonly ending?: AbortSignal,
    since = performance.now(),
    /** An answer did not come in time. */
    private readonly unanswered: () => unknown = () => undefined,
  ) {
    this.#since = since;
  }

  /** How long one try may take, in milliseconds, of which a call has `most` at the most. */
  within(most: number): number {
    if (this.#since === undefined) return Math.min(most, this.ms);
    return Math.max(1, Math.min(most, this.ms - (performance.now() - this.#since)));
  }

  /** Something is tried: the time counts, unless it counts already. */
  begun(): void {
    this.#since ??= performance.now();
  }

  /** The server has answered: what comes next has all the time again. */
  succeeded(): void {
    this.#failures = 0;
    this.#since = undefined;
  }

  /**
   * Waits a little, longer each time, before the next try.
   * @throws the error itself when it is not about the server
   * @throws {StoreUnavailable} when trying again is no use, or the time is over
   */
  async afterFailure(failure: unknown): Promise<void> {
    if (!isCallFailure(failure)) throw failure;
    if (!isPassing(failure)) throw unavailable(this.shown, failure);
    if ((failure as { code?: unknown }).code === status.DEADLINE_EXCEEDED) this.unanswered();
    const now = performance.now();
    this.#since ??= now;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++) * (0.75 + Math.random() / 2);
    if (now + wait - this.#since > this.ms) throw unavailable(this.shown, failure);
    await delay(wait, undefined, { signal: this.ending }).catch(() => undefined);
  }
}
