import { UnsupportedOperator } from '../errors.js';
import type { SortField } from './find-options.js';
import { EMPTY_ARRAY, leadsIntoArray, sortTuplesAt, sortValuesAt } from './path-values.js';
import { compareText, compareValues } from './value-order.js';

/** As much of a document as its place in an order depends on. */
export interface Sortable {
  readonly key: string;
  /** The body's values for the fields of the sort, from {@link sortValues}. */
  readonly values: readonly unknown[];
}

/**
 * What a body is sorted by, one value for each field: of an array the least element where the order is ascending, the
 * greatest where it is descending. Fields that lead through one array have their values from one element of it.
 * @throws {UnsupportedOperator} where two of the fields lead into different arrays
 */
export function sortValues(body: object, sort: readonly SortField[]): unknown[] {
  if (sort.length > 1 && sort.filter(({ path }) => leadsIntoArray(body, path.split('.'))).length > 1) {
    return sortValuesTogether(body, sort);
  }
  return sort.map(({ path, direction }) => {
    const values = sortValuesAt(body, path.split('.'));
    return values.length === 1 ? values[0] : values.reduce((a, b) => (compareOne(a, b) * direction <= 0 ? a : b));
  });
}

/** The refusal of a sort by two fields that lead into different arrays in one document: there is no order of pairs. */
export function parallelArrays(sort: readonly SortField[]): UnsupportedOperator {
  const fields = sort.map(({ path }) => path).join(', ');
  return new UnsupportedOperator(
    'sort',
    `of the fields ${fields} two lead into different arrays in one document; sort by one of these`,
  );
}

function sortValuesTogether(body: object, sort: readonly SortField[]): unknown[] {
  const paths = sort.map(({ path }) => path.split('.'));
  const tuples = sortTuplesAt(body, paths) ?? [];
  if (tuples.length === 0) throw parallelArrays(sort);
  return tuples.reduce((least, tuple) => (compareTuples(tuple, least, sort) < 0 ? tuple : least));
}

function compareTuples(a: readonly unknown[], b: readonly unknown[], sort: readonly SortField[]): number {
  for (let index = 0; index < sort.length; index++) {
    const difference = compareOne(a[index], b[index]);
    if (difference !== 0) return difference * sort[index]!.direction;
  }
  return 0;
}

/**
 * The order of documents. Those that are equal under the sort, all of them where there is none, come in the order of
 * their keys, and backwards where the sort's last field is descending: so an index serves either way, and what `skip`
 * and `limit` cut out is always the same.
 */
export function documentOrder(sort: readonly SortField[]): (a: Sortable, b: Sortable) => number {
  const keyDirection = sort.at(-1)?.direction ?? 1;
  return (a, b) => compareTuples(a.values, b.values, sort) || compareText(a.key, b.key) * keyDirection;
}

function compareOne(a: unknown, b: unknown): number {
  if (a === EMPTY_ARRAY || b === EMPTY_ARRAY) return Number(b === EMPTY_ARRAY) - Number(a === EMPTY_ARRAY);
  return compareValues(a, b);
}
