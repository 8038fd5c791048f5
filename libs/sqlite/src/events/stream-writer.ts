import {
  categoryOf,
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
  type EventToAppend,
  type ExpectedRevision,
} from '@gesta/core';
import type { Database, Statement } from 'better-sqlite3';
import type { EventNames } from './event-names.js';
import { NO_EVENT } from './event-tables.js';
import type { LogEnd } from './log-reader.js';

/** An event ready to be written. */
export interface EventText extends Pick<EventToAppend, 'id' | 'type' | 'version' | 'commandId'> {
  readonly headers: string;
  readonly data: string;
}

/** Where an event stands, and with what. */
type Place = readonly [id: string, revision: number, position: number, following: number];

/** Changes streams. Every method belongs inside a write; it checks first and refuses before it has written anything. */
export class StreamWriter {
  readonly #insert: Statement<unknown[]>;
  readonly #insertBehind: Statement<unknown[]>;
  readonly #exists: Statement<[string, number], number>;
  readonly #last: Statement<[string], number>;
  readonly #lastOfRemoved: Statement<[string], number>;
  readonly #places: Statement<[string, number, number], Place>;
  readonly #remove: Statement<[string, number]>;
  readonly #rememberLast: Statement<[string, number]>;
  readonly #holdEnd: Statement<[number, number]>;

