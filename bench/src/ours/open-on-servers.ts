import type { DocumentStore, EventStore } from '@gesta/core';
import { eventStoreDB } from '@gesta/eventstoredb';
import { mongoDB } from '@gesta/mongodb';
import { openGestaOn } from './open-gesta.js';

export function openEventStoreDB(url: string): Promise<EventStore> {
  return eventStoreDB().openEventStore!(url, { now: () => new Date() });
}

/** @param url with a database that is ours alone */
export function openMongoDB(url: string): Promise<DocumentStore> {
  return mongoDB().openDocumentStore!(url, { now: () => new Date() });
}

/** The application that is measured, on servers. */
export async function openGestaOnServers(eventsUrl: string, documentsUrl: string) {
  const events = await openEventStoreDB(eventsUrl);
  const documents = await openMongoDB(documentsUrl);
  return {
    events,
    documents,
    gesta: await openGestaOn({ events, documents }),
    async close() {
      await events.close();
      await documents.close();
    },
  };
}
