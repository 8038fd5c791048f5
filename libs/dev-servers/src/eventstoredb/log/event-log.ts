import { StoreUnavailable } from '@gesta/core';
import { SqliteDatabase } from '@gesta/sqlite';
import { AllReader, type AllPage, type AllRead } from './all-reader.js';
import { DataLock } from '../../data/data-lock.js';
import { EventRows } from './event-rows.js';
import { LinkResolver } from './link-resolver.js';
import type { ExpectedRevision, LogEvent, ProposedEvent, WriteOutcome } from './log-event.js';
import { createLogTables } from './log-tables.js';
import { LaggingReads } from './lagging-reads.js';
import { LogWatcher } from './log-watcher.js';
import { NameTable } from './name-table.js';
import { NumberedView } from './numbered-view.js';
import { Scavenger } from './scavenger.js';
import { categoryOf, categoryStream, isMetastream, metastreamOf, STREAMS_STREAM, typeStream } from './stream-names.js';
import { StreamReader, type StreamPage, type StreamRead } from './stream-reader.js';
import { StreamTable } from './stream-table.js';
import { StreamWriter } from './stream-writer.js';

/** The name under which the whole log is waited for. */
export const ALL = '$all';

/**
 * The event log of one server: what EventStoreDB does with streams, on a file of `@gesta/sqlite` or in memory.
 *
 * Reads are answered at once, a page at a time, and hold nothing open. An append or deletion resolves when it is on the
 * disk. Whoever wants more than a page waits with {@link EventLog.grown} and reads again.
 */
export class EventLog {
  readonly #database: SqliteDatabase;
  readonly #writer: StreamWriter;
  readonly #streams: StreamTable;
  readonly #reader: StreamReader;
  readonly #all: AllReader;
  readonly #links: LinkResolver;
  readonly #watcher = new LogWatcher();
  readonly #lagging: LaggingReads;
  #version = 0;
  #closed = false;

