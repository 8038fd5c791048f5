import { Double } from 'bson';
import { compileAccumulator } from '../../accumulation/accumulators.js';
import { add, divide, multiply, subtract } from '../../arithmetic.js';
import { type BsonDocument, isDocument } from '../../bson-document.js';
import { fieldsOf, isNullish, typeName, wholeNumber } from '../../expression/arguments.js';
import { type Compiler, type Evaluate, valueAt } from '../../expression/compiler.js';
import { addUnits, dateUnit } from '../../expression/date-units.js';
import { UTC } from '../../expression/time-zone.js';
import { MongoDBError } from '../../mongodb-error.js';
import { type BsonNumber, isNumber, toDouble } from '../../numbers.js';
import type { Partition } from './partition.js';
import { compileWindow, type Window, type Windows } from './window-bounds.js';

/** A new field of all documents of a partition. */
export type Column = (partition: Partition) => unknown[];

/** What a window function is made ready with. */
interface Around {
  readonly compiler: Compiler;
  readonly sortBy: BsonDocument | undefined;
  readonly windows: Windows;
  readonly name: string;
}

/**
 * @param output a function and its window: `{ $sum: '$a', window: { documents: ['unbounded', 'current'] } }`
 * @throws {MongoDBError} 9 for a function that is not known
 */
export function compileWindowFunction(output: unknown, compiler: Compiler, sortBy: BsonDocument | undefined): Column {
  if (!isDocument(output)) throw new MongoDBError('FailedToParse', "The field 'output' must be an object of functions");
  const { window, ...rest } = output;
  const [name, ...others] = Object.keys(rest);
  if (name === undefined || others.length > 0) {
    throw new MongoDBError('FailedToParse', 'Expected exactly one window function in $setWindowFields');
  }
  const around = { compiler, sortBy, windows: compileWindow(window, sortBy), name };
  const operand = rest[name];
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!known) return accumulated(operand, around);
  if (window !== undefined && !WINDOWED.has(name)) {
    throw new MongoDBError(5371601, `${name} does not accept a 'window' field`);
  }
  return known(operand, around);
}

const WINDOWED = new Set(['$derivative', '$integral', '$covariancePop', '$covarianceSamp']);

const functions: Record<string, (operand: unknown, around: Around) => Column> = {
  $documentNumber: ranking(({ keys }) => keys.map((_, index) => index + 1)),
  $rank: ranking(({ keys }) => {
    let rank = 1;
    return keys.map((key, index) => (index > 0 && key.equals(keys[index - 1]!) ? rank : (rank = index + 1)));
  }),
  $denseRank: ranking(({ keys }) => {
    let rank = 0;
    return keys.map((key, index) => (index > 0 && key.equals(keys[index - 1]!) ? rank : (rank += 1)));
  }),
  $shift: (operand, { compiler, sortBy, name }) => {
    requireSort(sortBy, name);
    const fields = fieldsOf(operand, name, ['output', 'by'], ['default']);
    const output = compiler.compile(fields['output']);
    const fallback = compiler.compile(fields['default'] ?? null);
    const by = wholeNumber(
      fields['by'],
      (type) => new MongoDBError('FailedToParse', `'$shift:by' field must be an integer, but found ${type}`),
    );
    return ({ scopes }) =>
      scopes.map((scope, index) => {
        const other = scopes[index + by];
        return (other ? output(other) : fallback(scope)) ?? null;
      });
  },
  $expMovingAvg: (operand, { compiler, sortBy, name }) => {
    requireSort(sortBy, name);
    const { input, N, alpha } = fieldsOf(operand, name, ['input'], ['N', 'alpha']);
    if ((N === undefined) === (alpha === undefined)) {
      throw new MongoDBError('FailedToParse', "$expMovingAvg: exactly one of 'N' and 'alpha' must be specified");
    }
    const weight = alpha === undefined ? divide(2, add(N as BsonNumber, 1)) : (alpha as BsonNumber);
    const value = compiler.compile(input);
    return ({ scopes }) => {
      let average: BsonNumber | null = null;
      return scopes.map((scope) => {
        const next = value(scope);
        if (!isNumber(next)) return average;
        average = average === null ? next : add(multiply(next, weight), multiply(average, subtract(1, weight)));
        return average;
      });
    };
  },
  $derivative: overTime((points) => {
    const first = points[0];
    const last = points.at(-1);
    if (!first || !last || first.at === last.at) return null;
    return (last.value - first.value) / (last.at - first.at);
  }),
  $integral: overTime((points) =>
    points.reduce((sum, { at, value }, index) => {
      const before = points[index - 1];
      return before ? sum + ((value + before.value) / 2) * (at - before.at) : sum;
    }, 0),
  ),
  $covariancePop: covariance(0),
  $covarianceSamp: covariance(1),
  $locf: (operand, { compiler }) => carriedForward(compiler.compile(operand)),
  $linearFill: (operand, { compiler, sortBy, name }) =>
    interpolated(compiler.compile(operand), singlePath(sortBy, name)),
};

/** The last value that was not null. */
export function carriedForward(value: Evaluate): Column {
  return ({ scopes }) => {
    let last: unknown = null;
    return scopes.map((scope) => {
      const next = value(scope);
      if (!isNullish(next)) last = next;
      return last;
    });
  };
}

