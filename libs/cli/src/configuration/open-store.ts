import { shownUrl, type DocumentStore, type EventStore, type StoreLocation } from '@gesta/core';
import { refuseEmpty } from './database-file.js';

const OPTIONS = { now: () => new Date() };

/** @throws {Error} saying which store cannot be opened and why */
export function openEventStore({ adapter, url }: StoreLocation): Promise<EventStore> {
  return opened('event', url, () => adapter.openEventStore!(url, OPTIONS));
}

/** @throws {Error} saying which store cannot be opened and why */
export function openDocumentStore({ adapter, url }: StoreLocation): Promise<DocumentStore> {
  return opened('document', url, () => adapter.openDocumentStore!(url, OPTIONS));
}

async function opened<T>(what: string, url: string, open: () => Promise<T>): Promise<T> {
  try {
    refuseEmpty(url);
    return await open();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The ${what} store at ${shownUrl(url)} cannot be opened: ${reason}`, { cause: error });
  }
}
