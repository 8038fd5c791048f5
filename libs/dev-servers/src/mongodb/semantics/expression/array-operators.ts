import { isDocument, type BsonDocument } from '../bson-document.js';
import { compareValues, equalValues } from '../compare.js';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber, toDouble } from '../numbers.js';
import { compileSort } from '../sort.js';
import {
  binary,
  fieldsOf,
  isNullish,
  isTruthy,
  operator,
  typeName,
  unary,
  variadic,
  wholeNumber,
  withFields,
} from './arguments.js';
import type { Operator } from './compiler.js';
import { checkedName } from './control-operators.js';
import { bind } from './scope.js';

const MAX_RANGE = 10_000_000;

export const arrayOperators: Record<string, Operator> = {
  $arrayElemAt: binary((array, position) => {
    if (isNullish(array) || isNullish(position)) return null;
    const items = arrayOf(array, 28689, `$arrayElemAt's first argument must be an array, but is ${typeName(array)}`);
    if (!isNumber(position)) {
      throw new MongoDBError(
        28690,
        `$arrayElemAt's second argument must be a numeric value, but is ${typeName(position)}`,
      );
    }
    return items.at(
      wholeNumber(
        position,
        (value) =>
          new MongoDBError(28691, `$arrayElemAt's second argument must be representable as a 32-bit integer: ${value}`),
      ),
    );
  }),
  $first: unary((array, name) => ends(array, name)?.[0]),
  $last: unary((array, name) => ends(array, name)?.at(-1)),
  $concatArrays: variadic((arrays, name) => {
    if (arrays.some(isNullish)) return null;
    return arrays.flatMap((array) => arrayOf(array, 28664, `${name} only supports arrays, not ${typeName(array)}`));
  }),
  $filter: (operand, compiler, name) => {
    const { input, as = 'this', cond, limit } = fieldsOf(operand, name, ['input', 'cond'], ['as', 'limit']);
    const variable = checkedName(String(as));
    const array = compiler.compile(input);
    const condition = compiler.with(variable).compile(cond);
    const most = limit === undefined ? undefined : compiler.compile(limit);
    return (scope) => {
      const items = array(scope);
      if (isNullish(items)) return null;
      const limited = most?.(scope);
      const count = isNullish(limited) ? Infinity : positiveLimit(limited);
      const result: unknown[] = [];
      for (const item of arrayOf(items, 28651, `input to $filter must be an array not ${typeName(items)}`)) {
        if (result.length >= count) break;
        if (isTruthy(condition(bind(scope, variable, item)))) result.push(item);
      }
      return result;
    };
  },
  $map: (operand, compiler, name) => {
    const { input, as = 'this', in: body } = fieldsOf(operand, name, ['input', 'in'], ['as']);
    const variable = checkedName(String(as));
    const array = compiler.compile(input);
    const each = compiler.with(variable).compile(body);
    return (scope) => {
      const items = array(scope);
      if (isNullish(items)) return null;
      return arrayOf(items, 16883, `input to $map must be an array not ${typeName(items)}`).map(
        (item) => each(bind(scope, variable, item)) ?? null,
      );
    };
  },
  $reduce: (operand, compiler, name) => {
    const { input, initialValue, in: body } = fieldsOf(operand, name, ['input', 'initialValue', 'in'], []);
    const array = compiler.compile(input);
    const initial = compiler.compile(initialValue);
    const step = compiler.with('this', 'value').compile(body);
    return (scope) => {
      const items = array(scope);
      if (isNullish(items)) return null;
      let value = initial(scope);
      for (const item of arrayOf(
        items,
        40080,
        `$reduce requires that 'input' be an array, found: ${typeName(items)}`,
      )) {
        value = step(bind(bind(scope, 'this', item), 'value', value));
      }
      return value;
    };
  },
  $in: binary((value, array) =>
    arrayOf(array, 40081, `$in requires an array as a second argument, found: ${typeName(array)}`).some((item) =>
      equalValues(item, value),
    ),
  ),
  $indexOfArray: operator(2, 4, (array, value, start, end) => {
    if (isNullish(array)) return null;
    const items = arrayOf(
      array,
      40090,
      `$indexOfArray requires an array as a first argument, found: ${typeName(array)}`,
    );
    const from = boundary(start, 0, '$indexOfArray');
    const to = Math.min(boundary(end, items.length, '$indexOfArray'), items.length);
    for (let index = from; index < to; index += 1) if (equalValues(items[index], value)) return index;
    return -1;
  }),
  $isArray: unary((value) => Array.isArray(value)),
  $range: operator(2, 3, (start, end, step) => {
    const from = wholeNumber(start, rangeError(34443, 'a starting value'));
    const to = wholeNumber(end, rangeError(34445, 'an ending value'));
    const by = step === undefined ? 1 : wholeNumber(step, rangeError(34447, 'a step value'));
    if (by === 0) throw new MongoDBError(34449, '$range requires a non-zero step value');
    const length = Math.max(0, Math.ceil((to - from) / by));
    if (length > MAX_RANGE) throw new MongoDBError(146, '$range would use too much memory');
    return Array.from({ length }, (_, index) => from + index * by);
  }),
  $reverseArray: unary((array) => {
    if (isNullish(array)) return null;
    return arrayOf(
      array,
      34435,
      `The argument to $reverseArray must be an array, but was of type: ${typeName(array)}`,
    ).toReversed();
  }),
  $size: unary(
    (array) =>
      arrayOf(array, 17124, `The argument to $size must be an array, but was of type: ${typeName(array)}`).length,
  ),
  $slice: operator(2, 3, slice),
  $sortArray: (operand, compiler, name) => {
    const { input, sortBy } = fieldsOf(operand, name, ['input', 'sortBy'], []);
    const array = compiler.compile(input);
    const compare = isDocument(sortBy) ? orderOfDocuments(sortBy) : orderOfValues(sortBy);
    return (scope) => {
      const items = array(scope);
      if (isNullish(items)) return null;
      return arrayOf(
        items,
        2942504,
        `The input argument to $sortArray must be an array, but was of type: ${typeName(items)}`,
      ).toSorted(compare);
    };
  },
  $zip: withFields(
    ['inputs'],
    ['useLongestLength', 'defaults'],
    ({ inputs, useLongestLength, defaults }) =>
      (scope) => {
        const arrays = inputs(scope);
        if (isNullish(arrays)) return null;
        const rows = arrayOf(arrays, 34461, 'inputs must be an array of expressions');
        if (rows.some(isNullish)) return null;
        const columns = rows.map((row) =>
          arrayOf(row, 34468, `$zip found a non-array expression in input: ${typeName(row)}`),
        );
        const longest = isTruthy(useLongestLength?.(scope));
        const filling = defaults?.(scope) as unknown[] | undefined;
        if (filling && !longest)
          throw new MongoDBError(34466, 'cannot specify defaults unless useLongestLength is true');
        const length =
          columns.length === 0 ? 0 : (longest ? Math.max : Math.min)(...columns.map((column) => column.length));
        return Array.from({ length }, (_, at) =>
          columns.map((column, index) => (at < column.length ? column[at] : filling?.[index]) ?? null),
        );
      },
  ),
  $firstN: manyOf((items, count) => items.slice(0, count)),
  $lastN: manyOf((items, count) => items.slice(-count)),
  $minN: manyOf((items, count) =>
    items
      .filter((item) => !isNullish(item))
      .toSorted(compareValues)
      .slice(0, count),
  ),
  $maxN: manyOf((items, count) =>
    items
      .filter((item) => !isNullish(item))
      .toSorted((left, right) => compareValues(right, left))
      .slice(0, count),
  ),
};

