import type { EventAt } from '@gesta/core';
import type { EsdbClient } from '../connection/esdb-client.js';
import { Ended, NoAnswer, NodeChanged } from '../connection/failures.js';
import { Responses } from '../connection/responses.js';
import type { LogFilter } from './log-filter.js';
import type { LogIdentity } from './log-identity.js';
import { isBehind, type LogPlace } from './log-place.js';
import type { LogEnd, LogReader, LogSection } from './log-reader.js';
import { subscriptionRequest } from './read-requests.js';
import { sizeOf, storedEvent, type StoredEvent } from './stored-event.js';

/** How much of the log's end is kept for those who are a little behind: so many events, and about so many bytes. */
const MOST_EVENTS = 4_096;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * The live end of the log: one subscription to all of it, for every reader of a store. As it sees every event, each
 * reader knows at once how far it is, also where nothing matches its filter; a filtered subscription would tell only
 * every so many events. Readers take from it as they can; who falls out of what is kept reads the log again.
 */
export class LogTail {
  #followed: Promise<FollowedTail> | undefined;
  #readers = 0;

  constructor(
    private readonly client: EsdbClient,
    private readonly reader: LogReader,
    private readonly identity: LogIdentity,
    private readonly deadlineMs: number,
  ) {}

  /** Follows the log while at least one reader wants it. */
  enter(): void {
    this.#readers++;
  }

  leave(): void {
    if (--this.#readers <= 0) this.renew();
  }

  /** What is followed may be of another log: it is begun anew. */
  renew(): void {
    this.#followed?.then(
      (tail) => tail.stop(),
      () => undefined,
    );
    this.#followed = undefined;
  }

  /** The tail that is followed at present, from some place near the end on. */
  async now(): Promise<FollowedTail> {
    const known = this.#followed;
    if (known && !(await known).lost) return known;
    // Whoever comes first starts it anew; the others wait for the same.
    if (!this.#followed || this.#followed === known) this.#followed = this.#start();
    return this.#followed;
  }

  #start(): Promise<FollowedTail> {
    const started = FollowedTail.start(this.client, this.reader, this.identity, this.deadlineMs);
    started.catch(() => {
      if (this.#followed === started) this.#followed = undefined;
    });
    return started;
  }
}

/** The log from a place on, as it grows, until the connection is lost. */
export class FollowedTail {
  /** Everything behind this place is here. */
  #start: LogPlace;
  #end: LogPlace;
  /** The last event before those that are here. */
  #before: EventAt | undefined;
  #events: StoredEvent[] = [];
  #bytes = 0;
  #lost: unknown;
  #wakeSoon = false;
  readonly #waiting = new Set<() => void>();

  private constructor(
    private readonly responses: Responses,
    private readonly reader: LogReader,
    /** The end from which on the log is followed. */
    readonly begun: LogEnd,
    /** Which log it is; `undefined` where it is not known. */
    readonly log: string | undefined,
  ) {
    this.#start = this.#end = begun.place;
    this.#before = begun.at;
    void this.#follow();
  }

  static async start(
    client: EsdbClient,
    reader: LogReader,
    identity: LogIdentity,
    deadlineMs: number,
  ): Promise<FollowedTail> {
    const end = await reader.end();
    const log = await identity.read();
    const responses = new Responses(await client.read(subscriptionRequest(end.place)));
    try {
      if (client.connections !== end.connection) throw new NodeChanged();
      const confirmation = await responses.more(deadlineMs);
      if (confirmation !== 'message') throw new NoAnswer(deadlineMs);
      return new FollowedTail(responses, reader, end, log);
    } catch (error) {
      responses.cancel();
      throw error;
    }
  }

  /** The last place that has come. */
  get end(): LogPlace {
    return this.#end;
  }

  /** Why it is followed no longer. */
  get lost(): unknown {
    return this.#lost;
  }

  /** Whether everything behind the place is here. */
  covers(place: LogPlace): boolean {
    return !isBehind(this.#start, place);
  }

  /** What has come behind the place, which must be covered; `most` events at the most. */
  section(after: LogPlace, filter: LogFilter, most: number): LogSection {
    const events: StoredEvent[] = [];
    let index = this.#indexBehind(after);
    let place = after;
    for (; index < this.#events.length && events.length < most; index++) {
      const event = this.#events[index]!;
      place = event.place;
      if (filter.matches(event) && !this.reader.removed.has(event)) events.push(event);
    }
    const last = this.#events[index - 1];
    const at = last ? { id: last.id, position: last.place.commit } : this.#before;
    return { events, place, caughtUp: index === this.#events.length, at, end: this.#end };
  }

  /**
   * Resolves when the log has gone on behind the place, or at the signal.
   * @throws what the connection was lost by
   */
  async beyond(place: LogPlace, signal: AbortSignal): Promise<void> {
    while (!isBehind(this.#end, place) && !signal.aborted) {
      if (this.#lost !== undefined) throw this.#lost;
      await new Promise<void>((resolve) => {
        const wake = () => {
          signal.removeEventListener('abort', wake);
          this.#waiting.delete(wake);
          resolve();
        };
        signal.addEventListener('abort', wake);
        this.#waiting.add(wake);
      });
    }
  }

  stop(): void {
    this.responses.cancel();
  }

  async #follow(): Promise<void> {
    try {
      for (;;) {
        const message = this.responses.take();
        if (message) {
          const record = message.getEvent()?.getEvent();
          if (record) this.#add(storedEvent(record));
        } else if ((await this.responses.more()) === 'end') {
          throw new Ended();
        }
      }
    } catch (error) {
      this.#lost = error;
      this.#wake();
    }
  }

  #add(event: StoredEvent): void {
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    this.#end = event.place;
    this.reader.removed.follow(event, this.begun.place);
    if (this.#events.length > 2 * MOST_EVENTS || this.#bytes > 2 * MOST_BYTES) this.#forget();
    if (this.#wakeSoon) return;
    this.#wakeSoon = true;
    setImmediate(() => this.#wake());
  }

  /** Down to what is kept, all at once: events are not shifted one by one. */
  #forget(): void {
    let count = 0;
    while (this.#events.length - count > 1 && (this.#events.length - count > MOST_EVENTS || this.#bytes > MOST_BYTES)) {
      this.#bytes -= sizeOf(this.#events[count++]!);
    }
    const last = this.#events[count - 1];
    if (last) {
      this.#start = last.place;
      this.#before = { id: last.id, position: last.place.commit };
    }
    this.#events = this.#events.slice(count);
  }

  #indexBehind(place: LogPlace): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBehind(this.#events[middle]!.place, place)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #wake(): void {
    this.#wakeSoon = false;
    for (const wake of this.#waiting) wake();
  }
}
