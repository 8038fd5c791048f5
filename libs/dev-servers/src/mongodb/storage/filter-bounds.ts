import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { bsonType } from '../semantics/bson-types.js';

/** What a filter asks of the values at one path, as far as an index can tell. */
export interface PathConditions {
  /** The values one of which it is to be; several lists where the filter has several such conditions. */
  readonly points: (readonly unknown[])[];
  readonly ranges: Range[];
}

export interface Range {
  readonly operator: '$gt' | '$gte' | '$lt' | '$lte';
  readonly value: unknown;
}

export interface FilterBounds {
  readonly paths: ReadonlyMap<string, PathConditions>;
  /** Whether the conditions of the paths are all that the filter asks. */
  readonly complete: boolean;
}

/** Types of which every value is found in an index where it is looked for. */
const FINDABLE = /^(int|long|double|decimal|string|objectId|bool|date|binData|timestamp)$/;

/** The conditions of a filter that an index can narrow down; all the others are left to the filter itself. */
export function filterBounds(filter: BsonDocument): FilterBounds {
  const paths = new Map<string, PathConditions>();
  return { paths, complete: collect(filter, paths) };
}

function collect(filter: BsonDocument, paths: Map<string, PathConditions>): boolean {
  let complete = true;
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition)) {
      for (const each of condition) complete = (isDocument(each) && collect(each, paths)) && complete; // prettier-ignore
    } else if (path.startsWith('$')) complete = path === '$comment' && complete;
    else complete = collectAt(path, condition, paths) && complete;
  }
  return complete;
}

function collectAt(path: string, condition: unknown, paths: Map<string, PathConditions>): boolean {
  let conditions = paths.get(path);
  if (!conditions) paths.set(path, (conditions = { points: [], ranges: [] }));
  if (!isOperators(condition)) return addPoints(conditions, [condition]);
  let complete = true;
  for (const [operator, operand] of Object.entries(condition))
    complete = add(conditions, operator, operand) && complete;
  return complete;
}

function add(conditions: PathConditions, operator: string, operand: unknown): boolean {
  switch (operator) {
    case '$eq':
      return addPoints(conditions, [operand]);
    case '$in':
      return Array.isArray(operand) && addPoints(conditions, operand);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (!FINDABLE.test(bsonType(operand)) || isNotANumber(operand)) return false;
      conditions.ranges.push({ operator, value: operand });
      return true;
    default:
      return false;
  }
}

function addPoints(conditions: PathConditions, values: readonly unknown[]): boolean {
  if (!values.every((value) => FINDABLE.test(bsonType(value)) || isPlain(value))) return false;
  conditions.points.push(values);
  return true;
}

/** It equals itself alone, and nothing is smaller or greater. */
function isNotANumber(value: unknown): boolean {
  return /^(double|decimal)$/.test(bsonType(value)) && Number.isNaN(Number(String(value)));
}

/** A document that is compared as a whole. */
const isPlain = (value: unknown) => isDocument(value) && !isOperators(value);

function isOperators(value: unknown): value is BsonDocument {
  return isDocument(value) && Object.keys(value)[0]?.startsWith('$') === true;
}
