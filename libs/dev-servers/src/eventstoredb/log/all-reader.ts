import type { Database, Statement } from 'better-sqlite3';
import type { EventTest } from './event-filter.js';
import { EVENT_COLUMNS, pageOfRows, type EventRow, type EventRows } from './event-rows.js';
import type { LinkResolver } from './link-resolver.js';
import type { ResolvedEvent } from './log-event.js';

/** What to read of the whole log. */
export interface AllRead {
  /** The position behind which (backwards: before which) reading begins; it does not belong to what is read. */
  readonly from: number;
  readonly backwards?: boolean;
  /** At most so many events. */
  readonly limit: number;
  readonly resolveLinks?: boolean;
  readonly test?: EventTest;
  /** With a test: at most so many events are looked at. */
  readonly window?: number;
}

/** What was read of the log, in one go. */
export interface AllPage {
  readonly events: readonly ResolvedEvent[];
  /** The position to read on from. */
  readonly next: number;
  /** Whether the end (backwards: the beginning) was reached. */
  readonly end: boolean;
  /** How many events were looked at. */
  readonly considered: number;
}

type Scanned = [position: number, stream: number, type: number];

const WINDOW = 500;

/** Reads the log in its order. Everything is there until it is scavenged: deleted streams, metadata, tombstones. */
export class AllReader {
  readonly #upwards: Statement<[number, number], EventRow>;
  readonly #downwards: Statement<[number, number], EventRow>;
  readonly #scanUpwards: Statement<[number, number], Scanned>;
  readonly #scanDownwards: Statement<[number, number], Scanned>;
  readonly #at: Statement<[number], EventRow>;
  readonly #end: Statement<[], number>;
  readonly #begins: Statement<[number, number, number], number>;

  constructor(
    db: Database,
    private readonly rows: EventRows,
    private readonly links: LinkResolver,
  ) {
    const upwards = 'FROM esdb_event e WHERE e.position > ? ORDER BY e.position LIMIT ?';
    const downwards = 'FROM esdb_event e WHERE e.position < ? ORDER BY e.position DESC LIMIT ?';
    this.#upwards = db.prepare<[number, number], EventRow>(`SELECT ${EVENT_COLUMNS} ${upwards}`).raw();
    this.#downwards = db.prepare<[number, number], EventRow>(`SELECT ${EVENT_COLUMNS} ${downwards}`).raw();
    const scanned = 'SELECT e.position, e.stream, e.type';
    this.#scanUpwards = db.prepare<[number, number], Scanned>(`${scanned} ${upwards}`).raw();
    this.#scanDownwards = db.prepare<[number, number], Scanned>(`${scanned} ${downwards}`).raw();
    this.#at = db.prepare<[number], EventRow>(`SELECT ${EVENT_COLUMNS} FROM esdb_event e WHERE e.position = ?`).raw();
    this.#begins = db
      .prepare<[number, number, number], number>(
        `SELECT EXISTS (SELECT 1 FROM esdb_event WHERE position = ?)
             OR EXISTS (SELECT 1 FROM esdb_place WHERE position = ? OR (scavenged = 1 AND position >= ?))`,
      )
      .pluck();
    this.#end = db.prepare<[], number>('SELECT position FROM esdb_event ORDER BY position DESC LIMIT 1').pluck();
  }

  /** The position of the last event, 0 in an empty log. */
  end(): number {
    return this.#end.get() ?? 0;
  }

  /**
   * Whether reading can begin there: at the beginning, behind the end, and where something begins. What was scavenged
   * takes any place.
   */
  isPlace(position: number): boolean {
    return position <= 0 || position > this.end() || this.#begins.get(position, position, position) === 1;
  }

  read(read: AllRead): AllPage {
    return read.test ? this.#tested(read, read.test) : this.#plain(read);
  }

  #plain({ from, backwards = false, limit, resolveLinks = false }: AllRead): AllPage {
    const statement = backwards ? this.#downwards : this.#upwards;
    const { rows, exhausted } = pageOfRows<EventRow>((last, most) => statement.all(last?.[0] ?? from, most), limit);
    return {
      events: rows.map((row) => this.#resolved(row, resolveLinks)),
      next: rows.at(-1)?.[0] ?? from,
      end: exhausted,
      considered: rows.length,
    };
  }

  #tested(
    { from, backwards = false, limit, resolveLinks = false, window = WINDOW }: AllRead,
    test: EventTest,
  ): AllPage {
    const scan = (backwards ? this.#scanDownwards : this.#scanUpwards).all(from, window);
    const events: ResolvedEvent[] = [];
    let considered = 0;
    for (const [position, stream, type] of scan) {
      if (events.length >= limit) break;
      considered++;
      if (!test({ streamId: this.rows.streamOf(stream), type: this.rows.typeOf(type) })) continue;
      events.push(this.#resolved(this.#at.get(position)!, resolveLinks));
    }
    return {
      events,
      next: considered === 0 ? from : scan[considered - 1]![0],
      end: considered === scan.length && scan.length < window,
      considered,
    };
  }

  #resolved(row: EventRow, resolveLinks: boolean): ResolvedEvent {
    const event = this.rows.eventOf(row);
    return resolveLinks ? this.links.resolve(event) : { event };
  }
}
