import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AFTER_TEXT, compareIndexed, FALSE, TRUE, type IndexedValue } from './indexed-value.js';
import { between, intersection, NO_VALUES, only, union, type ValueSpans } from './value-spans.js';

const VALUES: Exclude<IndexedValue, null>[] = [-Infinity, 0, 1, 2, 3, '', 'a', 'b', AFTER_TEXT, FALSE, TRUE];

const bound = fc.record({ value: fc.constantFrom(...VALUES), inclusive: fc.boolean() });
const simple = fc.oneof(
  fc.constantFrom(null, ...VALUES).map(only),
  fc.tuple(bound, bound).map(([from, to]) => between(from, to)),
);
const spans = fc.array(simple, { maxLength: 4 }).map(union);

/** The plainest telling of what is inside. */
function holds({ nulls, ranges }: ValueSpans, value: IndexedValue): boolean {
  if (value === null) return nulls;
  return ranges.some(({ from, to }) => {
    const [down, up] = [compareIndexed(value, from.value), compareIndexed(value, to.value)];
    return (down > 0 || (down === 0 && from.inclusive)) && (up < 0 || (up === 0 && to.inclusive));
  });
}

/** Every value that may be a bound, and one between each two. */
const PROBES: IndexedValue[] = [
  null,
  -5,
  ...VALUES,
  0.5,
  1.5,
  2.5,
  4,
  '\u0000',
  'aa',
  'c',
  Buffer.from([1, 0]),
  Buffer.from([3]),
];

function expectInOrder({ ranges }: ValueSpans): void {
  for (let index = 1; index < ranges.length; index++) {
    const [before, after] = [ranges[index - 1]!.to, ranges[index]!.from];
    const difference = compareIndexed(before.value, after.value);
    expect(difference < 0 || (difference === 0 && !(before.inclusive && after.inclusive))).toBe(true);
  }
}

describe('spans of values', () => {
  it('hold in their union what any of them holds, in ranges that are in order and apart', () => {
    fc.assert(
      fc.property(fc.array(simple, { maxLength: 5 }), (all) => {
        const together = union(all);
        expectInOrder(together);
        for (const probe of PROBES) expect(holds(together, probe)).toBe(all.some((each) => holds(each, probe)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('hold in their intersection what both hold', () => {
    fc.assert(
      fc.property(spans, spans, (a, b) => {
        const both = intersection(a, b);
        expectInOrder(both);
        for (const probe of PROBES) expect(holds(both, probe)).toBe(holds(a, probe) && holds(b, probe));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are exact only when all parts are', () => {
    const some = { ...only(1), exact: false };
    expect(union([some, only(2)]).exact).toBe(false);
    expect(intersection(only(1), some).exact).toBe(false);
    expect(union([only(1), NO_VALUES]).exact).toBe(true);
  });
});
