import { randomUUID } from 'node:crypto';
import { streamId, type EventBatch, type EventToAppend, type RecordedEvent } from '@gesta/core';

const hex = () => randomUUID().replaceAll('-', '');

/** A category that no other test uses: a store may be shared. */
export const freshCategory = (): string => `kit.c${hex()}`;

/** An event type that no other test uses. */
export const freshType = (): string => `kit.t${hex()}`;

/** A stream that no other test uses. */
export const freshStream = (category = freshCategory()): string => streamId(category, randomUUID());

export function anEvent(fields: Partial<EventToAppend> = {}): EventToAppend {
  return { id: randomUUID(), type: 'kit.happened', version: 1, headers: {}, data: {}, ...fields };
}

/** Events whose data numbers them from 0. */
export function events(count: number, fields: Partial<EventToAppend> = {}): EventToAppend[] {
  return Array.from({ length: count }, (_, n) => anEvent({ data: { n }, ...fields }));
}

export const idsOf = (some: readonly { readonly id: string }[]): string[] => some.map(({ id }) => id);

/** Everything that a reading of one stream gives. */
export async function allOf(reading: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const batch of reading) all.push(...batch);
  return all;
}

/** Every batch that a reading of the log gives. */
export async function batchesOf(reading: AsyncIterable<EventBatch>): Promise<EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of reading) batches.push(batch);
  return batches;
}

/** The events in the batches. */
export const inside = (batches: readonly EventBatch[]): RecordedEvent[] => batches.flatMap(({ events }) => events);

/** The events that a reading of the log gives. */
export async function eventsOf(reading: AsyncIterable<EventBatch>): Promise<RecordedEvent[]> {
  return inside(await batchesOf(reading));
}

/** What the call was refused with. A call that is not refused is the failure. */
export async function refusalOf(call: Promise<unknown> | (() => Promise<unknown>)): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await (typeof call === 'function' ? call() : call);
  } catch (refusal) {
    return refusal;
  }
  throw new Error(
    `It was not refused but answered ${typeof answer === 'object' ? Object.keys(answer ?? {}).join() : String(answer)}`,
  );
}
