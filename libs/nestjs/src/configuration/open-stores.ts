import {
  shownUrl,
  withoutSecrets,
  type ApplicationSettings,
  type DocumentStore,
  type EventStore,
  type StoreOptions,
} from '@gesta/core';

/** The stores of an application, open. */
export interface Stores {
  readonly events: EventStore;
  readonly documents: DocumentStore;
}

/**
 * Opens both stores.
 * @throws {Error} naming the store that cannot be opened; the other one is closed again
 */
export async function openStores({ events, documents }: ApplicationSettings, options: StoreOptions): Promise<Stores> {
  const eventStore = await opened('event', events.url, () => events.adapter.openEventStore!(events.url, options));
  try {
    const { adapter, url } = documents;
    const documentStore = await opened('document', url, () => adapter.openDocumentStore!(url, options));
    return { events: eventStore, documents: documentStore };
  } catch (error) {
    await eventStore.close();
    throw error;
  }
}

async function opened<T>(what: string, url: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The ${what} store at ${shownUrl(url)} cannot be opened: ${reason}`;
    const shown = withoutSecrets(message, [url]);
    const cause: unknown = shown === message ? error : 'left out, as it holds what the URL keeps secret';
    // oxlint-disable-next-line preserve-caught-error -- a cause is printed too: it stays where it gives nothing away
    throw new Error(shown, { cause });
  }
}
