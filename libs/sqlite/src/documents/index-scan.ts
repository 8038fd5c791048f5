import { compareIndexed, type IndexedValue } from './indexed-value.js';

/** One of the values that make a place in a table: an indexed value, a key, or SQLite's own row id. */
export type PlaceValue = IndexedValue | bigint;
export type Place = readonly PlaceValue[];

/** Where a stretch begins or ends. */
export interface Limit {
  readonly value: Exclude<PlaceValue, null>;
  readonly inclusive: boolean;
}

/** An order in which a table can be read. */
export interface AccessPath {
  readonly table: string;
  /** SQLite's name of the index; absent for the table's own orders. */
  readonly index?: string;
  /** What is true of each of its rows, in the words of the index. */
  readonly condition?: string;
  /** SQL for what it is ordered by: any indexed values, and at last `key` or `rowid`, which no two rows share. */
  readonly columns: readonly string[];
  /** The directions in which this reading goes through the columns. */
  readonly directions: readonly (1 | -1)[];
}

/** A stretch of an access path: rows that have the same first values, and the next one within bounds. */
export interface Segment {
  readonly equals: Place;
  /** Bounds of the value that comes after the equal ones. Null is within when there are none. */
  readonly from?: Limit;
  readonly to?: Limit;
  /** Leaves null out where there are no bounds. */
  readonly notNull?: boolean;
}

/** A document as it stands in its table, and its place on the path. */
export interface ScannedRow {
  readonly key: string;
  readonly version: bigint;
  readonly body: string | null;
  readonly place: Place;
}

/** SQL with its parameters. */
export interface BoundSql {
  readonly sql: string;
  readonly parameters: Place;
}

/** SQL for the first rows of a segment in the path's order; {@link scannedRow} reads what it gives. */
export function rowsSql(path: AccessPath, segment: Segment, most: number): BoundSql {
  const where = whereSql(path, segment);
  const order = path.columns.map((column, index) => `${column}${path.directions[index] === 1 ? '' : ' DESC'}`);
  const behindEquals = order.slice(segment.equals.length);
  return {
    sql: `SELECT ${selected(path).join(', ')} FROM ${where.sql} ORDER BY ${behindEquals.join(', ')} LIMIT ?`,
    parameters: [...where.parameters, BigInt(most)],
  };
}

/**
 * SQL for the number of rows in a segment, answered from the index alone.
 * @param most where to stop counting; counts all when absent
 */
export function countSql(path: AccessPath, segment: Segment, most?: number): BoundSql {
  const { sql, parameters } = whereSql(path, segment);
  if (most === undefined) return { sql: `SELECT count(*) FROM ${sql}`, parameters };
  return { sql: `SELECT count(*) FROM (SELECT 1 FROM ${sql} LIMIT ?)`, parameters: [...parameters, BigInt(most)] };
}

/** A row of {@link rowsSql}, which comes as an array. */
export function scannedRow(path: AccessPath, row: readonly unknown[]): ScannedRow {
  const [key, version, body, ...values] = row as [string, bigint, string | null, ...Place];
  return { key, version, body, place: path.columns.at(-1) === 'key' ? [...values, key] : values };
}

/** What is left of a segment behind a place in it, in the path's order. */
export function behind(path: AccessPath, segment: Segment, place: Place): Segment[] {
  const left: Segment[] = [];
  for (let level = place.length - 1; level >= segment.equals.length; level--) {
    const bounds: Segment = level === segment.equals.length ? segment : { equals: [] };
    const equals = place.slice(0, level);
    const value = place[level]!;
    if (value === null) {
      if (path.directions[level] === 1) left.push({ equals, notNull: true });
    } else if (path.directions[level] === 1) {
      left.push({ equals, from: { value, inclusive: false }, to: bounds.to });
    } else {
      left.push({ equals, from: bounds.from, to: { value, inclusive: false } });
      const nullsToo = level < place.length - 1 && !bounds.from && !bounds.to && !bounds.notNull;
      if (nullsToo) left.push({ equals: [...equals, null] });
    }
  }
  return left;
}

/** The order in which the path meets two segments that do not overlap. */
export function compareSegments(path: AccessPath, a: Segment, b: Segment): number {
  for (const [level, direction] of path.directions.entries()) {
    const [startOfA, startOfB] = [startAt(a, level), startAt(b, level)];
    const difference =
      compareIndexed(startOfA.value, startOfB.value) || Number(startOfA.after) - Number(startOfB.after);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

/** The least value that a segment has at a level, and whether it begins only behind it. */
function startAt({ equals, from }: Segment, level: number): { value: IndexedValue; after: boolean } {
  if (level < equals.length) return { value: equals[level] as IndexedValue, after: false };
  if (level > equals.length || !from) return { value: -Infinity, after: false };
  return { value: from.value as IndexedValue, after: !from.inclusive };
}

function selected({ columns }: AccessPath): string[] {
  return ['key', 'version', 'body', ...columns.filter((column) => column !== 'key')];
}

function whereSql(path: AccessPath, segment: Segment): BoundSql {
  const conditions = path.condition ? [path.condition] : [];
  const parameters: PlaceValue[] = [];
  for (const [index, value] of segment.equals.entries()) {
    conditions.push(value === null ? `${path.columns[index]} IS NULL` : `${path.columns[index]} = ?`);
    if (value !== null) parameters.push(value);
  }
  const next = path.columns[segment.equals.length];
  if (segment.from) {
    conditions.push(`${next} ${segment.from.inclusive ? '>=' : '>'} ?`);
    parameters.push(segment.from.value);
  }
  if (segment.to) {
    conditions.push(`${next} ${segment.to.inclusive ? '<=' : '<'} ?`);
    parameters.push(segment.to.value);
  }
  if (segment.notNull) conditions.push(`${next} IS NOT NULL`);
  const index = path.index ? ` INDEXED BY ${path.index}` : '';
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return { sql: `${path.table}${index}${where}`, parameters };
}
