import type { Database } from 'better-sqlite3';
import type { LogEvent } from './log-event.js';
import { NameTable } from './name-table.js';

/** A row of the log as it is read: the columns of {@link EVENT_COLUMNS}. */
export type EventRow = readonly [
  position: number,
  stream: number,
  revision: number,
  type: number,
  created: number,
  json: number,
  id: string,
  data: Buffer,
  metadata: Buffer,
];

/** What every reader selects, before columns of its own. */
export const EVENT_COLUMNS = 'e.position, e.stream, e.revision, e.type, e.created, e.json, e.id, e.data, e.metadata';

/** Bytes of events after which a page ends, however few they are. */
const PAGE_BYTES = 128 * 1024;
const FIRST_PORTION = 2;
const LARGEST_PORTION = 256;

/** Makes events of rows. */
export class EventRows {
  readonly #types: NameTable;
  readonly #streams: NameTable;

  constructor(db: Database) {
    this.#types = new NameTable(db, 'esdb_name');
    this.#streams = new NameTable(db, 'esdb_stream');
  }

  typeOf(id: number): string {
    return this.#types.nameOf(id);
  }

  streamOf(id: number): string {
    return this.#streams.nameOf(id);
  }

  eventOf(row: EventRow): LogEvent {
    return {
      position: row[0],
      streamId: this.#streams.nameOf(row[1]),
      revision: row[2],
      id: row[6],
      type: this.#types.nameOf(row[3]),
      isJson: row[5] === 1,
      created: row[4],
      data: row[7],
      metadata: row[8],
    };
  }
}

/**
 * Rows for one page: at most so many, and no more than fit well into memory. They are fetched in portions, since how
 * large events are is known only when some were read.
 * @param next gives up to `most` rows behind the last one
 * @returns the rows, and whether there are no more
 */
export function pageOfRows<Row extends readonly [...EventRow, ...unknown[]]>(
  next: (last: Row | undefined, most: number) => Row[],
  most: number,
): { rows: Row[]; exhausted: boolean } {
  const rows: Row[] = [];
  let bytes = 0;
  let portion = Math.min(FIRST_PORTION, most);
  while (portion > 0) {
    const found = next(rows.at(-1), portion);
    for (const row of found) {
      rows.push(row);
      bytes += row[7].length + row[8].length;
    }
    if (found.length < portion) return { rows, exhausted: true };
    const fitting = Math.floor(((PAGE_BYTES - bytes) * rows.length) / Math.max(bytes, 1));
    portion = Math.min(fitting, LARGEST_PORTION, most - rows.length);
  }
  return { rows, exhausted: false };
}
