import type { FindOptions, IndexSpec, Sort } from '../document-store.js';
import { checkedPath } from './field-path.js';

/** A field that documents are sorted or indexed by. */
export interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
}

/** What to give of the documents that match. */
export interface FindWindow {
  /** In order of weight; empty where the keys alone are the order. */
  readonly sort: readonly SortField[];
  readonly skip: number;
  /** `Infinity` where there is none. */
  readonly limit: number;
}

/**
 * @param options `limit` 0 means no documents
 * @throws {TypeError | RangeError} for a sort direction other than 1 and -1, a bad path, and for a limit or skip that is
 * not a whole number or is negative
 */
export function findWindow(options: FindOptions = {}): FindWindow {
  return {
    sort: sortFields(options.sort ?? {}, 'sort'),
    skip: count(options.skip ?? 0, 'skip'),
    limit: options.limit === undefined ? Infinity : count(options.limit, 'limit'),
  };
}

/**
 * The fields of a sort or of an index.
 * @param what what to call it in messages
 * @throws {TypeError | RangeError} see {@link findWindow}
 */
export function sortFields(spec: Sort, what: string): SortField[] {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    throw new TypeError(`${what} takes an object such as { placedAt: -1 }`);
  }
  return Object.entries(spec).map(([path, direction]) => {
    if (direction !== 1 && direction !== -1) {
      throw new RangeError(`${what}.${path} takes 1 (ascending) or -1 (descending), not ${String(direction)}`);
    }
    return { path: checkedPath(path), direction };
  });
}

/** @throws {TypeError | RangeError} for an index without fields, or with bad ones; see {@link findWindow} */
export function indexFields(index: IndexSpec): SortField[] {
  const fields = sortFields(index, 'index');
  if (fields.length === 0) throw new RangeError('An index takes at least one field');
  return fields;
}

function count(value: number, what: string): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${what} takes a whole number, not ${String(value)}`);
  if (value < 0) throw new RangeError(`${what} cannot be negative, and it is ${value}`);
  return value;
}
