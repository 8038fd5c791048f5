import {
  checkedAppend,
  checkedExpectation,
  checkedReadAll,
  checkedReadStream,
  checkedStreamId,
  checkedWhole,
  StoreUnavailable,
  type Appended,
  type EventAt,
  type EventBatch,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type LogHead,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
} from '@gesta/core';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BatchAppender } from './connection/batch-appender.js';
import { connectionSettings, type ConnectionSettings } from './connection/connection-url.js';
import { EsdbClient } from './connection/esdb-client.js';
import { Patience } from './connection/patience.js';
import { checkServer } from './connection/server-check.js';
import { WatchedWrites } from './connection/watched-writes.js';
import { followLog, LOOK_EVERY_MS, NODE_LAGS_MS } from './log/follow-log.js';
import { logFilter } from './log/log-filter.js';
import { LogIdentity } from './log/log-identity.js';
import { checkedPlace, checkpointAt, isBeyond, placeOf, positionAt, type LogPlace } from './log/log-place.js';
import { batchOf, LogReader, type LogSection } from './log/log-reader.js';
import { LogTail } from './log/log-tail.js';
import { LivingStreams } from './streams/living-streams.js';
import { StreamReader } from './streams/stream-reader.js';
import { StreamRemover } from './streams/stream-remover.js';
import { StreamSight } from './streams/stream-sight.js';
import { StreamView } from './streams/stream-view.js';
import { StreamWriter } from './streams/stream-writer.js';
import { WritersWord } from './streams/writers-word.js';
import { WrittenStreams } from './streams/written-streams.js';

/** The most events in a batch where nobody asked for another number. */
const BATCH = 1_000;
const PATIENCE_MS = 10_000;

export interface EventStoreDBOptions {
  /**
   * How long the server may stay away, at the start and later, before a call or a subscription fails, in milliseconds;
   * 10,000 when absent.
   */
  readonly patienceMs?: number;
}

/** What the store does its work by. It remembers something of the log and its streams. */
interface StoreParts {
  readonly streams: StreamView;
  readonly remover: StreamRemover;
  readonly sight: StreamSight;
  readonly writer: StreamWriter;
  readonly log: LogReader;
  readonly tail: LogTail;
  readonly identity: LogIdentity;
}

function partsOf(
  client: EsdbClient,
  appender: BatchAppender,
  { shown, deadlineMs }: ConnectionSettings,
  patienceMs: number,
): StoreParts {
  const reader = new StreamReader(client, deadlineMs);
  const word = new WritersWord(appender);
  const written = new WrittenStreams();
  const log = new LogReader(client, deadlineMs);
  const living = new LivingStreams(client, log, deadlineMs);
  const sight = new StreamSight(reader, log, word, deadlineMs);
  const remover = new StreamRemover(client, appender, sight, word, written, living, deadlineMs);
  const identity = new LogIdentity(reader, appender, shown, patienceMs);
  return {
    streams: new StreamView(reader, sight, written, living),
    remover,
    sight,
    writer: new StreamWriter(appender, reader, sight, word, remover, written, living, shown, deadlineMs),
    log,
    tail: new LogTail(client, log, identity, deadlineMs),
    identity,
  };
}

/** Events in an EventStoreDB, or a KurrentDB. */
export class EventStoreDBEventStore implements EventStore {
  readonly #client: EsdbClient;
  readonly #appender: BatchAppender;
  #parts: StoreParts;
  readonly readsLagMs = NODE_LAGS_MS;
  readonly #settings: ConnectionSettings;
  /** How long the node that is asked may be behind the one that leads, in milliseconds. */
  readonly #nodeLagsMs: number;
  readonly #shown: string;
  readonly #patienceMs: number;
  readonly #closing = new AbortController();
  readonly #writing = new Set<Promise<unknown>>();
  readonly #watched: WatchedWrites;
  #closed: Promise<void> | undefined;

