import { compareIndexed, type IndexedValue } from './indexed-value.js';

/** One end of a range. */
export interface Bound {
  readonly value: Exclude<IndexedValue, null>;
  readonly inclusive: boolean;
}

export interface ValueRange {
  readonly from: Bound;
  readonly to: Bound;
}

/**
 * A set of indexed values: null or not, and ranges that are in order and do not overlap. A filter that is bounded to it
 * matches no document whose value, unless it stands for an array, is outside.
 */
export interface ValueSpans {
  readonly nulls: boolean;
  readonly ranges: readonly ValueRange[];
  /** Whether, but for arrays, everything inside matches too. */
  readonly exact: boolean;
}

export const NO_VALUES: ValueSpans = { nulls: false, ranges: [], exact: true };

/** One value alone. */
export function only(value: IndexedValue): ValueSpans {
  if (value === null) return { nulls: true, ranges: [], exact: true };
  return between({ value, inclusive: true }, { value, inclusive: true });
}

export function between(from: Bound, to: Bound): ValueSpans {
  return { nulls: false, ranges: isEmpty({ from, to }) ? [] : [{ from, to }], exact: true };
}

/** Marks that what is inside need not match. */
export function inexact(spans: ValueSpans): ValueSpans {
  return { ...spans, exact: false };
}

/** The value of a range that holds no other. */
export function singleValue({ from, to }: ValueRange): IndexedValue | undefined {
  return compareIndexed(from.value, to.value) === 0 ? from.value : undefined;
}

/** What is in any of them. */
export function union(all: readonly ValueSpans[]): ValueSpans {
  const ranges: ValueRange[] = [];
  for (const range of all.flatMap((each) => each.ranges).toSorted((a, b) => compareFrom(a.from, b.from))) {
    const last = ranges.at(-1);
    if (!last || isEmpty({ from: range.from, to: last.to })) ranges.push(range);
    else if (compareTo(range.to, last.to) > 0) ranges[ranges.length - 1] = { from: last.from, to: range.to };
  }
  return { nulls: all.some(({ nulls }) => nulls), ranges, exact: all.every(({ exact }) => exact) };
}

/** What is in both. */
export function intersection(a: ValueSpans, b: ValueSpans): ValueSpans {
  const ranges: ValueRange[] = [];
  for (let i = 0, j = 0; i < a.ranges.length && j < b.ranges.length;) {
    const [one, other] = [a.ranges[i]!, b.ranges[j]!];
    const both = {
      from: compareFrom(one.from, other.from) >= 0 ? one.from : other.from,
      to: compareTo(one.to, other.to) <= 0 ? one.to : other.to,
    };
    if (!isEmpty(both)) ranges.push(both);
    if (compareTo(one.to, other.to) <= 0) i++;
    else j++;
  }
  return { nulls: a.nulls && b.nulls, ranges, exact: a.exact && b.exact };
}

function isEmpty({ from, to }: ValueRange): boolean {
  const difference = compareIndexed(from.value, to.value);
  return difference > 0 || (difference === 0 && !(from.inclusive && to.inclusive));
}

function compareFrom(a: Bound, b: Bound): number {
  return compareIndexed(a.value, b.value) || Number(b.inclusive) - Number(a.inclusive);
}

function compareTo(a: Bound, b: Bound): number {
  return compareIndexed(a.value, b.value) || Number(a.inclusive) - Number(b.inclusive);
}
