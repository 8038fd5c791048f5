import { setImmediate } from 'node:timers';
import { performance } from 'node:perf_hooks';
import type { Database, Statement } from 'better-sqlite3';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { DocumentTables } from './document-tables.js';
import { behind, countSql, rowsSql, scannedRow, type AccessPath, type ScannedRow, type Segment } from './index-scan.js';
import type { Run } from './query-plan.js';

/** How long, in milliseconds, documents are read before others get their turn. */
const TURN_MS = 4;
/** How long one statement should take; it decides how many rows the next one asks for. */
const PORTION_MS = 1;
const FIRST_PORTION = 32;
const LARGEST_PORTION = 512;

/** Statements are kept for the next time; more kinds of them than this are rare. */
const MOST_STATEMENTS = 300;

/** Reads the documents of one connection, in turns that leave the event loop to others in between. */
export class CollectionReader {
  readonly #statements = new Map<string, Statement<unknown[], unknown[]>>();
  readonly #snapshot: (work: () => void) => void;
  readonly #waiting: (() => void)[] = [];
  #turnBegan: number | undefined;

  constructor(
    private readonly connection: SqliteConnection,
    private readonly tables: DocumentTables,
  ) {
    this.#snapshot = connection.db.transaction((work: () => void) => work());
  }

  /**
   * Does the work with the collection's table in one read transaction; the table is `undefined` when there is none. The
   * work may run more than once.
   */
  async read<T>(collection: string, work: (table: string | undefined) => T): Promise<T> {
    await this.#fairly();
    return this.connection.read(() => {
      let result: T | undefined;
      this.#snapshot(() => (result = work(this.tables.find(collection))));
      return result as T;
    });
  }

  /**
   * Reads a run from its beginning, until its end or until `each` says that it is enough. No transaction is open between
   * turns; the reading goes on behind the last row.
   * @param each takes a row; returns false to end
   */
  async scan(collection: string, run: Run, each: (row: ScannedRow) => boolean): Promise<void> {
    const left = run.segments.toReversed();
    let portion = FIRST_PORTION;
    const turn = (table: string | undefined) => {
      if (table !== run.path.table) left.length = 0; // dropped meanwhile
      const end = performance.now() + TURN_MS;
      for (let start = performance.now(); left.length > 0 && start < end;) {
        const segment = left.at(-1)!;
        const { sql, parameters } = rowsSql(run.path, segment, portion);
        const rows = this.statement(sql)
          .all(...parameters)
          .map((row) => scannedRow(run.path, row));
        left.pop();
        if (rows.length === portion) left.push(...behind(run.path, segment, rows.at(-1)!.place).toReversed());
        if (!rows.every(each)) left.length = 0;
        const now = performance.now();
        portion = Math.max(1, Math.min(LARGEST_PORTION, Math.round((portion * PORTION_MS) / (now - start))));
        start = now;
      }
    };
    while (left.length > 0) await this.read(collection, turn);
  }

  /** How many documents a run has, all of which must match; its indexes are asked and no document is read. */
  async count(collection: string, run: Run): Promise<number> {
    let count = 0;
    for (const segment of run.segments) {
      count += await this.read(collection, (table) =>
        table === run.path.table ? this.countRows(run.path, segment) : 0,
      );
    }
    return count;
  }

  /** The rows of a segment, up to `most`; belongs inside {@link read}. */
  countRows(path: AccessPath, segment: Segment, most?: number): number {
    const { sql, parameters } = countSql(path, segment, most);
    return Number(this.statement(sql).get(...parameters)![0]);
  }

  /**
   * A read is done at once, so who awaits one after the other would never let anybody else have a turn. After some time
   * they queue up, and the event loop goes round between any two.
   */
  async #fairly(): Promise<void> {
    if (this.#turnBegan === undefined) this.#beginTurn();
    else if (performance.now() - this.#turnBegan > TURN_MS) await new Promise<void>((go) => this.#waiting.push(go));
  }

  #beginTurn(): void {
    this.#turnBegan = performance.now();
    setImmediate(() => this.#endTurn());
  }

  #endTurn(): void {
    const next = this.#waiting.shift();
    if (!next) return void (this.#turnBegan = undefined);
    this.#beginTurn();
    next();
  }

  /** A statement that gives rows as arrays, with integers as bigints. */
  statement(sql: string): Statement<unknown[], unknown[]> {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = prepared(this.connection.db, sql);
      if (this.#statements.size >= MOST_STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function prepared(db: Database, sql: string): Statement<unknown[], unknown[]> {
  const statement = db.prepare<unknown[], unknown[]>(sql);
  statement.safeIntegers(true);
  if (statement.reader) statement.raw(true);
  return statement;
}
