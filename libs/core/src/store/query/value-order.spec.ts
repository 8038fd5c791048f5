import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareText, compareValues } from './value-order.js';

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe('the order of values', () => {
  it('puts types first: null, numbers, strings, objects, arrays, booleans', () => {
    const ordered = [undefined, -1, 2, 10, '', '10', '2', 'a', {}, { a: 1 }, [], [0], [[]], false, true];
    expect(ordered.toReversed().sort(compareValues)).toEqual([...ordered.slice(1), undefined]); // Array.sort moves undefined
    for (let index = 1; index < ordered.length; index++) {
      expect(compareValues(ordered[index - 1], ordered[index])).toBeLessThan(0);
    }
  });

  it('takes a missing value and null for equal', () => {
    expect(compareValues(undefined, null)).toBe(0);
  });

  it('compares arrays element by element, and a part comes before the whole', () => {
    expect(compareValues([1, 2], [1, 3])).toBeLessThan(0);
    expect(compareValues([2], [1, 3])).toBeGreaterThan(0);
    expect(compareValues([1], [1, null])).toBeLessThan(0);
  });

  it('compares objects field by field as they stand: type, then name, then value', () => {
    expect(compareValues({ b: 1 }, { a: 'x' })).toBeLessThan(0);
    expect(compareValues({ a: 2 }, { b: 1 })).toBeLessThan(0);
    expect(compareValues({ a: 1 }, { a: 2 })).toBeLessThan(0);
    expect(compareValues({ a: 1, b: 2 }, { b: 2, a: 1 })).not.toBe(0);
    expect(compareValues({ a: 1 }, { a: 1, b: null })).toBeLessThan(0);
  });

  it('is an order', () => {
    fc.assert(
      fc.property(json, json, json, (a, b, c) => {
        expect(Math.sign(compareValues(a, b))).toBe(-Math.sign(compareValues(b, a)) || 0);
        const [x, y, z] = [a, b, c].sort(compareValues) as [unknown, unknown, unknown];
        expect(compareValues(x, y)).toBeLessThanOrEqual(0);
        expect(compareValues(x, z)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it('compares text by code points, as the bytes of UTF-8 do', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '\u{d7ff}', '\u{e000}', '\u{ffff}', '😀', '\u{10ffff}'),
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareText(a, b))).toBe(expected);
        expect(Math.sign(compareText(b, a))).toBe(-expected || 0);
      }),
      { numRuns: 2_000 },
    );
  });
});
