import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { portionsOf } from './portions.js';

describe('portions', () => {
  it('hold everything in order, each no more than allowed but for one item', () => {
    const most = fc.record({ items: fc.integer({ min: 1, max: 5 }), bytes: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(fc.nat(30)), most, (items, limits) => {
        const portions = portionsOf(items, (item) => item, limits);
        expect(portions.flat()).toEqual(items);
        for (const portion of portions) {
          expect(portion.length).toBeGreaterThan(0);
          expect(portion.length).toBeLessThanOrEqual(limits.items);
          expect(portion.slice(0, -1).reduce((sum, item) => sum + item, 0)).toBeLessThan(limits.bytes);
        }
      }),
    );
  });

  it('are few: nothing is split that could stay together', () => {
    expect(portionsOf([1, 1, 1, 1, 1], () => 1, { items: 2, bytes: 100 })).toHaveLength(3);
    expect(portionsOf([9, 9, 1, 1], (item) => item, { items: 10, bytes: 10 })).toEqual([
      [9, 9],
      [1, 1],
    ]);
  });
});
