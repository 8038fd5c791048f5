import { performance } from 'node:perf_hooks';
import { onSideThread } from '../database/side-thread.js';
import type { SqliteDatabase } from '../database/sqlite-database.js';
import { liveIndexSql } from './document-tables.js';

/** Fewer tombstones than this are passed by more quickly than an index is made. */
const MANY_TOMBSTONES = 2_000;
/** So many tombstones for each live document are in the way. An index costs more than half as much again at every write. */
const TOMBSTONES_FOR_EACH = 4;
/** For so long a lock is waited for, and after a failure an index is not asked for again, in milliseconds. */
const LOCK_MS = 1_000;
const NOT_AGAIN_MS = 30_000;

/** Ends a query that would go through tombstones for the most part. */
class AmongTombstones extends Error {
  constructor(readonly table: string) {
    super(`${table} holds many tombstones`);
  }
}

/** What one query has met on its way. */
export interface Tombstones {
  meet(table: string, body: string | null): void;
  meetMany(table: string, tombstones: number, live: number): void;
}

/**
 * Indexes of the documents that are no tombstones, for tables in which a query found few among many: then its cost does not
 * grow with what is dead. They are made in a thread of their own, while writers wait and the event loop goes on.
 */
export class LiveIndexes {
  readonly #making = new Map<string, Promise<void>>();
  readonly #notBefore = new Map<string, number>();

  constructor(private readonly database: SqliteDatabase) {}

  /** Does the query; where tombstones are in its way, it begins anew once there is an index. */
  async asNeeded<T>(query: (tombstones: Tombstones) => Promise<T>): Promise<T> {
    try {
      return await query(this.#counting());
    } catch (error) {
      if (!(error instanceof AmongTombstones)) throw error;
      const { table } = error;
      const making = this.#making.get(table) ?? this.#make(table);
      this.#making.set(table, making);
      await making;
      return query(UNCOUNTED);
    }
  }

  #counting(): Tombstones {
    let [tombstones, live] = [0, 0];
    const meetMany = (table: string, dead: number, alive: number) => {
      tombstones += dead;
      live += alive;
      if (dead === 0 || tombstones < MANY_TOMBSTONES || tombstones < TOMBSTONES_FOR_EACH * live) return;
      if (performance.now() >= (this.#notBefore.get(table) ?? 0)) throw new AmongTombstones(table);
    };
    return { meetMany, meet: (table, body) => meetMany(table, body === null ? 1 : 0, body === null ? 0 : 1) };
  }

  async #make(table: string): Promise<void> {
    const { location, inMemory, documents } = this.database;
    const statements = liveIndexSql(table);
    try {
      if (inMemory) await documents.write((db) => statements.forEach((sql) => db.exec(sql)));
      else await onSideThread(location, statements, LOCK_MS);
    } catch {
      // The table was dropped, or a lock stays: the query goes the long way, and another one may ask again.
    } finally {
      this.#notBefore.set(table, performance.now() + NOT_AGAIN_MS);
      this.#making.delete(table);
    }
  }
}

const UNCOUNTED: Tombstones = { meet: () => undefined, meetMany: () => undefined };
