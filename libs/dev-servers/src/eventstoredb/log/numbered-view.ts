import type { Database, Statement } from 'better-sqlite3';
import { EVENT_COLUMNS, type EventRow } from './event-rows.js';

/** An event, and its number in what is read. */
export type NumberedRow = readonly [...EventRow, number: number];

/** What to read of a view: numbers from one to another, both included. */
export interface Span {
  readonly lowest: number;
  readonly highest: number;
  /** Only events that were appended since, in microseconds since 1970. */
  readonly since: number;
}

/** Where a view finds its events and their numbers; `?` stands for the key. */
interface ViewSource {
  readonly from: string;
  readonly where: string;
  readonly number: string;
}

/** A stream is the events of the log under its key, numbered. So are the streams of links. */
const SOURCES = {
  stream: { from: 'esdb_event e', where: 'e.stream = ?', number: 'e.revision' },
  category: { from: 'esdb_event e', where: 'e.category = ?', number: 'e.category_number' },
  type: { from: 'esdb_event e', where: 'e.type = ?', number: 'e.type_number' },
  streams: {
    from: `esdb_stream s JOIN esdb_event e
             ON e.stream = s.id AND e.revision = (SELECT min(revision) FROM esdb_event WHERE stream = s.id)`,
    where: 's.number >= ?',
    number: 's.number',
  },
} satisfies Record<string, ViewSource>;

export type ViewName = keyof typeof SOURCES;

/** The key of the view `streams`, which has one only. */
export const ALL_STREAMS = 0;

/** Reads the events under one key in the order of their numbers. */
export class NumberedView {
  readonly #last: Statement<[number], number>;
  readonly #upwards: Statement<[number, number, number, number, number], NumberedRow>;
  readonly #downwards: Statement<[number, number, number, number, number], NumberedRow>;

  constructor(db: Database, view: ViewName) {
    const { from, where, number } = SOURCES[view];
    const page = (order: string) =>
      db
        .prepare<[number, number, number, number, number], NumberedRow>(
          `SELECT ${EVENT_COLUMNS}, ${number} FROM ${from}
            WHERE ${where} AND ${number} >= ? AND ${number} <= ? AND e.created >= ?
            ORDER BY ${number} ${order} LIMIT ?`,
        )
        .raw();
    this.#last = db
      .prepare<[number], number>(`SELECT ${number} FROM ${from} WHERE ${where} ORDER BY ${number} DESC LIMIT 1`)
      .pluck();
    this.#upwards = page('ASC');
    this.#downwards = page('DESC');
  }

  /** @returns -1 when there is nothing under the key */
  last(key: number): number {
    return this.#last.get(key) ?? -1;
  }

  read(key: number, { lowest, highest, since }: Span, backwards: boolean, most: number): NumberedRow[] {
    return (backwards ? this.#downwards : this.#upwards).all(key, lowest, highest, since, most);
  }
}
