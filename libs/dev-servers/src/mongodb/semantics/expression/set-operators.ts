import { encodeKey } from '../key-encoding.js';
import { compareValues } from '../compare.js';
import { MongoDBError } from '../mongodb-error.js';
import { binary, isNullish, isTruthy, typeName, unary, variadic } from './arguments.js';
import type { Operator } from './compiler.js';

/** Arrays as sets. MongoDB leaves the order of their elements open; here it is the order of the values. */
export const setOperators: Record<string, Operator> = {
  $setUnion: variadic((sets) => {
    if (sets.some(isNullish)) return null;
    return distinct(sets.flatMap((set) => setOf(set, '$setUnion', 17043))).toSorted(compareValues);
  }),
  $setIntersection: variadic((sets) => {
    if (sets.some(isNullish)) return null;
    const [first = [], ...others] = sets.map((set) => setOf(set, '$setIntersection', 17047));
    const keys = others.map((other) => new Set(other.map(keyOf)));
    return distinct(first)
      .filter((value) => keys.every((each) => each.has(keyOf(value))))
      .toSorted(compareValues);
  }),
  $setDifference: binary((left, right) => {
    if (isNullish(left) || isNullish(right)) return null;
    const without = new Set(setOf(right, '$setDifference', 17049).map(keyOf));
    return distinct(setOf(left, '$setDifference', 17048)).filter((value) => !without.has(keyOf(value)));
  }),
  $setEquals: variadic((sets) => {
    if (sets.length < 2) throw new MongoDBError(17045, `$setEquals needs at least two arguments had: ${sets.length}`);
    const keys = sets.map((set) =>
      distinct(setOf(set, '$setEquals', 17044))
        .map(keyOf)
        .toSorted()
        .join('\0\0'),
    );
    return keys.every((each) => each === keys[0]);
  }),
  $setIsSubset: binary((left, right) => {
    const keys = new Set(setOf(right, '$setIsSubset', 17042).map(keyOf));
    return setOf(left, '$setIsSubset', 17046).every((value) => keys.has(keyOf(value)));
  }),
  $anyElementTrue: unary((set) => setOf(set, '$anyElementTrue', 17041).some(isTruthy)),
  $allElementsTrue: unary((set) => setOf(set, '$allElementsTrue', 17040).every(isTruthy)),
};

export const keyOf = (value: unknown) => encodeKey([value]).toString('latin1');

/** The values without repetitions, each where it was first. */
export function distinct(values: readonly unknown[]): unknown[] {
  const seen = new Map<string, unknown>();
  for (const value of values) {
    const key = keyOf(value);
    if (!seen.has(key)) seen.set(key, value);
  }
  return [...seen.values()];
}

function setOf(value: unknown, name: string, code: number): unknown[] {
  if (Array.isArray(value)) return value;
  throw new MongoDBError(code, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`);
}
