import './supported-node.js'; // before all else: what follows need not load on an older Node
export { SqliteDatabase } from './database/sqlite-database.js';
export { SqliteDocumentStore } from './documents/sqlite-document-store.js';
export { SqliteEventStore } from './events/sqlite-event-store.js';
export { sqlite } from './sqlite-adapter.js';
