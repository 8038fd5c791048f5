import { randomUUID } from 'node:crypto';
import { streamId, type Checkpoint, type EventFilter, type RecordedEvent } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { anEvent, freshCategory, freshType } from './samples.js';
import type { Subject } from './subject.js';

/** For a name, others that a filter by prefix, by pattern or without regard to case takes for it. */
function alike(name: string): string[] {
  return [
    `${name}c`,
    `${name}.c`,
    name.replace('.', 'x'),
    name.replace('_', 'x'),
    name.toUpperCase(),
    name.slice(0, -1),
    `x${name}`,
  ];
}

/**
 * The tests that a filter takes the names it gives and no other. Reading and subscribing are both held to them.
 * @param read gives what matches behind the checkpoint, up to the present end of the log
 */
export function lookingAlike(
  read: (filter: EventFilter, after: Checkpoint) => Promise<RecordedEvent[]>,
  subject: Subject,
): void {
  it('tells a category from those whose names look alike', async () => {
    const { store } = subject;
    const { checkpoint } = await store.head();
    const category = `${freshCategory()}.a_b`;
    const wanted = streamId(category, 'x-y');
    for (const other of alike(category)) {
      await store.append(streamId(other, randomUUID()), [anEvent()], { expected: 'no-stream' });
    }
    await store.append(wanted, [anEvent()], { expected: 'no-stream' });
    await store.append(streamId(freshCategory(), category), [anEvent()], { expected: 'no-stream' });
    const found = await read({ categories: [category] }, checkpoint);
    expect(found.map((event) => event.streamId)).toEqual([wanted]);
  });

  it('tells a type from those whose names look alike', async () => {
    const { store } = subject;
    const { checkpoint } = await store.head();
    const type = `${freshType()}.order_placed`;
    const stream = streamId(freshCategory(), randomUUID());
    await store.append(
      stream,
      [...alike(type), type].map((name) => anEvent({ type: name })),
      { expected: 'no-stream' },
    );
    await store.append(streamId(type.replaceAll('-', ''), 'a'), [anEvent()], { expected: 'any' });
    const found = await read({ types: [type] }, checkpoint);
    expect(found.map((event) => event.type)).toEqual([type]);
  });
}
