import type { ExplicitFilter, FindWindow, SortField } from '@gesta/core';
import { NO_TOMBSTONE, type DocumentIndex } from './document-tables.js';
import { filterSpans, isExactly } from './filter-spans.js';
import { ARRAY, indexedValueSql, irregularSql, OBJECT, type IndexedValue } from './indexed-value.js';
import { compareSegments, type AccessPath, type Segment } from './index-scan.js';
import { singleValue, type ValueSpans } from './value-spans.js';

/** A part of what a query has to look at, read from its beginning to its end. */
export interface Run {
  readonly path: AccessPath;
  readonly segments: readonly Segment[];
  /** Whether its documents come in the order that is asked for, so that the first of them are enough. */
  readonly ordered: boolean;
  /** Whether rows with an irregular value are left out, because another run reads them. */
  readonly regularOnly: boolean;
  /** Whether all of its documents match. */
  readonly exact: boolean;
}

/** Equalities of several fields multiply; beyond so many segments the later fields are left to the filter. */
const MOST_SEGMENTS = 200;

/** An index that leaves no more rows than this is good enough, whatever else it does. */
const FEW_ROWS = 1_000;
/** Rows are counted in no more segments than this. */
const MOST_COUNTED = 100;

/** Counts the rows of a segment, up to `most`. */
export type CountRows = (path: AccessPath, segment: Segment, most: number) => number;

/**
 * The runs that hold, each document in one of them, everything that may match.
 * @param indexes those that the table has
 * @param window what is to be given of what matches; absent where it is only counted
 * @param countRows is asked where several indexes could be used
 * @param liveIndex by key, of what is no tombstone, where the table has one
 */
export function planQuery(
  table: string,
  indexes: readonly DocumentIndex[],
  filter: ExplicitFilter,
  window: FindWindow | undefined,
  countRows: CountRows,
  liveIndex?: string,
): Run[] {
  const uses = indexes.map((index) => new IndexUse(table, index, filter, window)).filter(({ worth }) => worth > 0);
  if (uses.length === 0) return [wholeTable(table, window, liveIndex)];
  return best(uses, countRows).runs();
}

/** The index that leaves few rows, or else the one that says most of the filter, and at equality serves the sort. */
function best(uses: readonly IndexUse[], countRows: CountRows): IndexUse {
  if (uses.length === 1) return uses[0]!;
  const counted = uses.map((use) => ({ use, rows: use.rows(countRows) }));
  const least = counted.reduce((a, b) => (b.rows < a.rows ? b : a));
  return least.rows <= FEW_ROWS ? least.use : uses.reduce((a, b) => (b.worth > a.worth ? b : a));
}

/** By key where that is the order; else by row id, as the rows lie in the file, which is several times as fast. */
function wholeTable(table: string, window: FindWindow | undefined, liveIndex: string | undefined): Run {
  const ordered = window?.sort.length === 0;
  const path: AccessPath = {
    table,
    ...(liveIndex !== undefined && { index: liveIndex, condition: NO_TOMBSTONE }),
    columns: [ordered || liveIndex !== undefined ? 'key' : 'rowid'],
    directions: [1],
  };
  return { path, segments: [behindKey({ equals: [] }, window)], ordered, regularOnly: false, exact: false };
}

/** What of a segment whose rows come in the order of keys is behind the key that a query begins behind. */
function behindKey(segment: Segment, window: FindWindow | undefined): Segment {
  return window?.after === undefined ? segment : { ...segment, from: { value: window.after, inclusive: false } };
}

/** What an index can do for a query. */
class IndexUse {
  /** How much of the table it spares; 0 is nothing. */
  readonly worth: number;
  /** What the filter says of the index's first fields, as far as it says something. */
  readonly #spans: ValueSpans[] = [];
  /** Of these, the first ones that have but single values. */
  readonly #equalities: number;
  /** Where in the index's fields the sort begins; absent where the index does not serve it. */
  readonly #sortedFrom: number | undefined;

  constructor(
    private readonly table: string,
    private readonly index: DocumentIndex,
    private readonly filter: ExplicitFilter,
    private readonly window: FindWindow | undefined,
  ) {
    for (const { path } of index.fields) {
      const spans = filterSpans(filter, path);
      if (!spans) break;
      this.#spans.push(spans);
    }
    this.#equalities = this.#countEqualities();
    this.#sortedFrom = this.#findSort();
    const servesLimit = this.#sortedFrom !== undefined && window!.limit < Infinity;
    const bounded = this.#spans.length > this.#equalities ? 1 : 0;
    this.worth = 2 * this.#equalities + bounded + (servesLimit ? 0.5 : 0);
  }

