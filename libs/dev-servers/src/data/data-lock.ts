import { StoreUnavailable } from '@gesta/core';
import Database from 'better-sqlite3';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 1_000;
const LOOK_EVERY_MS = 20;

/** Keeps other servers from a data file, for as long as this process lives or until it is let go. */
export class DataLock {
  readonly #holder: Database.Database;

  private constructor(holder: Database.Database) {
    this.#holder = holder;
  }

  /**
   * The lock is one that SQLite holds on a file of its own beside the data, so it goes with the process, however that ends.
   * One that was killed just now may take a moment to be gone; it is waited for.
   * @throws {StoreUnavailable} when another server has the data
   */
  static async take(file: string): Promise<DataLock> {
    for (const end = performance.now() + PATIENCE_MS; ; await delay(LOOK_EVERY_MS)) {
      const holder = new Database(`${file}.lock`, { timeout: 0 });
      try {
        holder.exec('BEGIN EXCLUSIVE');
        return new DataLock(holder);
      } catch (error) {
        holder.close();
        if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
        if (performance.now() < end) continue;
        throw new StoreUnavailable(
          `Another server has the data in ${file}: stop it, or give this one a folder of its own`,
        );
      }
    }
  }

  release(): void {
    this.#holder.close();
  }
}
