import { StoreUnavailable } from '@gesta/core';
import type { Database } from 'better-sqlite3';
import { GroupCommit } from './group-commit.js';
import { onceUnlocked } from './lock-patience.js';
import { isUnavailable, unavailable } from './sqlite-errors.js';

/** One connection to a database file: reads at once, writes in groups. */
export class SqliteConnection {
  readonly #writes: GroupCommit;

  /**
   * @param location what to call the database in messages
   * @param check throws where nothing may be written any more
   */
  constructor(
    /** For preparing statements; running them belongs inside `read` and `write`. */
    readonly db: Database,
    readonly location: string,
    check?: () => void,
  ) {
    this.#writes = new GroupCommit(db, location, undefined, check);
  }

  /**
   * Does the work at once, or as soon as another connection's lock allows. It sees all that was committed before.
   * Keep it short: nothing else runs meanwhile.
   * @throws {StoreUnavailable} when the file cannot be read
   */
  async read<T>(work: (db: Database) => T): Promise<T> {
    if (!this.db.open) throw new StoreUnavailable(`${this.location} is closed`);
    try {
      return await onceUnlocked(() => work(this.db));
    } catch (error) {
      throw isUnavailable(error) ? unavailable(this.location, error) : error;
    }
  }

  /** Does the work in the next transaction; see {@link GroupCommit.write}. */
  write<T>(work: (db: Database) => T): Promise<T> {
    return this.#writes.write(work);
  }

  /** Why writes fail now; see {@link GroupCommit.failing}. */
  failing(): Promise<string | undefined> {
    return this.#writes.failing((db) => {
      const version = db.pragma('user_version', { simple: true }) as number;
      db.pragma(`user_version = ${version}`); // writes a page, as it was
    });
  }

  /** Calls the listener after every group of writes that was committed here. @returns what ends that */
  onCommit(listener: () => void): () => void {
    return this.#writes.onCommit(listener);
  }

  /** Resolves when no accepted write is left undone. */
  drain(): Promise<void> {
    return this.#writes.drain();
  }

  /** Finishes the writes that were accepted, then lets go of the file. */
  async close(): Promise<void> {
    await this.#writes.close();
    this.db.close();
  }
}
