import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { LogReplaced } from '../store/errors.js';
import type { EventStore, LogHead } from '../store/event-store.js';
import { eventThere, LOOK_EVERY_MS, PATIENCE_MS } from './documents-of-another-log.js';

/** How often it is looked whether the log is still the one it was, in milliseconds. */
const EVERY_MS = 5_000;

/** The end of the log as it was last seen. */
interface Seen {
  readonly log: string | undefined;
  readonly head: LogHead;
}

/**
 * Looks every few seconds whether the log is still the one it was, once for the whole process. A store that was replaced or put
 * back need not break a connection: behind a proxy, or after a moment's absence, nobody else would hear of it. Where nothing
 * was appended since, it asks for the end of the log alone.
 */
export class LogWatch {
  private readonly stopping = new AbortController();
  private waiting = new AbortController();
  private running: Promise<void> | undefined;
  private seen: Seen | undefined;
  private looking: Promise<void> | undefined;
  /** When it was last told that the log is another one. */
  private toldAt = -Infinity;

  /** @param replaced hears that the log is another one, or was put back to an older state */
  constructor(
    private readonly store: EventStore,
    private readonly replaced: (error: LogReplaced) => void,
    private readonly everyMs = EVERY_MS,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Does not wait until it is time: somebody has reason to believe that the log is another one. */
  lookNow(): void {
    this.waiting.abort();
  }

  /** The log's id as it was last seen; `undefined` where it was not looked at yet, or the store tells of none. */
  get log(): string | undefined {
    return this.seen?.log;
  }

  /**
   * Looks at once, as somebody has met what is not of this log. Of what came between two looks nobody else knows: it is told
   * of the log in any case, unless it was a moment ago.
   * @param met says what
   * @throws {StoreUnavailable}
   */
  async lookBecause(met: string): Promise<void> {
    await this.look();
    if (performance.now() - this.toldAt > this.everyMs) this.tell(new LogReplaced(met));
  }

  private look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => (this.looking = undefined));
    return this.looking;
  }

  /** A call that is under way is not waited for. */
  stop(): void {
    this.stopping.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch {
        // A store that is away is told of by those who need it.
      }
      this.waiting = new AbortController();
      const ends = AbortSignal.any([signal, this.waiting.signal]);
      await delay(this.everyMs, undefined, { signal: ends, ref: false }).catch(() => undefined);
    }
  }

  private async lookOnce(): Promise<void> {
    const error = await this.changed();
    if (error && !this.stopping.signal.aborted) this.tell(error);
  }

  private tell(error: LogReplaced): void {
    this.toldAt = performance.now();
    this.replaced(error);
  }

  private async changed(): Promise<LogReplaced | undefined> {
    const { store, seen: before } = this;
    const head = await store.head();
    const isWhereItWas = before?.head.at && before.head.at.id === head.at?.id;
    if (isWhereItWas && before.head.at?.position === head.at?.position) return undefined;
    const change = before && (await this.change(before, head));
    this.seen = { log: await store.log(), head: change === undefined ? head : await store.head() };
    return change === undefined ? undefined : new LogReplaced(change);
  }

  /** What has become of the log, in words, where it does not only go on. */
  private async change(before: Seen, now: LogHead): Promise<string | undefined> {
    const { store } = this;
    const { at, position } = before.head;
    let { position: end } = now;
    for (const until = performance.now() + PATIENCE_MS; end < position;) {
      if (await this.isAnother(before)) return ANOTHER;
      // A node that is behind the others comes to where they are.
      if (performance.now() > until) {
        return `The log was put back to an older state: it ends at ${end}, and ended at ${position} before`;
      }
      await delay(LOOK_EVERY_MS);
      ({ position: end } = await store.head());
    }
    const there = at && (await eventThere(store, at.position));
    if (there?.id === at?.id && at) return undefined;
    if (await this.isAnother(before)) return ANOTHER;
    // Where there is none, it was removed since, or the store did not tell of one.
    return there && `The log was put back to an older state: at ${there.position} is another event than before`;
  }

  private async isAnother({ log: before }: Seen): Promise<boolean> {
    const log = await this.store.log();
    return before !== undefined && log !== undefined && log !== before;
  }
}

const ANOTHER = 'The event store has another log than before: it was begun anew, or another one is there';