function arrayOf(value: unknown, code: number, message: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new MongoDBError(code, message);
}

function ends(array: unknown, name: string): unknown[] | null {
  if (isNullish(array)) return null;
  return arrayOf(array, 28689, `${name}'s argument must be an array, but is ${typeName(array)}`);
}

function positiveLimit(value: unknown): number {
  const limit = wholeNumber(
    value,
    (type) => new MongoDBError(327391, `$filter: limit must be represented as a 32-bit integral value: ${type}`),
  );
  if (limit > 0) return limit;
  throw new MongoDBError(327392, `$filter: limit must be greater than 0: ${limit}`);
}

function boundary(value: unknown, fallback: number, name: string): number {
  if (value === undefined) return fallback;
  const number = wholeNumber(
    value,
    (type) => new MongoDBError(40096, `${name} requires an integral starting index, found a value of type: ${type}`),
  );
  if (number >= 0) return number;
  throw new MongoDBError(40097, `${name} requires a nonnegative starting index, found: ${number}`);
}

const rangeError = (code: number, what: string) => (type: string) =>
  new MongoDBError(code, `$range requires ${what} that can be represented as a 32-bit integer, found value: ${type}`);

function slice(array: unknown, position: unknown, count: unknown): unknown {
  if (isNullish(array) || isNullish(position) || count === null) return null;
  const items = arrayOf(array, 28724, `First argument to $slice must be an array, but is of type: ${typeName(array)}`);
  const at = wholeNumber(
    position,
    (type) => new MongoDBError(28726, `Second argument to $slice can't be represented as a 32-bit integer: ${type}`),
  );
  if (count === undefined) return at < 0 ? items.slice(at) : items.slice(0, at);
  const length = wholeNumber(
    count,
    (type) => new MongoDBError(28728, `Third argument to $slice can't be represented as a 32-bit integer: ${type}`),
  );
  if (length <= 0) throw new MongoDBError(28729, `Third argument to $slice must be positive: ${length}`);
  const start = at < 0 ? Math.max(0, items.length + at) : at;
  return items.slice(start, start + length);
}

function orderOfDocuments(sortBy: BsonDocument): (left: unknown, right: unknown) => number {
  const compare = compileSort(sortBy);
  return (left, right) => compare(asDocument(left), asDocument(right));
}

/** What is no document has none of the fields. */
const asDocument = (value: unknown): BsonDocument => (isDocument(value) ? value : {});

function orderOfValues(sortBy: unknown): (left: unknown, right: unknown) => number {
  const direction = isNumber(sortBy) ? toDouble(sortBy) : 0;
  if (direction === 1) return (left, right) => compareValues(left, right);
  if (direction === -1) return (left, right) => compareValues(right, left);
  throw new MongoDBError(2942507, 'Invalid sortBy: only 1 or -1 are allowed, or a document');
}

function manyOf(take: (items: unknown[], count: number) => unknown[]): Operator {
  return withFields(['input', 'n'], [], ({ input, n }, name) => (scope) => {
    const count = wholeNumber(
      n(scope),
      (type) => new MongoDBError(5787902, `Value for 'n' must be of integral type, but found ${type}`),
    );
    if (count <= 0) throw new MongoDBError(5787908, `'n' must be greater than 0, found ${count}`);
    const items = input(scope);
    if (isNullish(items)) return null;
    return take(arrayOf(items, 5788200, `input must be an array to ${name}`), count);
  });
}
