import type { Database, Statement } from 'better-sqlite3';

const MOST_REMEMBERED = 50_000;

/** A table of names with ids: finds, adds, and gives a name back for an id. */
export class NameTable {
  readonly #byName: Statement<[string], number>;
  readonly #byId: Statement<[number], string>;
  readonly #remembered = new Map<number, string>();

  /** @param table a table with columns `id` and `name` */
  constructor(db: Database, table: 'esdb_name' | 'esdb_stream') {
    this.#byName = db.prepare<[string], number>(`SELECT id FROM ${table} WHERE name = ?`).pluck();
    this.#byId = db.prepare<[number], string>(`SELECT name FROM ${table} WHERE id = ?`).pluck();
  }

  idOf(name: string): number | undefined {
    return this.#byName.get(name);
  }

  /** To be asked outside of transactions only, since it remembers the answer. */
  nameOf(id: number): string {
    const known = this.#remembered.get(id);
    if (known !== undefined) return known;
    const name = this.#byId.get(id);
    if (name === undefined) throw new Error(`The event log is damaged: the name ${id} is not there`);
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(id, name);
    return name;
  }
}
