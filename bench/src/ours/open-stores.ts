import { SqliteDatabase, SqliteDocumentStore, SqliteEventStore } from '@gesta/sqlite';

/** The two stores on one file, and the database beneath, whose settings the floor takes over. */
export interface OpenStores {
  readonly database: SqliteDatabase;
  readonly events: SqliteEventStore;
  readonly documents: SqliteDocumentStore;
  close(): Promise<void>;
}

/** @param path the file, which is made when it is not there */
export async function openStores(path: string): Promise<OpenStores> {
  const database = await SqliteDatabase.open(`sqlite:${path}`);
  const events = new SqliteEventStore(database);
  database.retain(); // for the second store
  const documents = new SqliteDocumentStore(database);
  return {
    database,
    events,
    documents,
    async close() {
      await events.close();
      await documents.close();
    },
  };
}
