import { isDocument, type BsonDocument } from '../../bson-document.js';
import { add } from '../../arithmetic.js';
import { compareValues } from '../../compare.js';
import { typeName, wholeNumber } from '../../expression/arguments.js';
import { addUnits, dateUnit, type DateUnit } from '../../expression/date-units.js';
import { UTC } from '../../expression/time-zone.js';
import { valueAt } from '../../expression/compiler.js';
import { MongoDBError } from '../../mongodb-error.js';
import { isNumber, type BsonNumber, toDouble } from '../../numbers.js';
import type { Partition } from './partition.js';

/** The first and the last document (positions, both included) of a document's window; it may be empty. */
export type Window = readonly [first: number, last: number];

/** Tells the windows of all documents of a partition. */
export type Windows = (partition: Partition) => Window[];

const whole: Windows = ({ documents }) => documents.map(() => [0, documents.length - 1]);

/**
 * @param window `{ documents: [from, to] }` or `{ range: [from, to], unit }`; all documents when undefined
 * @throws {MongoDBError} 9 for what is no window
 */
export function compileWindow(window: unknown, sortBy: BsonDocument | undefined): Windows {
  if (window === undefined) return whole;
  if (!isDocument(window)) throw new MongoDBError('FailedToParse', "'window' field must be an object");
  const { documents, range, unit } = window;
  if (Object.keys(window).length === 0) return whole;
  if (documents !== undefined && range === undefined) return byDocuments(bounds('documents', documents), sortBy);
  if (range !== undefined && documents === undefined) {
    return byRange(bounds('range', range), unit === undefined ? undefined : dateUnit(unit), sortBy);
  }
  throw new MongoDBError('FailedToParse', "'window' field can only contain 'documents' or 'range' (and 'unit')");
}

type Bound = 'unbounded' | 'current' | BsonNumber;

function bounds(name: string, value: unknown): [Bound, Bound] {
  const given: unknown[] = Array.isArray(value) ? value : [];
  if (given.length !== 2) {
    throw new MongoDBError('FailedToParse', `Window bounds must be a 2-element array: ${name}`);
  }
  return given.map((bound) => {
    if (bound === 'unbounded' || bound === 'current' || isNumber(bound)) return bound;
    throw new MongoDBError(
      'FailedToParse',
      `Window bounds must be 'unbounded', 'current', or a number, not ${typeName(bound)}`,
    );
  }) as [Bound, Bound];
}

function byDocuments([from, to]: [Bound, Bound], sortBy: BsonDocument | undefined): Windows {
  if (!sortBy && (from !== 'unbounded' || to !== 'unbounded')) {
    throw new MongoDBError(5339901, 'Document-based bounds require a sortBy');
  }
  const distance = (bound: Bound, unbounded: number) =>
    bound === 'unbounded'
      ? unbounded
      : bound === 'current'
        ? 0
        : wholeNumber(
            bound,
            (type) => new MongoDBError('FailedToParse', `Numeric document-based bounds must be an integer: ${type}`),
          );
  const before = distance(from, -Infinity);
  const after = distance(to, Infinity);
  if (before > after) throw new MongoDBError(5339900, `Lower bound must not exceed upper bound`);
  return ({ documents }) =>
    documents.map((_, index) => [Math.max(0, index + before), Math.min(documents.length - 1, index + after)]);
}

function byRange([from, to]: [Bound, Bound], unit: DateUnit | undefined, sortBy: BsonDocument | undefined): Windows {
  const [path, ...others] = Object.keys(sortBy ?? {});
  if (path === undefined || others.length > 0 || toDouble(sortBy![path] as BsonNumber) !== 1) {
    throw new MongoDBError(5339902, 'Range-based bounds require sortBy a single field, ascending');
  }
  const shifted = (value: unknown, by: Bound): unknown => {
    if (by === 'unbounded' || by === 'current') return value;
    if (unit !== undefined) {
      if (value instanceof Date) return addUnits(value, unit, toDouble(by), UTC);
      throw new MongoDBError(
        5429513,
        `Invalid range: Expected the sortBy field to be a Date, but it was ${typeName(value)}`,
      );
    }
    if (isNumber(value)) return add(value, by);
    throw new MongoDBError(
      5429414,
      `Invalid range: Expected the sortBy field to be a number, but it was ${typeName(value)}`,
    );
  };
  return ({ documents }) => {
    const values = documents.map((document) => valueAt(document, path.split('.')));
    return values.map((value) => {
      const low = shifted(value, from);
      const high = shifted(value, to);
      const first = from === 'unbounded' ? 0 : firstAt(values, (each) => compareValues(each ?? null, low ?? null) >= 0);
      const behind =
        to === 'unbounded' ? values.length : firstAt(values, (each) => compareValues(each ?? null, high ?? null) > 0);
      return [first, behind - 1];
    });
  };
}

/** The first position from which on the test holds. */
function firstAt(values: readonly unknown[], test: (value: unknown) => boolean): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
