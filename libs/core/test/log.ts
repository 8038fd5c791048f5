import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '../src/events/domain-event.js';
import { eventDefinition } from '../src/events/event.decorator.js';
import type { JsonObject } from '../src/events/json.js';
import type { EventHeaders, RecordedEvent } from '../src/events/recorded-event.js';
import type { KeyedEvent } from '../src/readers/event-consumer.js';
import type { Appended, EventFilter, EventStore } from '../src/store/event-store.js';

/** Records what happened in a stream. */
export function record(store: EventStore, stream: string, ...happened: readonly DomainEvent[]): Promise<Appended> {
  return recordAs(
    store,
    stream,
    ...happened.map(({ type, data, eventClass }) => ({ type, version: eventDefinition(eventClass).version, data })),
  );
}

/** Records events of any name and version, also such as no class describes. */
export function recordAs(
  store: EventStore,
  stream: string,
  ...happened: readonly { type: string; version?: number; data: object; headers?: EventHeaders; id?: string }[]
): Promise<Appended> {
  const events = happened.map(({ type, version = 1, data, headers = {}, id = randomUUID() }) => ({
    id,
    type,
    version,
    headers,
    data: data as JsonObject,
  }));
  return store.append(stream, events, { expected: 'any' });
}

/** Everything in the log, or what the filter lets through. */
export async function wholeLog(store: EventStore, filter?: EventFilter): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const { events } of store.readAll({ filter })) all.push(...events);
  return all;
}

/** The events for each of their keys, as a reader gives them to its consumer. */
export function keyed(
  consumer: { keysOf(event: RecordedEvent): readonly string[] },
  events: readonly RecordedEvent[],
): KeyedEvent[] {
  return events.flatMap((event) => consumer.keysOf(event).map((key) => ({ key, event })));
}
