import { describe, expect, it } from '@jest/globals';
import { memory } from './memory-adapter.js';

describe('memory()', () => {
  const now = () => new Date('2026-01-02T03:04:05Z');

  it('opens an event store that keeps the time it is given', async () => {
    const store = await memory().openEventStore!('memory:', { now });
    const event = { id: '1', type: 'memory.happened', version: 1, headers: {}, data: {} };
    await store.append('memory.stream-1', [event], { expected: 'no-stream' });
    for await (const [recorded] of store.readStream('memory.stream-1')) expect(recorded!.recordedAt).toEqual(now());
    await store.close();
  });

  it('opens a document store', async () => {
    const store = await memory().openDocumentStore!('memory:', { now });
    const documents = await store.collection('orders');
    await documents.put([{ key: '1', version: 1n, body: { status: 'placed' } }]);
    expect(await documents.count({ status: 'placed' })).toBe(1);
    await store.close();
  });

  it('gives every opening a store of its own', async () => {
    const [one, other] = [
      await memory().openEventStore!('memory:', { now }),
      await memory().openEventStore!('memory:', { now }),
    ];
    const event = { id: '1', type: 'memory.happened', version: 1, headers: {}, data: {} };
    await one.append('memory.stream-1', [event], { expected: 'no-stream' });
    expect((await other.head()).position).toBe(0n);
  });
});
