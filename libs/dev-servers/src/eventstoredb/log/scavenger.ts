import type { SqliteDatabase } from '@gesta/sqlite';
import type { Statement } from 'better-sqlite3';
import { TOMBSTONE_REVISION } from './log-event.js';
import { isMetastream } from './stream-names.js';
import { settingsOf } from './stream-settings.js';
import type { StreamTable } from './stream-table.js';
import { visibleSpan } from './visible-span.js';

/** So many events are removed, and streams looked at, in one go. */
const MOST_EVENTS = 500;
const MOST_STREAMS = 500;

interface StreamToScavenge {
  readonly id: number;
  readonly name: string;
  readonly settings: string | null;
}

/** What can be removed of a stream: what stands before a revision, and what is older than a time. */
interface Removable {
  readonly stream: number;
  readonly before: number;
  /** In microseconds since 1970. */
  readonly olderThan: number;
  /** Its last revision, which stays so that revisions go on from it; without, everything goes. */
  readonly keep: number;
}

/** Removes what no reader of a stream sees any more, a little at a time, while the server goes on serving. */
export class Scavenger {
  readonly #database: SqliteDatabase;
  readonly #streams: StreamTable;
  readonly #next: Statement<[number, number], StreamToScavenge>;
  readonly #doomed: Statement<[number, number, number, number, number], number>;
  readonly #keepTypeNumber: Statement<[number]>;
  readonly #keepCategoryNumber: Statement<[number]>;
  readonly #remove: Statement<[number]>;
  readonly #noteScavenged: Statement<[]>;

  constructor(database: SqliteDatabase, streams: StreamTable) {
    const { db } = database.events;
    this.#database = database;
    this.#streams = streams;
    this.#next = db.prepare('SELECT id, name, settings FROM esdb_stream WHERE id > ? ORDER BY id LIMIT ?');
    this.#doomed = db
      .prepare<[number, number, number, number, number], number>(
        `SELECT position FROM esdb_event
          WHERE stream = ? AND revision <> ? AND (revision < ? OR created < ?) LIMIT ?`,
      )
      .pluck();
    const kept = (name: 'type' | 'category') =>
      db.prepare<[number]>(
        `UPDATE esdb_name SET last_${name} = max(last_${name}, e.${name}_number)
           FROM esdb_event e WHERE e.position = ? AND esdb_name.id = e.${name}`,
      );
    this.#keepTypeNumber = kept('type');
    this.#keepCategoryNumber = kept('category');
    this.#remove = db.prepare('DELETE FROM esdb_event WHERE position = ?');
    this.#noteScavenged = db.prepare(
      'INSERT OR REPLACE INTO esdb_place (position, scavenged) SELECT max(position), 1 FROM esdb_event',
    );
  }

  /** @returns how many events were removed @param signal stops it between two steps */
  async run(signal: AbortSignal): Promise<number> {
    let removed = 0;
    for (let after = 0; ;) {
      const streams = await this.#database.events.read(() => this.#next.all(after, MOST_STREAMS));
      for (const stream of streams) {
        for (let count = MOST_EVENTS; count === MOST_EVENTS; removed += count) {
          if (signal.aborted) return removed;
          count = await this.#scavenge(stream);
        }
        after = stream.id;
      }
      if (streams.length < MOST_STREAMS) return removed;
    }
  }

  async #scavenge(stream: StreamToScavenge): Promise<number> {
    if (this.#doomedIn(stream).length === 0) return 0;
    return this.#database.events.write(() => {
      const positions = this.#doomedIn(stream);
      this.#noteScavenged.run();
      for (const position of positions) {
        this.#keepTypeNumber.run(position);
        this.#keepCategoryNumber.run(position);
        this.#remove.run(position);
      }
      return positions.length;
    });
  }

  #doomedIn(entry: StreamToScavenge): number[] {
    const { stream, before, olderThan, keep } = this.#removable(entry);
    return this.#doomed.all(stream, keep, before, olderThan, MOST_EVENTS);
  }

  #removable({ id, name, settings }: StreamToScavenge): Removable {
    const last = this.#streams.lastRevision(name);
    if (last === TOMBSTONE_REVISION) {
      // The tombstone of a stream stays; of its metadata nothing does.
      return { stream: id, before: TOMBSTONE_REVISION, olderThan: 0, keep: isMetastream(name) ? -1 : last };
    }
    const { first, since } = visibleSpan(settingsOf(name, settings), last, Date.now());
    return { stream: id, before: first, olderThan: since, keep: last };
  }
}
