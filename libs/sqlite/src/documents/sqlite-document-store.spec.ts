import { documentStoreConformance } from '@gesta/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteDocumentStore } from './sqlite-document-store.js';

documentStoreConformance('SqliteDocumentStore in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gesta-documents-'));
  const open = async () => new SqliteDocumentStore(await SqliteDatabase.open(`sqlite:${join(folder, 'gesta.db')}`));
  let store = await open();
  return {
    store,
    reopen: async () => {
      await store.close();
      return (store = await open());
    },
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

documentStoreConformance(
  'SqliteDocumentStore in memory',
  async () => {
    const store = new SqliteDocumentStore(await SqliteDatabase.open('sqlite::memory:'));
    return { store, dispose: () => store.close() };
  },
  { volatile: true, runs: 200 },
);
