import { StoreUnavailable } from '@gesta/core';
import type { Database, Statement } from 'better-sqlite3';

/**
 * The numbers that stand for the names of event types and categories. They are kept in memory as far as they are known;
 * another process may have added some, and none is ever removed.
 */
export class EventNames {
  readonly #numbers = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  #asked = false;
  readonly #newer: Statement<[number], [number, string]>;
  readonly #find: Statement<[string], number>;
  readonly #add: Statement<[string]>;

  constructor(db: Database) {
    this.#newer = db
      .prepare<[number], [number, string]>('SELECT id, name FROM event_name WHERE id > ? ORDER BY id')
      .raw();
    this.#find = db.prepare<[string], number>('SELECT id FROM event_name WHERE name = ?').pluck();
    this.#add = db.prepare<[string]>('INSERT INTO event_name (name) VALUES (?)');
  }

  /** The name's number if it has one. */
  find(name: string): number | undefined {
    return this.#numbers.get(name) ?? this.#find.get(name);
  }

  /** The name's number; belongs inside a write. It is not kept before `catchUp`, as the write may be undone. */
  findOrAdd(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#asked = true;
    return this.#find.get(name) ?? Number(this.#add.run(name).lastInsertRowid);
  }

  /** The name that the number stands for. */
  nameOf(number: number): string {
    const name = this.#names[number] ?? (this.#refresh(), this.#names[number]);
    if (name === undefined) throw new StoreUnavailable(`The event log is damaged: nothing is named by ${number}`);
    return name;
  }

  /** Learns the names that a write had to ask for, now that it is committed. */
  catchUp(): void {
    if (!this.#asked) return;
    this.#asked = false;
    try {
      this.#refresh();
    } catch {
      // What was written stays so. The names are asked for again by the next write.
    }
  }

  #refresh(): void {
    for (const [number, name] of this.#newer.all(this.#names.length - 1)) {
      this.#numbers.set(name, number);
      this.#names[number] = name;
    }
  }
}
