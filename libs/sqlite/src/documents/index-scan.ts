import type { SortField } from '@gesta/core';
import type { IndexedValue } from './indexed-value.js';
import type { Bound } from './value-spans.js';

/** An order in which a table can be read: by some indexed fields and then by key, or by key alone. */
export interface AccessPath {
  readonly table: string;
  /** SQLite's name of the index; absent for the primary key. */
  readonly index?: string;
  /** What is true of each of its rows, as the index has it; absent where it has all rows. */
  readonly condition?: string;
  /** SQL for the indexed values, in the order of the index. */
  readonly values: readonly string[];
  /** The directions in which this reading goes through the values, and, last, through the keys. */
  readonly directions: readonly SortField['direction'][];
}

/** A stretch of an access path: rows that have the same first values, and the next one within bounds. */
export interface Segment {
  readonly equals: readonly IndexedValue[];
  /** Bounds of the value, or key, that comes after the equal ones. Null lies within when there are none. */
  readonly from?: Bound;
  readonly to?: Bound;
  /** Leaves null out where there are no bounds. */
  readonly notNull?: boolean;
}

/** A row as it is read; the body is absent where only places are read. */
export interface ScannedRow {
  readonly key: string;
  readonly version: bigint;
  readonly body: string | null;
  readonly values: readonly IndexedValue[];
}

/** SQL with its parameters. */
export interface BoundSql {
  readonly sql: string;
  readonly parameters: readonly (IndexedValue | bigint)[];
}

/**
 * SQL for the first rows of a segment, in the path's order: key, version, body and the indexed values.
 * @param what `bodies`, or `places` to read no body, but `''` where there is one
 */
export function segmentSql(path: AccessPath, segment: Segment, what: 'bodies' | 'places', most: number): BoundSql {
  const columns = [...path.values, 'key'];
  const fixed = segment.equals.length;
  const conditions = path.condition ? [path.condition] : [];
  const parameters: (IndexedValue | bigint)[] = [];
  for (const [index, value] of segment.equals.entries()) {
    conditions.push(value === null ? `${columns[index]} IS NULL` : `${columns[index]} = ?`);
    if (value !== null) parameters.push(value);
  }
  for (const [bound, operator] of [
    [segment.from, '>'],
    [segment.to, '<'],
  ] as const) {
    if (!bound) continue;
    conditions.push(`${columns[fixed]} ${operator}${bound.inclusive ? '=' : ''} ?`);
    parameters.push(bound.value);
  }
  if (segment.notNull) conditions.push(`${columns[fixed]} IS NOT NULL`);
  const order = columns.map((column, index) => `${column}${path.directions[index] === 1 ? '' : ' DESC'}`).slice(fixed);
  const body = what === 'bodies' ? 'body' : path.condition ? "''" : "CASE WHEN body IS NOT NULL THEN '' END";
  const selected = ['key', what === 'bodies' ? 'version' : '0', body, ...path.values].join(', ');
  const sql = [
    `SELECT ${selected} FROM ${path.table}`,
    path.index ? `INDEXED BY ${path.index}` : '',
    conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '',
    order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
    'LIMIT ?',
  ];
  return { sql: sql.filter((part) => part !== '').join(' '), parameters: [...parameters, BigInt(most)] };
}

/** What is left of a segment behind a row of it, in the path's order. */
export function behind(path: AccessPath, segment: Segment, row: ScannedRow): Segment[] {
  const values: readonly IndexedValue[] = [...row.values, row.key];
  const left: Segment[] = [];
  for (let level = values.length - 1; level >= segment.equals.length; level--) {
    const bounds: Segment = level === segment.equals.length ? segment : { equals: [] };
    const equals = values.slice(0, level);
    const value = values[level]!;
    if (path.directions[level] === 1) {
      if (value === null) left.push({ equals, notNull: true });
      else left.push({ equals, from: { value, inclusive: false }, to: bounds.to });
    } else if (value !== null) {
      left.push({ equals, from: bounds.from, to: { value, inclusive: false } });
      const nulls = level < path.values.length && !bounds.from && !bounds.to && !bounds.notNull;
      if (nulls) left.push({ equals: [...equals, null] });
    }
  }
  return left;
}
