import {
  checkedAppend,
  checkedExpectation,
  checkedReadAll,
  checkedReadStream,
  checkedStreamId,
  checkedWhole,
  StoreUnavailable,
  type Appended,
  type Checkpoint,
  type EventAt,
  type EventBatch,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type LogHead,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StoreCondition,
  type StoreOptions,
  type SubscribeOptions,
} from '@gesta/core';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { SqliteDatabase } from '../database/sqlite-database.js';
import { EventNames } from './event-names.js';
import { LogCheckpoints } from './log-checkpoints.js';
import { LogEnd, LogReader, type LogSection } from './log-reader.js';
import { LogWatcher } from './log-watcher.js';
import { StreamReader } from './stream-reader.js';
import { StreamWriter, type EventText } from './stream-writer.js';

/** The most events in a batch of a stream. */
const STREAM_BATCH = 1_000;
/** The most in a batch of the log where nobody asked for another number: with its fold, some milliseconds' work. */
const LOG_BATCH = 500;

/**
 * Events in an SQLite file. Any number of stores and processes may use one file at once; appends that come in together
 * share a transaction, and each is on the disk when it resolves.
 */
export class SqliteEventStore implements EventStore {
  readonly #connection: SqliteConnection;
  readonly #names: EventNames;
  readonly #end: LogEnd;
  readonly #streams: StreamReader;
  readonly #writer: StreamWriter;
  readonly #watcher: LogWatcher;
  readonly #checkpoints: LogCheckpoints;
  readonly #id: string;
  readonly #now: () => Date;
  #closing: Promise<void> | undefined;

  /**
   * @param database the store becomes its user in the caller's place: closing the store releases it
   * @param options `now` stamps events; the system's clock when absent
   */
  constructor(
    private readonly database: SqliteDatabase,
    { now = () => new Date() }: Partial<StoreOptions> = {},
  ) {
    const { db } = (this.#connection = database.events);
    this.#now = now;
    this.#names = new EventNames(db);
    this.#end = new LogEnd(db);
    this.#streams = new StreamReader(db, this.#names);
    this.#writer = new StreamWriter(db, this.#end, this.#names);
    this.#watcher = new LogWatcher(this.#connection, this.#end, this.#names, !database.inMemory);
    this.#id = db.prepare<[], string>('SELECT id FROM event_log').pluck().get()!;
    this.#checkpoints = new LogCheckpoints(this.#id);
  }

  async append(
    streamId: string,
    events: readonly EventToAppend[],
    { expected }: { expected: ExpectedRevision },
  ): Promise<Appended> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedAppend(events, expected);
    const texts = events.map(asText);
    const recordedAt = this.#now().getTime();
    const appended = await this.#connection.write(() => this.#writer.append(streamId, texts, expected, recordedAt));
    this.#names.catchUp();
    return appended;
  }

  async beginsAt(streamId: string, revision: number): Promise<boolean> {
    this.#refuseWhenClosed();
    return this.#streams.beginsAt(streamId, revision);
  }

  async *readStream(streamId: string, options: ReadStreamOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    checkedStreamId(streamId);
    checkedReadStream(options);
    const { direction = 'forwards', signal } = options;
    const backwards = direction === 'backwards';
    let from = options.from ?? (backwards ? Number.MAX_SAFE_INTEGER : 0);
    for (let left = options.limit ?? Infinity; left > 0;) {
      this.#refuseWhenClosed();
      signal?.throwIfAborted();
      const most = Math.min(STREAM_BATCH, left);
      const { events, exhausted } = await this.#connection.read(() =>
        this.#streams.batch(streamId, from, backwards, most),
      );
      if (events.length > 0) yield events;
      if (exhausted) return;
      left -= events.length;
      from = events.at(-1)!.revision + (backwards ? -1 : 1);
      await nextTurn(); // a long read lets others have their turn
    }
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<EventBatch> {
    checkedReadAll(options);
    const { after, filter, limit = Infinity, batchSize = LOG_BATCH, signal } = options;
    this.#refuseWhenClosed();
    const reader = new LogReader(this.#connection.db, this.#end, this.#names, filter);
    let place = await this.#placeOf(after);
    for (let left = limit; left > 0;) {
      this.#refuseWhenClosed();
      signal?.throwIfAborted();
      const section = await this.#connection.read(() => reader.section(place, Math.min(batchSize, left)));
      yield this.#batch(section);
      if (section.caughtUp) return;
      place = section.reached;
      left -= section.events.length;
      await nextTurn();
    }
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    checkedReadAll(options);
    const { after, filter, batchSize = LOG_BATCH, signal } = options;
    this.#refuseWhenClosed();
    const reader = new LogReader(this.#connection.db, this.#end, this.#names, filter);
    let place = await this.#placeOf(after);
    while (!signal.aborted && !this.#closing) {
      const section = await this.#connection.read(() => reader.section(place, batchSize));
      yield this.#batch(section);
      place = section.reached;
      if (!section.caughtUp) {
        await nextTurn();
        continue;
      }
      for (;;) {
        const passed = await this.#watcher.beyond(place, signal, filter);
        if (passed === undefined) break;
        place = passed.reached;
        yield this.#batch({ events: [], ...passed, caughtUp: true });
        if (signal.aborted || this.#closing) break;
      }
    }
  }

  async head(): Promise<LogHead> {
    this.#refuseWhenClosed();
    const { end, at } = await this.#connection.read(() => {
      const end = this.#end.position();
      return { end, at: this.#end.lastUpTo(end) };
    });
    return { checkpoint: this.#checkpoints.at(end), position: BigInt(end), at };
  }

  async log(): Promise<string> {
    this.#refuseWhenClosed();
    this.database.checkFile();
    return this.#id;
  }

  async eventAt(position: bigint): Promise<EventAt | undefined> {
    this.#refuseWhenClosed();
    return this.#connection.read(() => this.#end.at(position));
  }

  async deleteStream(streamId: string, { expected }: { expected: ExpectedRevision }): Promise<void> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedExpectation(expected);
    await this.#connection.write(() => this.#writer.deleteStream(streamId, expected));
  }

  async truncateStream(streamId: string, before: number): Promise<void> {
    this.#refuseWhenClosed();
    checkedStreamId(streamId);
    checkedWhole('before', before);
    await this.#connection.write(() => this.#writer.truncateStream(streamId, before));
  }

  condition(): Promise<StoreCondition> {
    this.#refuseWhenClosed();
    return this.database.condition(this.#connection);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#watcher.close();
    await this.#connection.drain();
    await this.database.release();
  }

  #batch({ events, reached, caughtUp, at }: LogSection): EventBatch {
    return { events, checkpoint: this.#checkpoints.at(reached), position: BigInt(reached), caughtUp, at };
  }

  #placeOf(after: Checkpoint | undefined): Promise<number> {
    return this.#connection.read(() => this.#checkpoints.placeOf(after, this.#end.position()));
  }

  #refuseWhenClosed(): void {
    if (this.#closing) throw new StoreUnavailable('The event store was closed');
  }
}

/** As it was when it was given: a later change of the object, by whoever holds it, is not stored. */
function asText({ id, type, version, commandId, headers, data }: EventToAppend): EventText {
  return { id, type, version, commandId, headers: JSON.stringify(headers), data: JSON.stringify(data) };
}
