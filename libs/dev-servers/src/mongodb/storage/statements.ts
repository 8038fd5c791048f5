import type { Database, Statement } from 'better-sqlite3';

/** More kinds of statements than this are rare. */
const MOST_KEPT = 400;

/** Prepared statements, kept for the next time. */
export class Statements {
  readonly #kept = new Map<string, Statement<unknown[], unknown>>();

  constructor(readonly db: Database) {}

  get<P extends unknown[], R>(sql: string): Statement<P, R> {
    let statement = this.#kept.get(sql);
    if (!statement) {
      statement = this.db.prepare<unknown[], unknown>(sql);
      if (this.#kept.size >= MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
      this.#kept.set(sql, statement);
    }
    return statement as unknown as Statement<P, R>;
  }
}
