import { StoreUnavailable } from '../store/errors.js';
import type { EventStore } from '../store/event-store.js';

/** As much of an event store as a command needs. */
export type CommandStore = Pick<EventStore, 'append' | 'readStream' | 'beginsAt'>;

const PATIENCE_MS = 10_000;
/** So much longer than the store's own patience, whose error says more. */
const GRACE = 1.05;
const GRACE_MS = 100;
/** The most between two looks at what has waited for too long, in milliseconds. */
const LOOK_EVERY_MS = 250;

/** Calls that wait for a store, each no longer than its patience. There is one timer for all of them. */
export class CallPatience {
  private readonly ms: number;
  private readonly endsAfterMs: number;
  /** The oldest first. */
  private readonly calls = new Set<PatientCall>();
  private timer: NodeJS.Timeout | undefined;

  /** @param ms how long a call may take; 10,000 when absent */
  constructor(ms = PATIENCE_MS) {
    this.ms = ms;
    this.endsAfterMs = ms * GRACE + GRACE_MS;
  }

  /**
   * Runs the work of one call; what it still asks of the store when its time is up is refused.
   * @throws {StoreUnavailable} when its time is up, whatever hangs
   */
  async during<T>(stream: string, store: EventStore, work: (call: PatientCall) => Promise<T>): Promise<T> {
    const call = new PatientCall(stream, store, this.ms);
    this.calls.add(call);
    this.timer ??= setInterval(() => this.look(), Math.min(LOOK_EVERY_MS, this.endsAfterMs / 4)).unref();
    try {
      return await call.inTime(() => work(call));
    } finally {
      this.calls.delete(call);
      if (this.calls.size === 0) {
        clearInterval(this.timer);
        this.timer = undefined;
      }
    }
  }

  private look(): void {
    for (const call of this.calls) {
      if (call.forMs < this.endsAfterMs) return;
      call.end();
    }
  }
}

/** One call, from when it was made on. */
export class PatientCall {
  private readonly since = performance.now();
  private readonly ending = Promise.withResolvers<never>();
  private ended: StoreUnavailable | undefined;
  private begun = false;

  /** The store, of which nothing is waited for when the time is up, and nothing asked. */
  readonly store: CommandStore;

  constructor(
    private readonly stream: string,
    store: EventStore,
    private readonly patienceMs: number,
  ) {
    this.ending.promise.catch(() => undefined); // where nothing is waited for just now
    this.store = {
      append: (...args) => this.inTime(() => store.append(...args)),
      readStream: (...args) => this.reading(() => store.readStream(...args)),
      ...(store.beginsAt && { beginsAt: (...args) => this.inTime(() => store.beginsAt!(...args)) }),
    };
  }

  /** How long it has taken until now. */
  get forMs(): number {
    return performance.now() - this.since;
  }

  /** It is its turn. */
  begin(): void {
    this.begun = true;
  }

  /** Whether something that takes so long can be begun. */
  hasTimeFor(ms: number): boolean {
    return this.forMs + ms <= this.patienceMs;
  }

  /** @throws {StoreUnavailable} when the call's time is up */
  inTime<T>(work: () => Promise<T>): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    return Promise.race([work(), this.ending.promise]);
  }

  end(): void {
    const ms = Math.round(this.forMs);
    this.ended ??= new StoreUnavailable(
      this.begun
        ? `A command on ${this.stream} has not come to its end in ${ms} ms. It may have been carried out: try again, under the same command id`
        : `A command on ${this.stream} has waited for ${ms} ms behind others on it, and was not begun: try again later`,
    );
    this.ending.reject(this.ended);
  }

  private async *reading<T>(read: () => AsyncIterable<T>): AsyncGenerator<T> {
    if (this.ended) throw this.ended;
    const iterator = read()[Symbol.asyncIterator]();
    let asked = true;
    try {
      for (;;) {
        asked = true;
        const { done, value } = await this.inTime(() => iterator.next());
        if (done) return;
        asked = false;
        yield value as T;
      }
    } finally {
      // One that hangs hears of it when it has an answer; nobody waits for that.
      if (this.ended) iterator.return?.().catch(() => undefined);
      else if (!asked) await iterator.return?.();
    }
  }
}
