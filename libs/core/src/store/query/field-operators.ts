import { Query } from 'mingo/query';
import type { Options } from 'mingo/types';
import type { ExplicitFilter, FieldConditions } from './explicit-filter.js';
import { patternTest, type FieldOperator, type TypeName } from './operands.js';
import { isObject, someValueAt, type ValueTest } from './path-values.js';
import { compareValues, TypeRank, typeRank } from './value-order.js';

/** Tests a document, or whatever else the selector is looked up in. */
type DocumentTest = (document: object) => boolean;

/**
 * Selects, instead of a field, the very value that is tested: an element of an array under `$elemMatch`. No field can
 * be meant, because paths do not begin with a dollar sign.
 */
const ITSELF = '$';

/**
 * The operators under a field, to be plugged into mingo, which combines them.
 *
 * Mingo has operators of its own, but they do not walk into arrays as MongoDB does. With mingo 7.2.6, for example,
 * `{ a: { $elemMatch: { b: 5 } } }` finds `{ a: [5] }`, `{ 'a.b': { $in: [1] } }` misses `{ a: [{ b: [1] }, { b: [2] }] }`,
 * `{ 'a.b': null }` misses `{ a: [{ b: 1 }, {}] }`, and `{ n: { $mod: [2, 0] } }` finds `{ n: null }`.
 */
export const fieldOperators: Record<
  FieldOperator,
  (selector: string, operand: never, options: Options) => DocumentTest
> = {
  $eq: (selector, operand: unknown) => some(selector, equalTo(operand)),
  $ne: (selector, operand: unknown) => not(some(selector, equalTo(operand))),
  $gt: (selector, operand: unknown) =>
    some(
      selector,
      compared(operand, (difference) => difference > 0),
    ),
  $gte: (selector, operand: unknown) =>
    some(
      selector,
      compared(operand, (difference) => difference >= 0),
    ),
  $lt: (selector, operand: unknown) =>
    some(
      selector,
      compared(operand, (difference) => difference < 0),
    ),
  $lte: (selector, operand: unknown) =>
    some(
      selector,
      compared(operand, (difference) => difference <= 0),
    ),
  $in: (selector, operand: readonly unknown[]) => some(selector, oneOf(operand)),
  $nin: (selector, operand: readonly unknown[]) => not(some(selector, oneOf(operand))),
  $exists: (selector, operand: boolean) => {
    const exists = some(selector, (value) => value !== undefined);
    return operand ? exists : not(exists);
  },
  $type: (selector, operand: readonly TypeName[]) => {
    const ranks = new Set(operand.map((name) => TypeRank[name === 'bool' ? 'boolean' : name]));
    return some(selector, (value) => value !== undefined && (ranks as Set<number>).has(typeRank(value)));
  },
  $regex: (selector, operand: RegExp) => some(selector, matching(operand)),
  $mod: (selector, [divisor, remainder]: readonly [number, number]) => some(selector, divided(divisor, remainder)),
  $size: (selector, operand: number) => whole(selector, (value) => Array.isArray(value) && value.length === operand),
  $elemMatch: (selector, operand: FieldConditions | ExplicitFilter, options) => {
    const test = elementTest(operand, options);
    return whole(selector, (value) => Array.isArray(value) && value.some(test));
  },
  $all: (selector, operand: readonly FieldConditions[], options) => {
    const tests = operand.map((conditions) => new Query({ [selector]: conditions }, options));
    return (document) => tests.length > 0 && tests.every((query) => query.test(document as Record<string, unknown>));
  },
};

/** Any of the values that the selector leads to, the elements of an array included. */
const some = (selector: string, test: ValueTest) => at(selector, true, test);

/** The same, with an array as one value. */
const whole = (selector: string, test: ValueTest) => at(selector, false, test);

function at(selector: string, elements: boolean, test: ValueTest): DocumentTest {
  if (selector === ITSELF) return test;
  const path = selector.split('.');
  return (document) => someValueAt(document, path, elements, test);
}

const not =
  (test: DocumentTest): DocumentTest =>
  (document) =>
    !test(document);

function equalTo(operand: unknown): ValueTest {
  if (operand === null) return (value) => value === null || value === undefined;
  if (typeof operand !== 'object') return (value) => value === operand;
  return (value) => typeof value === 'object' && value !== null && compareValues(value, operand) === 0;
}

/** Only values of the operand's own type compare with it. */
function compared(operand: unknown, holds: (difference: number) => boolean): ValueTest {
  const rank = typeRank(operand);
  return (value) => typeRank(value) === rank && holds(compareValues(value, operand));
}

function oneOf(operand: readonly unknown[]): ValueTest {
  const plain = new Set(operand.filter((each) => typeof each !== 'object'));
  const tests = operand
    .filter((each) => typeof each === 'object')
    .map((each) => (each instanceof RegExp ? matching(each) : equalTo(each)));
  return (value) => plain.has(value) || tests.some((test) => test(value));
}

function matching(expression: RegExp): ValueTest {
  const pattern = patternTest(expression);
  return (value) => typeof value === 'string' && pattern.test(value);
}

/** Fractions are cut off; what a 64-bit integer cannot hold never matches. */
function divided(divisor: number, remainder: number): ValueTest {
  return (value) => typeof value === 'number' && Math.abs(value) < 2 ** 63 && Math.trunc(value) % divisor === remainder;
}

/** With operators, the element itself is tested; with a filter, it must be an object, or an array with numbers as fields. */
function elementTest(operand: FieldConditions | ExplicitFilter, options: Options): ValueTest {
  const first = Object.keys(operand)[0] ?? '';
  if (first.startsWith('$') && !['$and', '$or', '$nor'].includes(first)) {
    const query = new Query({ [ITSELF]: operand }, options);
    return (element) => query.test(element as Record<string, unknown>);
  }
  const query = new Query(operand, options);
  return (element) => {
    if (Array.isArray(element)) return query.test({ ...element });
    return isObject(element) && query.test(element as Record<string, unknown>);
  };
}
