import { MemoryDocumentStore } from '@gesta/core';
import { documentStoreConformance } from './document-store.js';

documentStoreConformance(
  'MemoryDocumentStore',
  async () => {
    const store = new MemoryDocumentStore();
    return { store, dispose: () => store.close() };
  },
  { volatile: true },
);
