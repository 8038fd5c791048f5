import type { SortField } from './find-options.js';
import { EMPTY_ARRAY, sortValuesAt } from './path-values.js';
import { compareText, compareValues } from './value-order.js';

/** As much of a document as its place in an order depends on. */
export interface Sortable {
  readonly key: string;
  /** The body's values for the fields of the sort, from {@link sortValues}. */
  readonly values: readonly unknown[];
}

/**
 * What a body is sorted by, one value for each field: of an array the least element where the order is ascending, the
 * greatest where it is descending.
 */
export function sortValues(body: object, sort: readonly SortField[]): unknown[] {
  return sort.map(({ path, direction }) => {
    const values = sortValuesAt(body, path.split('.'));
    return values.length === 1 ? values[0] : values.reduce((a, b) => (compareOne(a, b) * direction <= 0 ? a : b));
  });
}

/**
 * The order of documents. Those that are equal under the sort, all of them where there is none, come in the order of
 * their keys, and backwards where the sort's last field is descending: so an index serves either way, and what `skip`
 * and `limit` cut out is always the same.
 */
export function documentOrder(sort: readonly SortField[]): (a: Sortable, b: Sortable) => number {
  const keyDirection = sort.at(-1)?.direction ?? 1;
  return (a, b) => {
    for (let index = 0; index < sort.length; index++) {
      const difference = compareOne(a.values[index], b.values[index]);
      if (difference !== 0) return difference * sort[index]!.direction;
    }
    return compareText(a.key, b.key) * keyDirection;
  };
}

function compareOne(a: unknown, b: unknown): number {
  if (a === EMPTY_ARRAY || b === EMPTY_ARRAY) return Number(b === EMPTY_ARRAY) - Number(a === EMPTY_ARRAY);
  return compareValues(a, b);
}
