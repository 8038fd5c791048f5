import { memory, type StoreAdapter } from '@gesta/core';
import { eventStoreDB } from '@gesta/eventstoredb';
import { mongoDB } from '@gesta/mongodb';
import { sqlite } from '@gesta/sqlite';

/** The stores that GESTA_EVENTS_URL and GESTA_DOCUMENTS_URL may name; without them, a file below ./data holds everything. */
export function storeAdapters(): StoreAdapter[] {
  return [sqlite(), eventStoreDB(), mongoDB(), memory()];
}
