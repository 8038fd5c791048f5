import { compareText } from '@gesta/core';

/**
 * What an index holds for one field of one document: numbers and text as they are; null for null and for a missing
 * field; and blobs, which SQLite sorts behind text, for the rest. So SQLite's order of these values is MongoDB's.
 */
export type IndexedValue = null | number | string | Buffer;

export const FALSE = Buffer.from([1]);
export const TRUE = Buffer.from([2]);
/** Any object: which one only the body tells. */
export const OBJECT = Buffer.from([3]);
/** An array is at the path's end or on the way there: it is for the body to say what the path leads to. */
export const ARRAY = Buffer.from([4]);

/** The first that is no number any more, and the first that is no text any more. */
export const FIRST_TEXT = '';
export const AFTER_TEXT = Buffer.alloc(0);

/** Whether the value stands for an array or an object, whose place in an order only the body tells. */
export function isIrregular(value: IndexedValue): boolean {
  return Buffer.isBuffer(value) && value[0]! >= OBJECT[0]!;
}

/** SQLite's order of two values of an index. */
export function compareIndexed(a: IndexedValue, b: IndexedValue): number {
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  if (typeof a === 'number') return a < (b as number) ? -1 : Number(a > (b as number));
  if (typeof a === 'string') return compareText(a, b as string);
  return a === null ? 0 : Buffer.compare(a, b as Buffer);
}

function rank(value: IndexedValue): number {
  if (value === null) return 0;
  if (typeof value === 'number') return 1;
  return typeof value === 'string' ? 2 : 3;
}

/** Whether the path can stand in an index: its parts need no escape in JSON, and so none in SQLite's JSON paths. */
export function isIndexable(path: string): boolean {
  return path.split('.').every((part) => JSON.stringify(part) === `"${part}"`);
}

/**
 * SQL for the indexed value of a field of `body`. An index serves a query only where both have the very same text.
 * @param path one that is indexable
 */
export function indexedValueSql(path: string): string {
  const parts = path.split('.');
  const json = parts.map((_, last) => jsonPathSql(parts.slice(0, last + 1)));
  const whole = json.at(-1)!;
  // Integers become doubles as they are in JavaScript, so that those beyond 2^53 equal what they are printed for.
  const value = `CASE json_type(body, ${whole})
    WHEN 'text' THEN json_extract(body, ${whole})
    WHEN 'integer' THEN CAST(json_extract(body, ${whole}) AS REAL)
    WHEN 'real' THEN json_extract(body, ${whole})
    WHEN 'false' THEN x'01' WHEN 'true' THEN x'02' WHEN 'object' THEN x'03' WHEN 'array' THEN x'04' END`;
  const arrays = json.slice(0, -1).map((way) => `WHEN json_type(body, ${way}) = 'array' THEN x'04'`);
  const sql = arrays.length === 0 ? value : `CASE ${arrays.join(' ')} ELSE ${value} END`;
  return `(${sql.replaceAll(/\s+/g, ' ')})`;
}

/** SQL that is true where one of the values is irregular. */
export function irregularSql(paths: readonly string[]): string {
  return `(${paths.map((path) => `${indexedValueSql(path)} >= x'03'`).join(' OR ')})`;
}

function jsonPathSql(parts: readonly string[]): string {
  return `'$${parts.map((part) => `."${part.replaceAll("'", "''")}"`).join('')}'`;
}