/** Values between which null is filled in on a straight line over what is sorted by. */
export function interpolated(value: Evaluate, path: readonly string[]): Column {
  return ({ scopes, documents }) => {
    const values = scopes.map((scope) => value(scope) ?? null);
    const known = [...values.keys()].filter((index) => values[index] !== null);
    return values.map((each, index) => {
      if (each !== null) return each;
      const after = known.findIndex((at) => at > index);
      const [left, right] = [known[after - 1], known[after]];
      if (left === undefined || right === undefined) return null;
      const position = (at: number) => sortedValue(valueAt(documents[at]!, path), '$linearFill');
      const share = (position(index) - position(left)) / (position(right) - position(left));
      const [from, to] = [numeric(values[left], '$linearFill'), numeric(values[right], '$linearFill')];
      return new Double(from + (to - from) * share);
    });
  };
}

function accumulated(operand: unknown, { compiler, windows, name }: Around): Column {
  const begin = compileAccumulator(name, operand, compiler);
  return (partition) => {
    const { scopes } = partition;
    let running: { accumulation: ReturnType<typeof begin>; window: Window } | undefined;
    return windows(partition).map(([first, last]) => {
      // A window that only grows at its end is gone on with.
      if (!running || running.window[0] !== first || running.window[1] > last) {
        running = { accumulation: begin(scopes[first] ?? scopes[0]!), window: [first, first - 1] };
      }
      for (let index = running.window[1] + 1; index <= last; index += 1) running.accumulation.add(scopes[index]!);
      running.window = [first, Math.max(last, first - 1)];
      const value = running.accumulation.value() ?? null;
      return Array.isArray(value) ? [...(value as unknown[])] : value;
    });
  };
}

function ranking(rank: (partition: Partition) => number[]): (operand: unknown, around: Around) => Column {
  return (operand, { sortBy, name }) => {
    if (!isDocument(operand) || Object.keys(operand).length > 0) {
      throw new MongoDBError(5371603, `${name} must be specified with '{}' as the value`);
    }
    requireSort(sortBy, name);
    return rank;
  };
}

function requireSort(sortBy: BsonDocument | undefined, name: string): void {
  if (!sortBy) throw new MongoDBError(5371602, `${name} requires a sortBy`);
}

function singlePath(sortBy: BsonDocument | undefined, name: string): string[] {
  const [path, ...others] = Object.keys(sortBy ?? {});
  if (path !== undefined && others.length === 0) return path.split('.');
  throw new MongoDBError(5371801, `${name} requires a single-field sortBy`);
}

interface Point {
  readonly at: number;
  readonly value: number;
}

/** A function of the window's values over what is sorted by, which are numbers, or dates counted in a unit. */
function overTime(compute: (points: Point[]) => number | null): (operand: unknown, around: Around) => Column {
  return (operand, { compiler, sortBy, windows, name }) => {
    const path = singlePath(sortBy, name);
    const { input, unit } = fieldsOf(operand, name, ['input'], ['unit']);
    const value = compiler.compile(input);
    const length = unit === undefined ? 1 : addUnits(new Date(0), dateUnit(unit), 1, UTC).getTime();
    return (partition) => {
      const { scopes, documents } = partition;
      return windows(partition).map(([first, last]) => {
        const points: Point[] = [];
        for (let index = first; index <= last; index += 1) {
          const at = valueAt(documents[index]!, path);
          if (at instanceof Date !== (unit !== undefined)) {
            throw new MongoDBError(5624901, `${name} needs a 'unit' where it is sorted by dates, and none otherwise`);
          }
          points.push({ at: sortedValue(at, name) / length, value: numeric(value(scopes[index]!), name) });
        }
        const result = points.length < 1 ? null : compute(points);
        return result === null ? null : new Double(result);
      });
    };
  };
}

function sortedValue(value: unknown, name: string): number {
  return value instanceof Date ? value.getTime() : numeric(value, name);
}

function numeric(value: unknown, name: string): number {
  if (isNumber(value)) return toDouble(value);
  if (value instanceof Date) return value.getTime();
  throw new MongoDBError(5624900, `${name} needs numbers, but found ${typeName(value)}`);
}

function covariance(missing: 0 | 1): (operand: unknown, around: Around) => Column {
  return (operand, { compiler, windows, name }) => {
    if (!Array.isArray(operand) || operand.length !== 2) {
      throw new MongoDBError('FailedToParse', `${name} takes an array of two expressions`);
    }
    const [left, right] = operand.map((each) => compiler.compile(each)) as [Evaluate, Evaluate];
    return (partition) =>
      windows(partition).map(([first, last]) => {
        const pairs = partition.scopes
          .slice(first, last + 1)
          .map((scope) => [left(scope), right(scope)] as const)
          .filter((pair): pair is readonly [BsonNumber, BsonNumber] => pair.every((each) => isNumber(each)))
          .map(([x, y]) => [toDouble(x), toDouble(y)] as const);
        if (pairs.length <= missing) return null;
        const mean = (at: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[at], 0) / pairs.length;
        const [meanX, meanY] = [mean(0), mean(1)];
        const sum = pairs.reduce((total, [x, y]) => total + (x - meanX) * (y - meanY), 0);
        return new Double(sum / (pairs.length - missing));
      });
  };
}
