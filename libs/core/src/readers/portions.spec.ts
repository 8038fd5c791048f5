import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { KeyedEvent } from './event-consumer.js';
import { Portions } from './portions.js';

const happened = (position: number, text = ''): RecordedEvent => ({
  id: `event-${position}`,
  type: 'prices.changed',
  version: 1,
  streamId: 'prices.list-1',
  revision: position,
  position: BigInt(position),
  recordedAt: new Date(0),
  commandId: undefined,
  headers: {},
  data: { text },
});
const forKeys = (count: number) => (event: RecordedEvent) =>
  Array.from({ length: count }, (_, n): KeyedEvent => ({ key: `k${n}`, event }));

async function sizesOf(portions: Portions): Promise<number[]> {
  const sizes: number[] = [];
  for await (const work of portions) sizes.push(work.length);
  return sizes;
}

describe('Portions', () => {
  it('are one for events of few keys, and many for an event of many', async () => {
    expect(await sizesOf(new Portions([happened(1), happened(2)], forKeys(3), () => true))).toEqual([6]);
    const sizes = await sizesOf(new Portions([happened(1)], forKeys(30_000), () => true));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(30_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2_001);
  });

  it('are smaller where an event that is copied for each key is large', async () => {
    const sizes = await sizesOf(new Portions([happened(1, 'x'.repeat(1_000_000))], forKeys(100), () => true));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(20);
    expect(await sizesOf(new Portions([happened(1, 'x'.repeat(20_000_000))], forKeys(1), () => true))).toEqual([1]);
  });

  it('ask for what is wanted when its turn has come', async () => {
    const unwanted = new Set<string>();
    const asked: string[] = [];
    const keyed = (event: RecordedEvent) => (asked.push(event.id), forKeys(3_000)(event));
    const portions = new Portions([happened(1), happened(2)], keyed, ({ key }) => !unwanted.has(key));
    const sizes: number[] = [];
    for await (const work of portions) {
      if (sizes.length === 0) {
        expect(asked).toEqual(['event-1']);
        for (const { key } of forKeys(3_000)(happened(1))) unwanted.add(key); // all that is parked meanwhile
      }
      sizes.push(work.length);
    }
    expect(sizes[0]).toBeLessThanOrEqual(2_001);
    expect(sizes).toHaveLength(1);
  });

  it('can be looked ahead for, and are given all the same', async () => {
    const portions = new Portions([happened(1)], forKeys(5_000), () => true);
    expect(await portions.areSeveral()).toBe(true);
    expect((await sizesOf(portions)).reduce((sum, size) => sum + size)).toBe(5_000);
    const one = new Portions([happened(1)], forKeys(5), () => true);
    expect(await one.areSeveral()).toBe(false);
    expect(await sizesOf(one)).toEqual([5]);
    expect(await sizesOf(new Portions([], forKeys(5), () => true))).toEqual([]);
  });
});
