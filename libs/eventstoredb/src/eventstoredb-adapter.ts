import type { StoreAdapter } from '@gesta/core';
import { EXAMPLE_URL } from './connection/connection-url.js';
import { EventStoreDBEventStore, type EventStoreDBOptions } from './eventstoredb-event-store.js';

/**
 * Events in EventStoreDB or KurrentDB: `esdb://user:password@host:2113`, with several hosts or `esdb+discover://` for a
 * cluster, and with `?tls=false` for a server that runs insecurely. `kurrentdb://` means the same.
 */
export function eventStoreDB(options: EventStoreDBOptions = {}): StoreAdapter {
  return {
    scheme: 'esdb',
    aliases: ['kurrentdb', 'kurrent', 'kdb'],
    example: EXAMPLE_URL,
    openEventStore: (url) => EventStoreDBEventStore.open(url, options),
  };
}
