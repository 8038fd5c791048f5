import type { BsonDocument } from '../semantics/bson-document.js';
import { equalValues } from '../semantics/compare.js';
import { type Direction, encodeKey } from '../semantics/key-encoding.js';
import { ALL_KEYS, behind, type ByteRange, keyItself, keysWith, sortedRanges } from './byte-ranges.js';
import type { Collection, Index, IndexField } from './collection.js';
import { type FilterBounds, filterBounds, type PathConditions, type Range } from './filter-bounds.js';

/** How the documents that may match are come by. */
export interface AccessPath {
  /** The natural order, the order of `_id`, or an index. */
  readonly by: 'natural' | 'id' | Index;
  /** What is read of the keys; all of the collection by the natural order. */
  readonly ranges: readonly ByteRange[];
  readonly reversed: boolean;
  /** Whether the documents come in the order that is asked for. */
  readonly sorted: boolean;
  /** Whether whatever comes does match. */
  readonly exact: boolean;
}

/** What is to be found. */
export interface Sought {
  readonly filter: BsonDocument;
  /** The paths to sort by, with `1` or `-1`; undefined also for what no index can sort. */
  readonly sort?: readonly IndexField[];
  /** The name of the index to use. */
  readonly hint?: string;
  /** The natural order, wanted as such. */
  readonly natural?: Direction;
}

const ID_FIELDS: readonly IndexField[] = [{ path: '_id', direction: 1 }];

/** A path that leads nowhere is in an index what `null` is, and a number in a path may be a position. */
const POSITION = /(^|\.)\d+(\.|$)/;

/** The best way to come by the documents, in a simple sense: the one that as many conditions as possible narrow down. */
export function accessPath({ indexes }: Pick<Collection, 'indexes'>, sought: Sought): AccessPath {
  const { filter, sort = [], hint, natural } = sought;
  const byNature: AccessPath = {
    by: 'natural',
    ranges: [],
    reversed: natural === -1,
    sorted: !sort.length,
    exact: isEmpty(filter),
  };
  if (natural) return byNature;
  const bounds = filterBounds(filter);
  const candidates = [candidate('id', ID_FIELDS, false, bounds, sort), ...indexes.map((each) => byIndex(each, bounds, sought))]; // prettier-ignore
  if (hint !== undefined) {
    const hinted = candidates.find((each) => each && (each.by === 'id' ? hint === '_id_' : each.by.name === hint));
    if (hinted) return hinted;
  }
  let best: Candidate | undefined;
  for (const each of candidates) if (each && each.score > (best?.score ?? 0)) best = each;
  return best ?? byNature;
}

interface Candidate extends AccessPath {
  readonly by: 'id' | Index;
  readonly score: number;
}

function byIndex(index: Index, bounds: FilterBounds, { filter, sort = [], hint }: Sought): Candidate | undefined {
  if (index.name !== hint) {
    if (index.specification.hidden === true) return undefined;
    if (index.partialFilter && !implies(filter, index.partialFilter)) return undefined;
    if (index.sparse && !index.fields.some(({ path }) => narrowed(bounds.paths.get(path)))) return undefined;
  }
  return candidate(index, index.fields, index.multikey, bounds, sort);
}

function candidate(
  by: 'id' | Index,
  fields: readonly IndexField[],
  multikey: boolean,
  { paths, complete }: FilterBounds,
  sort: readonly IndexField[],
): Candidate {
  const keysOf = by === 'id' ? keyItself : keysWith;
  let prefix = Buffer.alloc(0);
  let ranges: ByteRange[] | undefined;
  let equal = 0;
  for (const { path, direction } of fields) {
    const conditions = POSITION.test(path) ? undefined : paths.get(path);
    if (!narrowed(conditions)) break;
    const points = conditions.points[0];
    if (points?.length === 1) {
      prefix = Buffer.concat([prefix, encodeKey(points, [direction])]);
      equal++;
      if (multikey) break; // another condition may be met by another element
      continue;
    }
    ranges = points
      ? points.map((point) => keysOf(Buffer.concat([prefix, encodeKey([point], [direction])])))
      : [rangeOf(conditions.ranges, prefix, direction, multikey)];
    break;
  }
  const wanted = sort.filter(({ path }) => !fields.slice(0, equal).some((field) => field.path === path));
  const ordered = !multikey && (ranges?.length ?? 0) <= 1;
  const order = ordered && orderOf(wanted, fields.slice(equal));
  const all = prefix.length > 0 ? keysOf(prefix) : ALL_KEYS;
  // Not by a range: one that begins with the smallest number has what is no number in it.
  const id = paths.get('_id');
  const isIdAlone = by === 'id' && complete && paths.size === 1 && id?.points.length === 1 && id.ranges.length === 0;
  return {
    by,
    ranges: ranges ? sortedRanges(ranges) : [all],
    reversed: order === -1,
    sorted: sort.length === 0 || order !== false,
    exact: isIdAlone,
    score: equal * 4 + (ranges ? 2 : 0) + (sort.length > 0 && order !== false ? 1 : 0) + (isIdAlone ? 8 : 0),
  };
}

function narrowed(conditions: PathConditions | undefined): conditions is PathConditions {
  return conditionCount(conditions) > 0;
}

const conditionCount = (conditions: PathConditions | undefined) =>
  conditions ? conditions.points.length + conditions.ranges.length : 0;

function rangeOf(ranges: readonly Range[], prefix: Buffer, direction: Direction, multikey: boolean): ByteRange {
  let bound: ByteRange | undefined;
  for (const { operator, value } of ranges) {
    const key = Buffer.concat([prefix, encodeKey([value], [direction])]);
    const ofType = keysWith(key.subarray(0, prefix.length + 1));
    const { low, high } = bound ?? ofType;
    const upwards = operator.startsWith('$gt') === (direction === 1);
    const limit = operator.endsWith('e') === upwards ? key : behind(key);
    bound = upwards ? { low: later(low, limit), high } : { low, high: earlier(high, limit) };
    if (multikey) break;
  }
  return bound!;
}

const later = (a: Buffer, b: Buffer) => (Buffer.compare(a, b) > 0 ? a : b);
const earlier = (a: Buffer, b: Buffer) => (Buffer.compare(a, b) < 0 ? a : b);

/** In which direction the index is to be read to come in the order; false when it cannot. */
function orderOf(sort: readonly IndexField[], fields: readonly IndexField[]): Direction | false {
  if (sort.length === 0) return 1;
  const agrees = (turn: Direction) =>
    sort.every(({ path, direction }, at) => fields[at]?.path === path && fields[at].direction === direction * turn);
  if (agrees(1)) return 1;
  return agrees(-1) ? -1 : false;
}

/** Whether the filter asks in so many words what the partial index does. */
function implies(filter: BsonDocument, partial: BsonDocument): boolean {
  return Object.entries(partial).every(
    ([path, condition]) => Object.hasOwn(filter, path) && equalValues(filter[path], condition),
  );
}

const isEmpty = (filter: BsonDocument) => Object.keys(filter).length === 0;
