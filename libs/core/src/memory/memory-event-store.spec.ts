import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { EventToAppend } from '../events/recorded-event.js';
import type { EventBatch } from '../store/event-store.js';
import { WrongExpectedRevision } from '../store/errors.js';
import { MemoryEventStore } from './memory-event-store.js';

const events = (count: number, type = 'memory.happened'): EventToAppend[] =>
  Array.from({ length: count }, () => ({ id: randomUUID(), type, version: 1, headers: {}, data: {} }));

async function allOf<T>(reading: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of reading) all.push(each);
  return all;
}

// What every store does is stated by the conformance kit, which is run on this one in @gesta/testing.
describe('MemoryEventStore', () => {
  it('stamps events with the time it is given', async () => {
    const store = new MemoryEventStore({ now: () => new Date('2026-01-02T03:04:05.678Z') });
    await store.append('memory.stream-1', events(1), { expected: 'any' });
    const [recorded] = (await allOf(store.readStream('memory.stream-1'))).flat();
    expect(recorded!.recordedAt).toEqual(new Date('2026-01-02T03:04:05.678Z'));
  });

  it('looks at a thousand events at most before it says how far it is', async () => {
    const store = new MemoryEventStore();
    await store.append('memory.stream-1', events(10_000), { expected: 'any' });
    const batches = await allOf(store.readAll({ filter: { types: ['memory.wanted'] } }));
    expect(batches.map(({ position }) => position)).toEqual(
      Array.from({ length: 10 }, (_, n) => BigInt(1000 * (n + 1))),
    );
    expect(batches.map(({ caughtUp }) => caughtUp)).toEqual([...Array<boolean>(9).fill(false), true]);
  });

  it('lets others have their turn during a long reading', async () => {
    const store = new MemoryEventStore();
    await store.append('memory.stream-1', events(10_000), { expected: 'any' });
    const stopping = new AbortController();
    setImmediate(() => stopping.abort(new Error('stopped from outside')));
    await expect(allOf(store.readAll({ batchSize: 1, signal: stopping.signal }))).rejects.toThrow(
      'stopped from outside',
    );
  });

  it('reads nothing on behalf of a consumer that does not ask', async () => {
    const store = new MemoryEventStore();
    const { signal } = new AbortController();
    const subscription = store.subscribe({ batchSize: 1, signal })[Symbol.asyncIterator]();
    await store.append('memory.stream-1', events(3), { expected: 'any' });
    await subscription.next();
    await store.truncateStream('memory.stream-1', 2);
    const { value } = (await subscription.next()) as { value: EventBatch };
    expect(value.events.map(({ revision }) => revision)).toEqual([2]);
  });

  it('takes only the whole of an earlier append for its repeat', async () => {
    const store = new MemoryEventStore();
    const [first, second, third] = events(3) as [EventToAppend, EventToAppend, EventToAppend];
    await store.append('memory.stream-1', [first, second], { expected: 'no-stream' });
    await store.append('memory.stream-1', [third], { expected: 1 });
    for (const some of [[first], [first, second, third]]) {
      await expect(store.append('memory.stream-1', some, { expected: 'no-stream' })).rejects.toThrow(
        WrongExpectedRevision,
      );
    }
  });

  it('refuses a revision of a stream that was deleted since', async () => {
    const store = new MemoryEventStore();
    await store.append('memory.stream-1', events(2), { expected: 'no-stream' });
    await store.deleteStream('memory.stream-1', { expected: 1 });
    await expect(store.append('memory.stream-1', events(1), { expected: 1 })).rejects.toMatchObject({
      actual: 'no-stream',
    });
  });

  it('refuses checkpoints of another store', async () => {
    const { checkpoint: after } = await new MemoryEventStore().head();
    await expect(allOf(new MemoryEventStore().readAll({ after }))).rejects.toThrow('is no checkpoint of this store');
  });
});
