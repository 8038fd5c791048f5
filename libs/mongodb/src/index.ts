export { RefusedByMongoDB } from './connection/mongodb-errors.js';
export { MongoConnection } from './connection/mongodb-connection.js';
export { MongoDocumentStore } from './documents/mongodb-document-store.js';
export type { DocumentMetadata, ReadModelDocument } from './documents/read-model-document.js';
export { mongoDB } from './mongodb-adapter.js';
export { nativeCollection, NO_TOMBSTONE } from './native-collection.js';
