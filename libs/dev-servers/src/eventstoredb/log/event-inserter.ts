import type { Database, Statement } from 'better-sqlite3';
import type { ProposedEvent } from './log-event.js';
import type { StreamEntry } from './stream-table.js';

/** What a record takes in EventStoreDB's log beside its names and bytes, roughly. */
const RECORD_OVERHEAD = 96;

interface NameEntry {
  readonly id: number;
  readonly lastType: number;
  readonly lastCategory: number;
}

/** Writes events at the end of the log and of the link streams. All of it belongs inside a write. */
export class EventInserter {
  readonly #findName: Statement<[string], NameEntry>;
  readonly #addName: Statement<[string]>;
  readonly #lastOfName: Statement<[number], NameEntry>;
  readonly #end: Statement<[], number>;
  readonly #lastTypeNumber: Statement<[number], number>;
  readonly #lastCategoryNumber: Statement<[number], number>;
  readonly #insert: Statement<unknown[]>;

  constructor(db: Database) {
    const entry = 'SELECT id, last_type AS lastType, last_category AS lastCategory FROM esdb_name';
    this.#findName = db.prepare(`${entry} WHERE name = ?`);
    this.#lastOfName = db.prepare(`${entry} WHERE id = ?`);
    this.#addName = db.prepare('INSERT INTO esdb_name (name) VALUES (?)');
    this.#end = db.prepare<[], number>('SELECT position FROM esdb_event ORDER BY position DESC LIMIT 1').pluck();
    this.#lastTypeNumber = db
      .prepare<
        [number],
        number
      >('SELECT type_number FROM esdb_event WHERE type = ? ORDER BY type_number DESC LIMIT 1')
      .pluck();
    this.#lastCategoryNumber = db
      .prepare<
        [number],
        number
      >('SELECT category_number FROM esdb_event WHERE category = ? ORDER BY category_number DESC LIMIT 1')
      .pluck();
    this.#insert = db.prepare(
      `INSERT INTO esdb_event
         (position, stream, revision, type, type_number, category, category_number, created, json, id, data, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** The position of the last event, 0 in an empty log. */
  end(): number {
    return this.#end.get() ?? 0;
  }

  /** The id of an event type's or category's name, which is added when it is new. */
  nameId(name: string): number {
    return this.#name(name).id;
  }

  /**
   * Positions grow by what an event takes, as EventStoreDB's do: code that takes them for numbers without gaps fails
   * here, too.
   * @param revision of the first of the events; the others follow
   * @returns the position of the last of them
   */
  insert(
    stream: StreamEntry & { readonly name: string },
    revision: number,
    events: readonly ProposedEvent[],
    created: number,
  ): number {
    const { category, name } = stream;
    const types = new Map<string, { id: number; last: number }>();
    let categoryNumber = category === null ? null : this.#lastInCategory(category);
    let position = this.end();
    events.forEach(({ id, type, isJson, data, metadata }, index) => {
      let ofType = types.get(type);
      if (!ofType) types.set(type, (ofType = this.#lastOfType(type)));
      if (categoryNumber !== null) categoryNumber++;
      position += RECORD_OVERHEAD + name.length + type.length + data.length + metadata.length;
      this.#insert.run(
        position,
        stream.id,
        revision + index,
        ofType.id,
        ++ofType.last,
        category,
        categoryNumber,
        created,
        isJson ? 1 : 0,
        id,
        data,
        metadata,
      );
    });
    return position;
  }

  #name(name: string): NameEntry {
    const found = this.#findName.get(name);
    if (found) return found;
    return { id: Number(this.#addName.run(name).lastInsertRowid), lastType: -1, lastCategory: -1 };
  }

  #lastOfType(type: string): { id: number; last: number } {
    const { id, lastType } = this.#name(type);
    return { id, last: Math.max(lastType, this.#lastTypeNumber.get(id) ?? -1) };
  }

  #lastInCategory(category: number): number {
    return Math.max(this.#lastOfName.get(category)!.lastCategory, this.#lastCategoryNumber.get(category) ?? -1);
  }
}