  private constructor(client: EsdbClient, settings: ConnectionSettings, patienceMs: number) {
    this.#client = client;
    this.#settings = settings;
    this.#shown = settings.shown;
    this.#patienceMs = patienceMs;
    this.#appender = new BatchAppender(client, settings.deadlineMs);
    this.#parts = partsOf(client, this.#appender, settings, patienceMs);
    this.#watched = new WatchedWrites(() => this.#held((patience) => this.#parts.identity.tryWriting(patience)));
    this.#nodeLagsMs = settings.nodePreference === 'leader' ? 0 : NODE_LAGS_MS;
    setMaxListeners(0, this.#closing.signal); // any number of readings listen to it
  }

  forget(): void {
    this.#parts.tail.renew();
    this.#parts = partsOf(this.#client, this.#appender, this.#settings, this.#patienceMs);
  }

  /** How long a call waits for the server, in milliseconds. */
  get patienceMs(): number {
    return this.#patienceMs;
  }

  /**
   * Connects, and makes sure that the server will do.
   * @param url such as `esdb://user:password@host:2113`
   * @throws {RangeError} when the URL says nothing that can be followed
   * @throws {StoreUnavailable} when the server cannot be reached in time, refuses the login, or is too old; the message
   * says what to do, and holds no password
   */
  static async open(
    url: string,
    { patienceMs = PATIENCE_MS }: EventStoreDBOptions = {},
  ): Promise<EventStoreDBEventStore> {
    const settings = connectionSettings(url);
    const client = new EsdbClient(settings);
    const store = new EventStoreDBEventStore(client, settings, patienceMs);
    try {
      await checkServer(client, settings, (withinMs) => store.#parts.log.end(withinMs), patienceMs);
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async append(
    streamId: string,
    events: readonly EventToAppend[],
    { expected }: { expected: ExpectedRevision },
  ): Promise<Appended> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedAppend(events, expected);
    const proposed = events.map((event) => this.#parts.writer.proposed(event));
    if (proposed.length > 0) {
      return this.#write((patience) => this.#parts.writer.append(streamId, proposed, expected, patience));
    }
    return this.#held(async (patience) => {
      const actual = await this.#parts.writer.check(streamId, expected, patience);
      const { place } = await this.#try(() => this.#parts.log.end(), patience);
      return { revision: actual === 'no-stream' ? -1 : actual, position: positionAt(place) };
    });
  }

  async *readStream(streamId: string, options: ReadStreamOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedReadStream(options);
    const { signal: asked } = options;
    const signal = this.#ending(asked);
    try {
      yield* this.#parts.streams.events(streamId, { ...options, signal }, this.#patience(signal));
    } catch (error) {
      if (!asked?.aborted) this.#refuseWhenClosed();
      throw error;
    }
  }

  oldestWaiting(): number {
    return this.#watched.oldest();
  }

  async beginsAt(streamId: string, revision: number): Promise<boolean> {
    this.#refuseWhenClosed();
    const patience = this.#patience();
    return this.#try(() => this.#parts.sight.beginsAt(streamId, revision, patience), patience);
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<EventBatch> {
    this.#refuseWhenClosed();
    checkedReadAll(options);
    const { filter, limit = Infinity, batchSize = BATCH, signal } = options;
    const wanted = logFilter(filter);
    const ending = this.#ending(signal);
    const patience = this.#patience(ending);
    let place = placeOf(options.after);
    const start = place;
    const lagsUntil = performance.now() + this.#nodeLagsMs;
    let left = limit;
    while (left > 0) {
      this.#refuseWhenClosed();
      signal?.throwIfAborted();
      try {
        patience.begun();
        const end = await this.#parts.log.end();
        if (place === start && (await this.#isAwaited(place, end.place, lagsUntil, ending))) continue;
        await this.#parts.log.removed.learn(place);
        for await (const section of this.#parts.log.backlog(place, wanted, end, Math.min(batchSize, left), ending)) {
          patience.succeeded();
          const part = limited(section, left);
          place = part.place;
          left -= part.events.length;
          yield batchOf(part);
          signal?.throwIfAborted();
          if (part.caughtUp) return;
          if (left <= 0) break;
        }
      } catch (error) {
        signal?.throwIfAborted();
        this.#refuseWhenClosed();
        await patience.afterFailure(error);
      }
    }
  }

  /**
   * Whether the log is to be looked at again: a node may follow the one that leads, and be behind.
   * @throws {RangeError} when it had all the time for that, and the place is none of this log
   */
  async #isAwaited(place: LogPlace, end: LogPlace, until: number, signal: AbortSignal): Promise<boolean> {
    if (!isBeyond(place, end)) return false;
    if (performance.now() >= until) checkedPlace(place, end);
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    return true;
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    this.#refuseWhenClosed();
    checkedReadAll(options);
    const { after, filter, batchSize = BATCH } = options;
    const signal = this.#ending(options.signal);
    yield* followLog(placeOf(after), {
      reader: this.#parts.log,
      tail: this.#parts.tail,
      filter: logFilter(filter),
      batchSize,
      nodeLagsMs: this.#nodeLagsMs,
      patience: this.#patience(signal),
      signal,
    });
  }

  async head(): Promise<LogHead> {
    this.#refuseWhenClosed();
    const { place, at } = await this.#try(() => this.#parts.log.end(), this.#patience());
    return { checkpoint: checkpointAt(place), position: positionAt(place), at };
  }

  async log(): Promise<string | undefined> {
    this.#refuseWhenClosed();
    return this.#held((patience) => this.#parts.identity.readOrMake(patience));
  }

  async eventAt(position: bigint): Promise<EventAt | undefined> {
    this.#refuseWhenClosed();
    return this.#try(() => this.#parts.log.eventAt(position), this.#patience());
  }

  async deleteStream(streamId: string, { expected }: { expected: ExpectedRevision }): Promise<void> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedExpectation(expected);
    await this.#write((patience) => this.#parts.remover.delete(streamId, expected, patience));
  }

  async truncateStream(streamId: string, before: number): Promise<void> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedWhole('before', before);
    await this.#write((patience) => this.#parts.remover.truncate(streamId, before, patience));
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#watched.end();
    await Promise.allSettled(this.#writing);
    await this.#client.close();
  }

  /** A write: whether writes go through is told by it. */
  #write<T>(work: (patience: Patience) => Promise<T>): Promise<T> {
    return this.#watched.watch(this.#held(work));
  }

  /** Closing waits for it. */
  async #held<T>(work: (patience: Patience) => Promise<T>): Promise<T> {
    const held = work(this.#patience());
    this.#writing.add(held);
    try {
      return await held;
    } finally {
      this.#writing.delete(held);
    }
  }

  /** Again and again while the server is away, as long as patience lasts. */
  async #try<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  #patience(signal?: AbortSignal): Patience {
    return new Patience(this.#patienceMs, this.#shown, signal, performance.now(), () => void this.#client.doubt());
  }

  /** Aborted by the signal, and when the store is closed. */
  #ending(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new StoreUnavailable('The event store was closed');
  }
}

/** As much of the section as is left to be given. */
function limited(section: LogSection, left: number): LogSection {
  if (section.events.length <= left) return section;
  const events = section.events.slice(0, left);
  const { id, place } = events.at(-1)!;
  return { events, place, caughtUp: false, at: { id, position: place.commit }, end: section.end };
}
