import { locationOf, SqliteDatabase } from './sqlite-database.js';

/** The databases that one adapter has open: stores of one URL share one. */
export class OpenDatabases {
  readonly #open = new Map<string, Promise<SqliteDatabase>>();

  /**
   * The database of the URL, with the caller as one more user of it.
   * @throws what {@link SqliteDatabase.open} throws
   */
  async open(url: string): Promise<SqliteDatabase> {
    const location = locationOf(url);
    const before = this.#open.get(location);
    if (before) {
      // One that failed to open, or was closed by its last user, is opened anew.
      const database = await before.catch(() => undefined);
      if (database?.retain()) return database;
      if (this.#open.get(location) !== before) return this.open(url);
    }
    const opening = SqliteDatabase.open(url);
    this.#open.set(location, opening);
    return opening;
  }
}
