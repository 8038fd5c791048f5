export { SqliteDatabase } from './database/sqlite-database.js';
export { SqliteDocumentStore } from './documents/sqlite-document-store.js';
export { SqliteEventStore } from './events/sqlite-event-store.js';
export { sqlite } from './sqlite-adapter.js';
