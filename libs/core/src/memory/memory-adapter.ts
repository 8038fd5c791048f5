import type { StoreAdapter } from '../store/store-adapter.js';
import { MemoryDocumentStore } from './memory-document-store.js';
import { MemoryEventStore } from './memory-event-store.js';

/** Stores in memory, by the URL `memory:`. Every opening is a store of its own; nothing outlives the process. */
export function memory(): StoreAdapter {
  return {
    scheme: 'memory',
    example: 'memory:',
    openEventStore: async (_url, options) => new MemoryEventStore(options),
    openDocumentStore: async () => new MemoryDocumentStore(),
  };
}
