import type { Database, Statement } from 'better-sqlite3';
import type { ProposedEvent } from './log-event.js';
import type { StreamEntry } from './stream-table.js';

/** What a record takes in EventStoreDB's log beside its names and bytes, roughly. */
const RECORD_OVERHEAD = 96;

/** A type, and the last number in its stream of links. */
interface TypeEntry {
  readonly id: number;
  last: number;
}

/** Writes events at the end of the log and of the link streams. All of it belongs inside a write. */
export class EventInserter {
  readonly #findName: Statement<[string], number>;
  readonly #addName: Statement<[string]>;
  readonly #findType: Statement<[string], TypeEntry>;
  readonly #lastOfCategory: Statement<[number], number>;
  readonly #end: Statement<[], number>;
  readonly #insert: Statement<unknown[]>;
  readonly #reserve: Statement<[number]>;
  /** Behind what was reserved, events stand. */
  #reserved: number;

  constructor(db: Database) {
    this.#findName = db.prepare<[string], number>('SELECT id FROM esdb_name WHERE name = ?').pluck();
    this.#addName = db.prepare('INSERT INTO esdb_name (name) VALUES (?)');
    this.#findType = db.prepare(`SELECT id, ${lastNumber('type')} AS last FROM esdb_name n WHERE name = ?`);
    this.#lastOfCategory = db
      .prepare<[number], number>(`SELECT ${lastNumber('category')} FROM esdb_name n WHERE id = ?`)
      .pluck();
    this.#end = db.prepare<[], number>('SELECT position FROM esdb_event ORDER BY position DESC LIMIT 1').pluck();
    this.#reserve = db.prepare('INSERT OR IGNORE INTO esdb_place (position, scavenged) VALUES (?, 0)');
    this.#reserved =
      db.prepare<[], number>('SELECT max(position) FROM esdb_place WHERE scavenged = 0').pluck().get() ?? 0;
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

  /** Takes a place in the log for a write without events, which no reader sees. @returns its position */
  reserve(streamId: string): number {
    this.#reserved = this.#next() + RECORD_OVERHEAD + streamId.length;
    this.#reserve.run(this.#reserved);
    return this.#reserved;
  }

  /** The id of an event type's or category's name, which is added when it is new. */
  nameId(name: string): number {
    return this.#findName.get(name) ?? Number(this.#addName.run(name).lastInsertRowid);
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
    const types = new Map<string, TypeEntry>();
    let categoryNumber = category === null ? null : this.#lastOfCategory.get(category)!;
    let position = this.#next();
    events.forEach(({ id, type, isJson, data, metadata }, index) => {
      let ofType = types.get(type);
      if (!ofType) types.set(type, (ofType = this.#findType.get(type) ?? { id: this.nameId(type), last: -1 }));
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

  /** The position behind which there is nothing. */
  #next(): number {
    return Math.max(this.end(), this.#reserved);
  }
}

/** The last number that was given in the stream of links of a type or category; it may have been scavenged since. */
function lastNumber(of: 'type' | 'category'): string {
  return `max(n.last_${of}, coalesce(
    (SELECT ${of}_number FROM esdb_event WHERE ${of} = n.id ORDER BY ${of}_number DESC LIMIT 1), -1))`;
}
