import type { DocumentStore } from './document-store.js';
import type { EventStore } from './event-store.js';

/** What a store needs beside its URL. */
export interface StoreOptions {
  /** The time; tests set it. It stamps events and never orders them. */
  now: () => Date;
}

/** A kind of store that can be opened by a URL. An adapter may hold events, documents or both. */
export interface StoreAdapter {
  /** The part of the URL before the colon. */
  readonly scheme: string;
  /** Other schemes that it opens: `kurrentdb` beside `esdb`. */
  readonly aliases?: readonly string[];
  /** How such a URL looks, for messages: `sqlite:./data/gesta.db`. */
  readonly example: string;
  openEventStore?(url: string, options: StoreOptions): Promise<EventStore>;
  openDocumentStore?(url: string, options: StoreOptions): Promise<DocumentStore>;
}
