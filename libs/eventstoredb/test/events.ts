import type { EventBatch, EventToAppend, RecordedEvent } from '@gesta/core';
import { randomUUID } from 'node:crypto';

export function anEvent(fields: Partial<EventToAppend> = {}): EventToAppend {
  return { id: randomUUID(), type: 'test.happened', version: 1, headers: {}, data: {}, ...fields };
}

/** Events whose data numbers them from 0. */
export function events(count: number, fields: Partial<EventToAppend> = {}): EventToAppend[] {
  return Array.from({ length: count }, (_, n) => anEvent({ data: { n }, ...fields }));
}

/** Everything that a reading of one stream gives. */
export async function allOf(reading: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const batch of reading) all.push(...batch);
  return all;
}

/** The events that a reading of the log gives. */
export async function eventsOf(reading: AsyncIterable<EventBatch>): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const batch of reading) all.push(...batch.events);
  return all;
}

export const idsOf = (some: readonly { readonly id: string }[]): string[] => some.map(({ id }) => id);
