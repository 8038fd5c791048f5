import { StoreUnavailable } from '@gesta/core';
import type { Database } from 'better-sqlite3';
import { createEventTables } from '../events/event-tables.js';

/** `Gest` in ASCII: stands in the file's header and says whose it is. */
export const APPLICATION_ID = 0x47657374;

/** The newest layout of tables that this package knows. */
export const SCHEMA_VERSION = 1;

/** Before it, two processes that reset the write-ahead log at once could damage the file. */
export const OLDEST_SQLITE = '3.51.3';

/**
 * @param version SQLite's, such as `3.54.1`
 * @throws {StoreUnavailable} when it is older than what several processes can safely share
 */
export function checkSqliteVersion(version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0, oldestPatch = 0] = OLDEST_SQLITE.split('.').map(Number);
  if ((major - oldestMajor || minor - oldestMinor || patch - oldestPatch) < 0) {
    throw new StoreUnavailable(
      `SQLite ${version} can damage a file that several processes use; ${OLDEST_SQLITE} or newer is needed: upgrade better-sqlite3`,
    );
  }
}

/**
 * Stamps an empty file as Gesta's and makes the tables in it; checks the stamp of one that is not empty. A file that is
 * refused is left as it is.
 * @throws {StoreUnavailable} when the file is another application's or was written by a newer schema
 */
export function prepareSchema(db: Database, location: string): void {
  if (isPrepared(db, location)) return;
  db.transaction(() => {
    if (isPrepared(db, location)) return; // another process was faster
    createEventTables(db);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }).immediate();
}

function isPrepared(db: Database, location: string): boolean {
  const application = db.pragma('application_id', { simple: true }) as number;
  const version = db.pragma('user_version', { simple: true }) as number;
  if (application === APPLICATION_ID) {
    if (version <= SCHEMA_VERSION) return true;
    throw new StoreUnavailable(
      `${location} was written by a newer @gesta/sqlite (schema ${version}, this one knows ${SCHEMA_VERSION}): upgrade this application, or give it another file`,
    );
  }
  const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
  if (application === 0 && version === 0 && tables === 0) return false;
  throw new StoreUnavailable(`${location} is another application's SQLite database: give Gesta a file of its own`);
}
