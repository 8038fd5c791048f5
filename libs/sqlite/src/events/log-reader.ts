import type { EventAt, EventFilter, RecordedEvent } from '@gesta/core';
import type { Database, Statement } from 'better-sqlite3';
import { boundedRows } from './bounded-rows.js';
import type { EventNames } from './event-names.js';
import { EVENT_COLUMNS, positionOf, recorded, typeOf, type EventRow } from './event-row.js';
import { NO_EVENT } from './event-tables.js';

/** Positions that one batch goes through at most for a filter, so that the event loop gets its turn. */
const SCANNED_AT_ONCE = 20_000;

/** The log's end. */
export class LogEnd {
  readonly #last: Statement<[], number | null>;
  readonly #before: Statement<[number], { position: number; id: string }>;
  readonly #at: Statement<[bigint], string>;

  constructor(db: Database) {
    this.#last = db.prepare<[], number | null>('SELECT max(position) FROM event').pluck();
    this.#before = db.prepare(
      `SELECT position, id FROM event WHERE position <= ? AND type <> ${NO_EVENT} ORDER BY position DESC LIMIT 1`,
    );
    this.#at = db.prepare<[bigint], string>(`SELECT id FROM event WHERE position = ? AND type <> ${NO_EVENT}`).pluck();
  }

  /** The last event up to the position. Belongs inside a read. */
  lastUpTo(position: number): EventAt | undefined {
    const found = this.#before.get(position);
    return found && { id: found.id, position: BigInt(found.position) };
  }

  /** The event at this very position. Belongs inside a read. */
  at(position: bigint): EventAt | undefined {
    const id = this.#at.get(position);
    return id === undefined ? undefined : { id, position };
  }

  /** The last position that was given to an event; 0 when there was none. Belongs inside a read or a write. */
  position(): number {
    return this.#last.get() ?? 0;
  }
}

/** What was found between two places of the log. */
export interface LogSection {
  readonly events: RecordedEvent[];
  /** Everything up to this position was looked at. */
  readonly reached: number;
  /** Whether that was the end of the log. */
  readonly caughtUp: boolean;
  /** The last event up to there. */
  readonly at: EventAt | undefined;
}

type Portion = Statement<[after: number, until: number, most: number], EventRow>;

/** Reads the log, one filter's view of it. Every method belongs inside a read. */
export class LogReader {
  /** The filter's numbers as `#portion` has them; `undefined` before it was prepared. */
  #wanted: string | undefined;
  #portion!: Portion;
  /** How many rows to fetch first, told by how large the last ones were. */
  #first: number | undefined;

  /** @param filter every event when absent */
  constructor(
    private readonly db: Database,
    private readonly end: LogEnd,
    private readonly names: EventNames,
    private readonly filter: EventFilter | undefined,
  ) {}

  /** The next events behind the place, `most` of them at the most. */
  section(after: number, most: number): LogSection {
    // The end comes first: whatever is committed while we read is for the next section.
    const end = this.end.position();
    const until = this.filter ? Math.min(end, after + SCANNED_AT_ONCE) : end;
    if (!this.#prepared()) {
      const reached = Math.max(after, end);
      return { events: [], reached, caughtUp: true, at: this.end.lastUpTo(reached) };
    }
    const { rows, exhausted, first } = boundedRows(
      (last, limit) => this.#portion.all(last ? positionOf(last) : after, until, limit),
      most,
      this.#first,
    );
    this.#first = first;
    const reached = exhausted ? Math.max(after, until) : positionOf(rows.at(-1)!);
    const events: RecordedEvent[] = [];
    for (const row of rows) if (typeOf(row) !== NO_EVENT) events.push(recorded(row, this.names));
    return { events, reached, caughtUp: reached >= end, at: this.#lastOf(events, reached) };
  }

  #lastOf(events: readonly RecordedEvent[], reached: number): EventAt | undefined {
    const last = events.at(-1);
    if (last && last.position === BigInt(reached)) return { id: last.id, position: last.position };
    return this.end.lastUpTo(reached);
  }

  /** Prepares the statement, again when a name of the filter got its number. @returns false when nothing can match */
  #prepared(): boolean {
    const condition = this.#condition();
    if (condition === undefined) return false;
    if (condition !== this.#wanted) {
      this.#portion = this.db
        .prepare<[number, number, number], EventRow>(
          `SELECT ${EVENT_COLUMNS} FROM event WHERE position > ? AND position <= ? ${condition} ORDER BY position LIMIT ?`,
        )
        .raw();
      this.#wanted = condition;
    }
    return true;
  }

  /** A name that no event has had yet has no number. */
  #condition(): string | undefined {
    if (!this.filter) return '';
    const [column, names] = 'types' in this.filter ? ['type', this.filter.types] : ['category', this.filter.categories];
    const numbers = names.map((name) => this.names.find(name)).filter((number) => number !== undefined);
    return numbers.length > 0 ? `AND ${column} IN (${numbers.join(', ')})` : undefined;
  }
}
