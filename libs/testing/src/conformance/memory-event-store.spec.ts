import { MemoryEventStore } from '@gesta/core';
import { eventStoreConformance } from './event-store.js';

eventStoreConformance(
  'MemoryEventStore',
  async () => {
    const store = new MemoryEventStore();
    return { store, dispose: () => store.close() };
  },
  { volatile: true },
);
