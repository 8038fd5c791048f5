import type { StoreAdapter } from '@gesta/core';
import { MongoConnection } from './connection/mongodb-connection.js';
import { EXAMPLE_URL } from './connection/mongodb-url.js';
import { MongoDocumentStore } from './documents/mongodb-document-store.js';

/**
 * Documents in MongoDB: `mongodb://localhost:27017/gesta` or `mongodb+srv://…`, with the database in the path and
 * whatever parameters the driver knows. Every opening has connections of its own.
 */
export function mongoDB(): StoreAdapter {
  return {
    scheme: 'mongodb',
    example: EXAMPLE_URL,
    openDocumentStore: async (url) => new MongoDocumentStore(await MongoConnection.open(url)),
  };
}
