import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inKeyOrder } from './in-key-order.js';

describe('keys in order', () => {
  it('gives every key once, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.string()), async (keys) => {
        expect([...(await inKeyOrder(keys))]).toEqual(keys.toSorted());
      }),
    );
  });

  it('gives more keys than are sorted in one go', async () => {
    const keys = Array.from({ length: 30_000 }, (_, index) => `key${(index * 48_271) % 30_000}`);
    expect([...(await inKeyOrder(keys))]).toEqual(keys.toSorted());
  });

  it('lets others have their turn meanwhile', async () => {
    let turns = 0;
    const others = setInterval(() => turns++, 0);
    await inKeyOrder(Array.from({ length: 100_000 }, (_, index) => `key${(index * 48_271) % 100_000}`));
    clearInterval(others);
    expect(turns).toBeGreaterThan(0);
  });
});
