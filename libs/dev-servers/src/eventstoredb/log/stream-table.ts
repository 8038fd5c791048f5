import type { Database, Statement } from 'better-sqlite3';
import { TOMBSTONE_REVISION } from './log-event.js';
import { categoryOf, isMetastream, originalOfMetastream } from './stream-names.js';

/** A stream as the log knows it. */
export interface StreamEntry {
  readonly id: number;
  /** The id of its category's name; null for a stream without a category. */
  readonly category: number | null;
  /** Its revision in `$streams`; null before its first event. */
  readonly number: number | null;
  /** Its metadata, a JSON object; null for none. */
  readonly settings: string | null;
}

/** The streams by name. */
export class StreamTable {
  readonly #find: Statement<[string], StreamEntry>;
  readonly #add: Statement<[string, number | null]>;
  readonly #number: Statement<[number]>;
  readonly #settle: Statement<[string | null, number]>;
  readonly #last: Statement<[number], number>;

  constructor(
    db: Database,
    private readonly nameId: (name: string) => number,
  ) {
    this.#find = db.prepare('SELECT id, category, number, settings FROM esdb_stream WHERE name = ?');
    this.#add = db.prepare('INSERT INTO esdb_stream (name, category) VALUES (?, ?)');
    this.#number = db.prepare(
      'UPDATE esdb_stream SET number = (SELECT coalesce(max(number), -1) + 1 FROM esdb_stream) WHERE id = ?',
    );
    this.#settle = db.prepare('UPDATE esdb_stream SET settings = ? WHERE id = ?');
    this.#last = db
      .prepare<[number], number>('SELECT revision FROM esdb_event WHERE stream = ? ORDER BY revision DESC LIMIT 1')
      .pluck();
  }

  find(streamId: string): StreamEntry | undefined {
    return this.#find.get(streamId);
  }

  /** Belongs inside a write. */
  findOrAdd(streamId: string): StreamEntry {
    const found = this.#find.get(streamId);
    if (found) return found;
    const category = categoryOf(streamId);
    const categoryId = category === undefined ? null : this.nameId(category);
    const id = Number(this.#add.run(streamId, categoryId).lastInsertRowid);
    return { id, category: categoryId, number: null, settings: null };
  }

  /** Gives the stream its number in `$streams`. Belongs inside a write. */
  giveNumber({ id }: StreamEntry): void {
    this.#number.run(id);
  }

  /** Belongs inside a write. */
  setSettings({ id }: StreamEntry, settings: string | null): void {
    this.#settle.run(settings, id);
  }

  /**
   * @returns the stream's last revision, -1 for none, and a tombstone's own. The metadata of a stream with a tombstone is
   * under it, too.
   */
  lastRevision(streamId: string, entry = this.find(streamId)): number {
    if (isMetastream(streamId) && this.#isTombstoned(originalOfMetastream(streamId))) return TOMBSTONE_REVISION;
    return (entry && this.#last.get(entry.id)) ?? -1;
  }

  #isTombstoned(streamId: string): boolean {
    const entry = this.#find.get(streamId);
    return entry !== undefined && this.#last.get(entry.id) === TOMBSTONE_REVISION;
  }
}
