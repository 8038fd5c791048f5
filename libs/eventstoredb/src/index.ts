export { eventStoreDB } from './eventstoredb-adapter.js';
export { EventStoreDBEventStore, type EventStoreDBOptions } from './eventstoredb-event-store.js';
export { AppendTooLarge, StreamTombstoned } from '@gesta/core';
