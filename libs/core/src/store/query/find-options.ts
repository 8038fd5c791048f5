import type { FindOptions, IndexSpec, PurgeOptions, Sort } from '../document-store.js';
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
  /** Only what comes behind this key; `undefined` where that is all. */
  readonly after: string | undefined;
}

/**
 * @param options `limit` 0 means no documents
 * @throws {TypeError | RangeError} for a sort direction other than 1 and -1, a bad path, for a limit or skip that is not a
 * whole number or is negative, and for `after` together with a sort
 */
export function findWindow(options: FindOptions = {}): FindWindow {
  const { after } = options;
  const sort = sortFields(options.sort ?? {}, 'sort');
  if (after !== undefined) {
    if (typeof after !== 'string') throw new TypeError(`after takes a key, not ${String(after)}`);
    if (sort.length > 0) throw new TypeError('after goes by the keys: it cannot be given together with a sort');
  }
  return {
    sort,
    skip: count(options.skip ?? 0, 'skip'),
    limit: options.limit === undefined ? Infinity : count(options.limit, 'limit'),
    after,
  };
}

/** @throws {TypeError | RangeError} for a limit that is not a whole number of at least 1, and for a version that is no bigint */
export function checkedPurge({ upTo, after, limit }: PurgeOptions): PurgeOptions {
  if (typeof upTo !== 'bigint') throw new TypeError(`upTo takes a version, which is a bigint, not ${String(upTo)}`);
  if (after !== undefined && typeof after !== 'string') throw new TypeError(`after takes a key, not ${String(after)}`);
  if (count(limit, 'limit') === 0) throw new RangeError('limit takes at least 1');
  return { upTo, after, limit };
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
