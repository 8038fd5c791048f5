import type { StoreAdapter } from '@gesta/core';
import { OpenDatabases } from './database/open-databases.js';
import type { SqliteDatabase } from './database/sqlite-database.js';
import { SqliteDocumentStore } from './documents/sqlite-document-store.js';
import { SqliteEventStore } from './events/sqlite-event-store.js';

/**
 * Events and documents in an SQLite file: `sqlite:./data/gesta.db`, or `sqlite::memory:` for a store that is gone with
 * the process. The stores that one adapter opens under one URL share one database.
 */
export function sqlite(): StoreAdapter {
  const databases = new OpenDatabases();
  return {
    scheme: 'sqlite',
    example: 'sqlite:./data/gesta.db',
    openEventStore: async (url, options) =>
      openedOn(await databases.open(url), (database) => new SqliteEventStore(database, options)),
    openDocumentStore: async (url) =>
      openedOn(await databases.open(url), (database) => new SqliteDocumentStore(database)),
  };
}

/** The store, or the database is let go of. A lock that is in the way for a moment is waited for, as in every read. */
async function openedOn<S>(database: SqliteDatabase, store: (database: SqliteDatabase) => S): Promise<S> {
  try {
    return await database.events.read(() => store(database));
  } catch (error) {
    await database.release();
    throw error;
  }
}
