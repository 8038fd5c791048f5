import type { RecordedEvent } from '@gesta/core';
import type { Database, Statement } from 'better-sqlite3';
import { boundedRows } from './bounded-rows.js';
import type { EventNames } from './event-names.js';
import { EVENT_COLUMNS, recorded, revisionOf, type EventRow } from './event-row.js';

type Portion = Statement<[stream: string, from: number, most: number], EventRow>;

/** Reads single streams, a batch at a time. Every method belongs inside a read. */
export class StreamReader {
  readonly #forwards: Portion;
  readonly #backwards: Portion;
  readonly #lastOfRemoved: Statement<[string], number>;

  constructor(
    db: Database,
    private readonly names: EventNames,
  ) {
    const columns = EVENT_COLUMNS.replace('stream', 'NULL'); // it is known
    const portion = (rest: string) =>
      db
        .prepare<[string, number, number], EventRow>(
          `SELECT ${columns} FROM event WHERE stream = ? AND ${rest} LIMIT ?`,
        )
        .raw();
    this.#lastOfRemoved = db
      .prepare<[string], number>('SELECT last_revision FROM event_stream WHERE stream = ?')
      .pluck();
    this.#forwards = portion('revision >= ? ORDER BY revision');
    this.#backwards = portion('revision <= ? ORDER BY revision DESC');
  }

  /** Whether nothing but a former life of the stream was before the revision: it was removed when it ended there. */
  beginsAt(stream: string, revision: number): boolean {
    return revision === 0 || this.#lastOfRemoved.get(stream) === revision - 1;
  }

  /** Up to `most` events at `from` and after it, or before it when reading backwards. */
  batch(
    stream: string,
    from: number,
    backwards: boolean,
    most: number,
  ): { events: RecordedEvent[]; exhausted: boolean } {
    const portion = backwards ? this.#backwards : this.#forwards;
    const step = backwards ? -1 : 1;
    const { rows, exhausted } = boundedRows(
      (last, limit) => portion.all(stream, last ? revisionOf(last) + step : from, limit),
      most,
    );
    return { events: rows.map((row) => recorded(row, this.names, stream)), exhausted };
  }
}
