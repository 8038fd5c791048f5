import { StoreUnavailable } from '@gesta/core';
import Database from 'better-sqlite3';

/** Keeps other servers from a data file, for as long as this process lives or until it is let go. */
export class DataLock {
  readonly #holder: Database.Database;

  private constructor(holder: Database.Database) {
    this.#holder = holder;
  }

  /**
   * The lock is one that SQLite holds on a file of its own beside the data, so it goes with the process, however that ends.
   * @throws {StoreUnavailable} when another server has the data
   */
  static take(file: string): DataLock {
    const holder = new Database(`${file}.lock`, { timeout: 0 });
    try {
      holder.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      holder.close();
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
      throw new StoreUnavailable(
        `Another server has the data in ${file}: stop it, or give this one a folder of its own`,
      );
    }
    return new DataLock(holder);
  }

  release(): void {
    this.#holder.close();
  }
}