  /** How many rows the filter leaves of the index; more than {@link FEW_ROWS} when that takes long to say. */
  rows(count: CountRows): number {
    if (this.#spans.length === 0) return Infinity;
    const segments = this.#segments(true);
    if (segments.length > MOST_COUNTED) return Infinity;
    const path = this.#path(1);
    let rows = 0;
    for (const segment of segments) {
      rows += count(path, segment, FEW_ROWS + 1 - rows);
      if (rows > FEW_ROWS) break;
    }
    return rows;
  }

  runs(): Run[] {
    return this.#sortedFrom === undefined || this.window!.sort.length === 0 ? this.#byValue() : this.#bySort();
  }

  /** A run for each combination of values, the arrays among them; the documents of one that is complete are in order of key. */
  #byValue(): Run[] {
    const { fields } = this.index;
    const path = this.#path(fields.at(-1)!.direction);
    const exactly = isExactly(
      this.filter,
      fields.slice(0, Math.min(this.#spans.length, this.#equalities + 1)).map(({ path }) => path),
    );
    const segments = this.#segments(true);
    return segments.map((segment) => ({
      path,
      segments: [segment.equals.length === fields.length ? behindKey(segment, this.window) : segment],
      ordered: this.window?.sort.length === 0 && segment.equals.length === fields.length,
      regularOnly: false,
      exact: exactly && !segment.equals.includes(ARRAY),
    }));
  }

  /** The regular documents in the order of the index, and the others, of which it does not know the order. */
  #bySort(): Run[] {
    const { table, index } = this;
    const from = this.#sortedFrom!;
    const path = this.#path(index.fields[from]!.direction * this.window!.sort[0]!.direction);
    const groups = Map.groupBy(this.#segments(false), ({ equals }) => JSON.stringify(equals.slice(0, from)));
    const paths = index.fields.map((field) => field.path);
    const irregulars: AccessPath = {
      table,
      index: index.irregulars,
      condition: `${NO_TOMBSTONE} AND ${irregularSql(paths)}`,
      columns: ['key'],
      directions: [1],
    };
    return [
      ...[...groups.values()].map((group) => ({
        path,
        segments: group.toSorted((a, b) => compareSegments(path, a, b)),
        ordered: true,
        regularOnly: true,
        exact: false,
      })),
      { path: irregulars, segments: [{ equals: [] }], ordered: false, regularOnly: false, exact: false },
    ];
  }

  /** @param flip -1 to read the index backwards */
  #path(flip: number): AccessPath {
    const { fields } = this.index;
    const directions = [...fields.map(({ direction }) => direction), fields.at(-1)!.direction];
    return {
      table: this.table,
      index: this.index.name,
      condition: NO_TOMBSTONE,
      columns: [...fields.map(({ path }) => indexedValueSql(path)), 'key'],
      directions: directions.map((direction) => (direction * flip) as 1 | -1),
    };
  }

  /** The segments that the spans leave of the index. */
  #segments(irregularToo: boolean): Segment[] {
    let segments: Segment[] = [{ equals: [] }];
    for (const [position, spans] of this.#spans.entries()) {
      if (position < this.#equalities) {
        const values = singleValues(spans)!;
        if (irregularToo) values.push(ARRAY);
        segments = segments.flatMap(({ equals }) => values.map((value) => ({ equals: [...equals, value] })));
        continue;
      }
      return segments.flatMap(({ equals }) => [
        ...(spans.nulls ? [{ equals: [...equals, null] }] : []),
        ...spans.ranges.map((range) => {
          const value = singleValue(range);
          return value === undefined ? { equals, ...range } : { equals: [...equals, value] };
        }),
        ...(irregularToo ? [{ equals: [...equals, ARRAY] }] : []),
      ]);
    }
    if (irregularToo || this.#equalities === this.index.fields.length) return segments;
    const to = { value: OBJECT, inclusive: false };
    return segments.flatMap(({ equals }) => [{ equals: [...equals, null] }, { equals, to }]);
  }

  #countEqualities(): number {
    let count = 0;
    let segments = 1;
    for (const spans of this.#spans) {
      const values = singleValues(spans);
      if (!values) break;
      segments *= values.length + 1;
      if (segments > MOST_SEGMENTS) break;
      count++;
    }
    return count;
  }

  /** Behind fields that have single values, the index's fields must be the sort's, in its directions or all in the opposite ones. */
  #findSort(): number | undefined {
    if (!this.window) return undefined;
    const { sort } = this.window;
    const from = this.index.fields.length - sort.length;
    if (from < 0 || from > this.#equalities) return undefined;
    const fields = this.index.fields.slice(from);
    const flip = fields[0] && fields[0].direction * sort[0]!.direction;
    const serves = fields.every(({ path, direction }, position) => serving(sort[position]!, path, direction * flip!));
    return serves ? from : undefined;
  }
}

const serving = (sort: SortField, path: string, direction: number) =>
  sort.path === path && sort.direction === direction;

/** The values, when there are no others between them. */
function singleValues({ nulls, ranges }: ValueSpans): IndexedValue[] | undefined {
  const values: IndexedValue[] = nulls ? [null] : [];
  for (const range of ranges) {
    const value = singleValue(range);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}