  private constructor(
    database: SqliteDatabase,
    readsLagMs: number,
    private readonly lock?: DataLock,
  ) {
    this.#lagging = new LaggingReads(readsLagMs);
    const { db } = database.events;
    createLogTables(db);
    this.#database = database;
    database.events.onCommit(() => this.#version++);
    this.#writer = new StreamWriter(db);
    this.#streams = new StreamTable(db, () => {
      throw new Error('A reader adds no names');
    });
    const rows = new EventRows(db);
    this.#links = new LinkResolver(this.#streams, new NumberedView(db, 'stream'), rows);
    this.#reader = new StreamReader(db, this.#streams, new NameTable(db, 'esdb_name'), rows, this.#links);
    this.#all = new AllReader(db, rows, this.#links);
  }

  /**
   * @param file where the events are kept, made with its folder if it is not there; in memory without one
   * @param readsLagMs how long reads lag behind the writer where that can be told; see {@link EventLog.readStream}
   * @throws {StoreUnavailable} when the file cannot be opened, is another application's, or is in use by another server
   */
  static async open(file?: string, readsLagMs = 0): Promise<EventLog> {
    if (file === undefined) return new EventLog(await SqliteDatabase.open('sqlite::memory:'), readsLagMs);
    const database = await SqliteDatabase.open(`sqlite:${file}`);
    try {
      return new EventLog(database, readsLagMs, await DataLock.take(database.location));
    } catch (error) {
      await database.release();
      throw error;
    }
  }

  /** The file, for tables beside the log's own; write with `database.events.write`. */
  get database(): SqliteDatabase {
    return this.#database;
  }

  /** Another number after every write: as long as it is the same, so is what can be read. */
  get version(): number {
    return this.#version;
  }

  /** Appends all the events or none. Resolves when they are on the disk. */
  async append(streamId: string, events: readonly ProposedEvent[], expected: ExpectedRevision): Promise<WriteOutcome> {
    const [created, since] = [now(), performance.now()];
    const outcome = await this.#database.events
      .write(() => this.#writer.append(streamId, events, expected, created))
      .catch((error: unknown) => {
        if (!this.#closed) this.#writer.forget(streamId, events);
        throw error;
      });
    if (outcome.result === 'written') {
      this.#announce(streamId, events);
      if (outcome.position !== undefined)
        this.#appended(streamId, outcome.revision - events.length, outcome.beganAgain);
    } else if (outcome.result === 'wrong-expected-revision') this.#lagging.refused(streamId, since);
    return outcome;
  }

  /** Hides all the stream's events; a later append continues its revisions. */
  async deleteStream(streamId: string, expected: ExpectedRevision): Promise<WriteOutcome> {
    const created = now();
    const outcome = await this.#database.events.write(() => this.#writer.softDelete(streamId, expected, created));
    if (outcome.result === 'written') this.#announce(metastreamOf(streamId), [{ type: '$metadata' }]);
    return outcome;
  }

  /** Ends the stream for good: nothing of it can be read, and nothing be appended to it. */
  async tombstoneStream(streamId: string, expected: ExpectedRevision): Promise<WriteOutcome> {
    const created = now();
    const outcome = await this.#database.events.write(() => this.#writer.tombstone(streamId, expected, created));
    if (outcome.result === 'written') this.#announce(streamId, [{ type: '$streamDeleted' }]);
    return outcome;
  }

  /**
   * One page of a stream as a single read shows it, which may lag: behind what has just refused another writer, and
   * where the stream has just begun again.
   * @throws {StoreUnavailable} when the log is closed
   */
  readStreamOnce(streamId: string, read: StreamRead): StreamPage {
    this.#checkOpen();
    return this.#reader.read(streamId, { ...read, through: this.#lagging.through(streamId) });
  }

  /**
   * One page of a stream, which may also be `$ce-<category>`, `$et-<type>` or `$streams`.
   * @throws {StoreUnavailable} when the log is closed
   */
  readStream(streamId: string, read: StreamRead): StreamPage {
    this.#checkOpen();
    return this.#reader.read(streamId, read);
  }

  /**
   * One page of the whole log.
   * @throws {StoreUnavailable} when the log is closed
   */
  readAll(read: AllRead): AllPage {
    this.#checkOpen();
    return this.#all.read(read);
  }

  /** The event of that revision, if the stream has it and still shows it. */
  readEvent(streamId: string, revision: number): LogEvent | undefined {
    return this.#links.find(streamId, revision);
  }

  /** The tombstone of a stream that has one. */
  tombstoneOf(streamId: string): LogEvent | undefined {
    return this.#reader.tombstone(streamId);
  }

  /** Whether reading the whole log can begin at the position. */
  isPlace(position: number): boolean {
    return this.#all.isPlace(position);
  }

  /** The position of the last event, 0 in an empty log. */
  end(): number {
    return this.#all.end();
  }

  /** The revision of the stream's last event; -1 for none, `TOMBSTONE_REVISION` for a tombstone. */
  lastRevision(streamId: string): number {
    return this.#reader.last(streamId);
  }

  /** The stream's metadata as it was written, a JSON object; undefined for none. */
  metadataOf(streamId: string): Record<string, unknown> | undefined {
    const settings = this.#streams.find(streamId)?.settings;
    return settings ? (JSON.parse(settings) as Record<string, unknown>) : undefined;
  }

  /**
   * Resolves after the next append to the stream, or to any when it is {@link ALL}; at once when the signal is or
   * becomes aborted or the log is closed. Call it in the turn in which you read to the end: then nothing is missed.
   */
  grown(streamId: string, signal: AbortSignal): Promise<void> {
    return this.#watcher.next(streamId, signal);
  }

  /**
   * Removes what no reader of a stream sees any more: by its metadata, or because it was deleted. The last event of a
   * stream stays, unless it has a tombstone.
   * @returns how many events were removed
   */
  scavenge(signal: AbortSignal): Promise<number> {
    return new Scavenger(this.#database, this.#streams).run(signal);
  }

  /** Finishes accepted writes and lets go of the file. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher.close();
    await this.#database.release();
    this.lock?.release();
  }

  /** Whoever was waiting when the log was closed learns it here, and does not wait again. */
  #checkOpen(): void {
    if (this.#closed) throw new StoreUnavailable('The event log is closed');
  }

  #appended(streamId: string, before: number, beganAgain = false): void {
    if (!beganAgain) return this.#lagging.appended(streamId, before);
    // The deletion is lifted in a second write.
    this.#lagging.hide(streamId, -1);
    const metastream = metastreamOf(streamId);
    this.#lagging.hide(metastream, this.#reader.last(metastream) - 1);
  }

  #announce(streamId: string, events: readonly Pick<ProposedEvent, 'type'>[]): void {
    this.#watcher.grown(ALL);
    this.#watcher.grown(streamId);
    this.#watcher.grown(STREAMS_STREAM);
    const category = categoryOf(streamId);
    if (category !== undefined) this.#watcher.grown(categoryStream(category));
    for (const type of new Set(events.map((event) => event.type))) this.#watcher.grown(typeStream(type));
    // Writing to a stream that was deleted rewrites its metadata.
    this.#watcher.grown(metastreamOf(streamId));
    if (!isMetastream(streamId)) this.#watcher.grown(typeStream('$metadata'));
  }
}

function now(): number {
  return Date.now() * 1_000;
}
