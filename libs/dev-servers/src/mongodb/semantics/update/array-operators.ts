import type { BSONRegExp } from 'bson';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { compareValues, equalValues } from '../compare.js';
import { compileFilter } from '../filter.js';
import { isOperators, matching } from '../filter/value-tests.js';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber, toDouble } from '../numbers.js';
import { shown } from '../shown-value.js';
import { compileSort } from '../sort.js';
import { type FieldUpdate, idOf, type UpdateOperator } from './field-operators.js';

/** The update operators that treat a field as an array. */
export const arrayOperators: Record<string, UpdateOperator> = {
  $push: (operand) => {
    const rearranged = pushing(operand);
    return {
      missing: 'made',
      change: (value, { path, document }) => {
        if (value !== undefined && !Array.isArray(value)) {
          throw new MongoDBError(
            'BadValue',
            `The field '${path}' must be an array but is of type ${bsonType(value)} in document ${idOf(document)}`,
          );
        }
        return rearranged(value ?? []);
      },
    };
  },
  $addToSet: (operand) => {
    const values = valuesToAdd(operand);
    return {
      missing: 'made',
      change: (value, { path }) => {
        if (value !== undefined && !Array.isArray(value)) {
          throw new MongoDBError(
            'BadValue',
            `Cannot apply $addToSet to non-array field. Field named '${path.split('.').at(-1)}' has non-array type ${bsonType(value)}`,
          );
        }
        const array: unknown[] = value ?? [];
        return values.reduce<unknown[]>(
          (result, each) => (result.some((other) => equalValues(other, each)) ? result : [...result, each]),
          array,
        );
      },
    };
  },
  $pop: (operand, path) => {
    const end = isNumber(operand) ? toDouble(operand) : undefined;
    if (end === undefined) {
      throw new MongoDBError('FailedToParse', `Expected a number in: ${path}: ${shown(operand)}`);
    }
    if (end !== 1 && end !== -1) throw new MongoDBError('FailedToParse', `$pop expects 1 or -1, found: ${end}`);
    return {
      missing: 'viable',
      change: (value, { path: at }) => {
        if (value === undefined) return value;
        if (!Array.isArray(value)) {
          throw new MongoDBError(
            'TypeMismatch',
            `Path '${at}' contains an element of non-array type '${bsonType(value)}'`,
          );
        }
        if (value.length === 0) return value;
        return end === 1 ? value.slice(0, -1) : value.slice(1);
      },
    };
  },
  $pull: (operand) => removing('$pull', pulled(operand)),
  $pullAll: (operand) => {
    if (!Array.isArray(operand)) {
      throw new MongoDBError('BadValue', `$pullAll requires an array argument but was given a ${bsonType(operand)}`);
    }
    return removing('$pullAll', (element) => operand.some((each) => equalValues(each, element)));
  },
};

function removing(name: string, goes: (element: unknown) => boolean): FieldUpdate {
  return {
    missing: 'viable',
    change: (value) => {
      if (value === undefined) return value;
      if (!Array.isArray(value)) throw new MongoDBError('BadValue', `Cannot apply ${name} to a non-array value`);
      const rest = value.filter((element) => !goes(element));
      return rest.length === value.length ? value : rest;
    },
  };
}

/** A document is a filter for documents; operators, patterns and values are conditions on the element. */
function pulled(operand: unknown): (element: unknown) => boolean {
  if (bsonType(operand) === 'regex') return (element) => matching(operand as BSONRegExp)(element);
  if (isOperators(operand)) {
    const test = compileFilter({ '': operand });
    return (element) => test({ '': element });
  }
  if (isDocument(operand)) {
    const test = compileFilter(operand);
    return (element) => isDocument(element) && test(element);
  }
  return (element) => equalValues(element, operand);
}

function valuesToAdd(operand: unknown): readonly unknown[] {
  if (!isDocument(operand) || Object.keys(operand)[0] !== '$each') return [operand];
  const { $each: each, ...others } = operand;
  if (!Array.isArray(each)) {
    throw new MongoDBError(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${bsonType(each)}`,
    );
  }
  const [other] = Object.keys(others);
  if (other === undefined) return each;
  throw new MongoDBError('BadValue', `Found unexpected fields after $each in $addToSet: ${other}`);
}

const CLAUSES = new Set(['$each', '$position', '$slice', '$sort']);

/** Inserts, then sorts, then cuts. */
function pushing(operand: unknown): (array: readonly unknown[]) => unknown[] {
  if (!isDocument(operand) || !Object.hasOwn(operand, '$each')) return (array) => [...array, operand];
  const unknown = Object.keys(operand).find((name) => !CLAUSES.has(name));
  if (unknown !== undefined) throw new MongoDBError('BadValue', `Unrecognized clause in $push: ${unknown}`);
  const { $each: each, $position: position, $slice: slice, $sort: sort } = operand;
  if (!Array.isArray(each)) {
    throw new MongoDBError(
      'BadValue',
      `The argument to $each in $push must be an array but it was of type: ${bsonType(each)}`,
    );
  }
  const at = clauseNumber('$position', position);
  const most = clauseNumber('$slice', slice);
  const compare = sort === undefined ? undefined : order(sort);
  return (array) => {
    const start =
      at === undefined ? array.length : at < 0 ? Math.max(0, array.length + at) : Math.min(at, array.length);
    let result = array.toSpliced(start, 0, ...(each as unknown[]));
    if (compare) result = result.sort(compare);
    if (most === undefined) return result;
    return most < 0 ? result.slice(most) : result.slice(0, most);
  };
}

function clauseNumber(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const number = isNumber(value) ? toDouble(value) : NaN;
  if (Number.isInteger(number)) return number;
  throw new MongoDBError(
    'BadValue',
    `The value for ${name} must be an integer value but was given type: ${bsonType(value)}`,
  );
}

function order(sort: unknown): (a: unknown, b: unknown) => number {
  if (isDocument(sort) && Object.keys(sort).length > 0) {
    const compare = compileSort(sort);
    return (a, b) => compare(fieldsOf(a), fieldsOf(b));
  }
  const direction = isNumber(sort) ? toDouble(sort) : 0;
  if (direction === 1) return (a, b) => compareValues(a, b);
  if (direction === -1) return (a, b) => compareValues(b, a);
  throw new MongoDBError(
    'BadValue',
    'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
  );
}

/** What is no document has none of the fields. */
const fieldsOf = (value: unknown): BsonDocument => (isDocument(value) ? value : {});