  constructor(
    db: Database,
    private readonly end: LogEnd,
    private readonly names: EventNames,
  ) {
    // No position: SQLite gives the one after the last. A revision that is taken is left to its owner.
    this.#insert = db.prepare(
      `INSERT INTO event (type, category, recorded_at, version, revision, following, stream, id, command_id, headers, data)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, revision) DO NOTHING`,
    );
    this.#insertBehind = db.prepare(
      `INSERT OR IGNORE INTO event (type, category, recorded_at, version, revision, following, stream, id, command_id, headers, data)
       VALUES (?, ?, ?, ?, (SELECT revision + 1 FROM event WHERE stream = ? AND revision = ?), 0, ?, ?, ?, ?, ?)`,
    );
    this.#exists = db
      .prepare<[string, number], number>('SELECT 1 FROM event WHERE stream = ? AND revision = ?')
      .pluck();
    this.#last = db
      .prepare<[string], number>('SELECT revision FROM event WHERE stream = ? ORDER BY revision DESC LIMIT 1')
      .pluck();
    this.#lastOfRemoved = db
      .prepare<[string], number>('SELECT last_revision FROM event_stream WHERE stream = ?')
      .pluck();
    this.#places = db
      .prepare<[string, number, number], Place>(
        'SELECT id, revision, position, following FROM event WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
      )
      .raw();
    this.#remove = db.prepare<[string, number]>('DELETE FROM event WHERE stream = ? AND revision < ?');
    this.#rememberLast = db.prepare<[string, number]>(
      'INSERT OR REPLACE INTO event_stream (stream, last_revision) VALUES (?, ?)',
    );
    this.#holdEnd = db.prepare<[number, number]>(
      `INSERT INTO event (position, type, category, recorded_at, version, revision, following, stream, id, headers, data)
       VALUES (?, ${NO_EVENT}, ${NO_EVENT}, 0, 0, ?, 0, '', '', '', '')`,
    );
  }

  /**
   * Appends the events, or recognises them as those that were appended there before.
   * @param recordedAt in milliseconds since 1970
   * @throws {WrongExpectedRevision}
   */
  append(stream: string, events: readonly EventText[], expected: ExpectedRevision, recordedAt: number): Appended {
    if (events.length === 0) return this.#nothing(stream, expected);
    if (events.length === 1 && typeof expected === 'number') {
      const position = this.#writeBehind(stream, events[0]!, expected, recordedAt);
      if (position !== undefined) return { revision: expected + 1, position: BigInt(position) };
    }
    const start = this.#nextRevision(stream, expected);
    const position = start === undefined ? undefined : this.#write(stream, events, start, recordedAt);
    if (position === undefined) return this.#repeated(stream, events, expected);
    return { revision: start! + events.length - 1, position: BigInt(position) };
  }

  /** @throws {WrongExpectedRevision} */
  deleteStream(stream: string, expected: ExpectedRevision): void {
    this.#check(stream, expected);
    this.#removeBefore(stream, Number.MAX_SAFE_INTEGER);
  }

  truncateStream(stream: string, before: number): void {
    this.#removeBefore(stream, before);
  }

  /**
   * The revision to write at if the stream is as expected, as far as can be known without looking at that revision
   * itself: whether it is taken, the insertion finds out anyway. Undefined where it is not as expected.
   */
  #nextRevision(stream: string, expected: ExpectedRevision): number | undefined {
    if (typeof expected === 'number') return this.#exists.get(stream, expected) ? expected + 1 : undefined;
    if (expected === 'no-stream') {
      const removed = this.#lastOfRemoved.get(stream);
      if (removed === undefined) return 0;
      return this.#last.get(stream) === undefined ? removed + 1 : undefined;
    }
    const last = this.#last.get(stream);
    if (last !== undefined) return last + 1;
    return expected === 'any' ? (this.#lastOfRemoved.get(stream) ?? -1) + 1 : undefined;
  }

  /**
   * The commonest append in one statement, which looks at the stream itself: an event behind a revision.
   * @returns its position; undefined where the stream is otherwise, and nothing was written
   */
  #writeBehind(stream: string, event: EventText, revision: number, recordedAt: number): number | undefined {
    const { id, type, version, commandId = null, headers, data } = event;
    const { changes, lastInsertRowid } = this.#insertBehind.run(
      this.names.findOrAdd(type),
      this.names.findOrAdd(categoryOf(stream)),
      recordedAt,
      version,
      stream,
      revision,
      stream,
      id,
      commandId,
      headers,
      data,
    );
    return changes === 0 ? undefined : Number(lastInsertRowid);
  }

  /** @returns the last event's position; undefined when the first revision was taken, and nothing was written */
  #write(stream: string, events: readonly EventText[], start: number, recordedAt: number): number | undefined {
    const category = this.names.findOrAdd(categoryOf(stream));
    let position: number | undefined;
    for (let index = 0; index < events.length; index++) {
      const { id, type, version, commandId = null, headers, data } = events[index]!;
      const { changes, lastInsertRowid } = this.#insert.run(
        this.names.findOrAdd(type),
        category,
        recordedAt,
        version,
        start + index,
        events.length - 1 - index,
        stream,
        id,
        commandId,
        headers,
        data,
      );
      if (changes === 0) {
        if (index === 0) return undefined;
        throw new StoreUnavailable(
          `The event log is damaged: ${stream} has a revision ${start + index}, but not the one before`,
        );
      }
      position = Number(lastInsertRowid);
    }
    return position;
  }

  #nothing(stream: string, expected: ExpectedRevision): Appended {
    this.#check(stream, expected);
    return { revision: this.#last.get(stream) ?? -1, position: BigInt(this.end.position()) };
  }

  /** The first answer, when these very events are what was appended behind the expected revision. */
  #repeated(stream: string, events: readonly EventText[], expected: ExpectedRevision): Appended {
    const actual = this.#last.get(stream) ?? 'no-stream';
    if (expected !== 'any' && expected !== 'stream-exists') {
      const start = expected === 'no-stream' ? 0 : expected + 1;
      const places = this.#places.all(stream, start, events.length);
      const [first, last] = [places[0], places.at(-1)];
      const same = events.every(({ id }, index) => places[index]?.[0] === id);
      const inPlace = expected === 'no-stream' || first?.[1] === start;
      if (same && inPlace && first![3] === events.length - 1) return { revision: last![1], position: BigInt(last![2]) };
    }
    throw new WrongExpectedRevision(stream, expected, actual);
  }

  #check(stream: string, expected: ExpectedRevision): void {
    if (expected === 'any') return;
    const actual = this.#last.get(stream) ?? 'no-stream';
    const asExpected = expected === 'stream-exists' ? actual !== 'no-stream' : actual === expected;
    if (!asExpected) throw new WrongExpectedRevision(stream, expected, actual);
  }

  #removeBefore(stream: string, revision: number): void {
    const last = this.#last.get(stream);
    if (last === undefined) return;
    const end = this.end.position();
    if (this.#remove.run(stream, revision).changes === 0) return;
    this.#rememberLast.run(stream, last);
    // The end of the log is held by its last event, or else by one row that is no event.
    this.#remove.run('', Number.MAX_SAFE_INTEGER);
    if (this.end.position() < end) this.#holdEnd.run(end, end);
  }
}
