import { Double, Long } from 'bson';
import { divide } from '../arithmetic.js';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { compareValues } from '../compare.js';
import { isNullish, typeName } from '../expression/arguments.js';
import { keyOf } from '../expression/set-operators.js';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber, numberType, toDouble } from '../numbers.js';
import { NumberSum } from './number-sum.js';

/** Folds values, one after the other, into one. */
export interface Fold {
  add(value: unknown): void;
  value(): unknown;
}

/** Begins a fold. */
export type NewFold = () => Fold;

/** The accumulators that need nothing but the values, by name. */
export const folds: Record<string, NewFold> = {
  $sum: () => {
    const sum = new NumberSum();
    return { add: (value) => isNumber(value) && sum.add(value), value: () => sum.value() };
  },
  $avg: () => {
    const sum = new NumberSum();
    return {
      add: (value) => isNumber(value) && sum.add(value),
      value: () => {
        if (sum.count === 0) return null;
        const total = sum.value();
        return numberType(total) === 'decimal' ? divide(total, sum.count) : new Double(sum.asDouble() / sum.count);
      },
    };
  },
  $min: () => extreme((difference) => difference < 0),
  $max: () => extreme((difference) => difference > 0),
  $first: () => {
    let first: { value: unknown } | undefined;
    return { add: (value) => void (first ??= { value }), value: () => first?.value };
  },
  $last: () => {
    let last: unknown;
    return { add: (value) => void (last = value), value: () => last };
  },
  $push: () => {
    const values: unknown[] = [];
    return { add: (value) => value !== undefined && values.push(value), value: () => values };
  },
  $addToSet: () => {
    const values = new Map<string, unknown>();
    return {
      add: (value) => {
        if (value === undefined) return;
        const key = keyOf(value);
        if (!values.has(key)) values.set(key, value);
      },
      value: () => [...values.values()],
    };
  },
  $mergeObjects: () => {
    let merged: BsonDocument = {};
    return {
      add: (value) => {
        if (isNullish(value)) return;
        if (!isDocument(value)) {
          throw new MongoDBError(
            40400,
            `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`,
          );
        }
        merged = { ...merged, ...value };
      },
      value: () => merged,
    };
  },
  $stdDevPop: () => deviation(0),
  $stdDevSamp: () => deviation(1),
  $count: () => {
    let count = 0;
    return { add: () => void (count += 1), value: () => wholeCount(count) };
  },
  $concatArrays: () => {
    let all: unknown[] = [];
    return { add: (value) => void (all = all.concat(arrayOf('$concatArrays', value))), value: () => all };
  },
  $setUnion: () => {
    const set = folds['$addToSet']!();
    return { add: (value) => arrayOf('$setUnion', value).forEach((each) => set.add(each)), value: () => set.value() };
  },
};

/** A number of documents: an int, unless there are too many. */
export const wholeCount = (count: number) => (count > 0x7fffffff ? Long.fromNumber(count) : count);

function extreme(better: (difference: number) => boolean): Fold {
  let best: unknown = null;
  return {
    add: (value) => {
      if (!isNullish(value) && (best === null || better(compareValues(value, best)))) best = value;
    },
    value: () => best,
  };
}

/** Welford's way, which needs one pass. */
function deviation(missing: 0 | 1): Fold {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add: (value) => {
      if (!isNumber(value)) return;
      const number = toDouble(value);
      count += 1;
      const delta = number - mean;
      mean += delta / count;
      squares += delta * (number - mean);
    },
    value: () => (count <= missing ? null : new Double(Math.sqrt(squares / (count - missing)))),
  };
}

function arrayOf(name: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new MongoDBError('TypeMismatch', `${name} requires array inputs, but input is of type ${typeName(value)}`);
}
