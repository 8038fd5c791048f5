import type { DocumentStore, EventStore, StoreAdapter } from '@gesta/core';
import { eventStoreDB } from '@gesta/eventstoredb';
import { mongoDB } from '@gesta/mongodb';
import { sqlite } from '@gesta/sqlite';

const ADAPTERS: readonly StoreAdapter[] = [sqlite(), eventStoreDB(), mongoDB()];
const OPTIONS = { now: () => new Date() };

export function openEvents(url: string): Promise<EventStore> {
  return adapterOf(url).openEventStore!(url, OPTIONS);
}

export function openDocuments(url: string): Promise<DocumentStore> {
  return adapterOf(url).openDocumentStore!(url, OPTIONS);
}

function adapterOf(url: string): StoreAdapter {
  return ADAPTERS.find(({ scheme }) => url.startsWith(`${scheme}:`))!;
}
