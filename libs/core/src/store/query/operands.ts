import { UnsupportedOperator } from '../errors.js';
import { boundedPattern, type BoundedPattern } from './bounded-pattern.js';
import { InvalidPattern } from './invalid-pattern.js';

/** The operators that stand under a field and say something of its value. */
export type FieldOperator =
  | '$eq'
  | '$ne'
  | '$gt'
  | '$gte'
  | '$lt'
  | '$lte'
  | '$in'
  | '$nin'
  | '$exists'
  | '$type'
  | '$regex'
  | '$mod'
  | '$all'
  | '$elemMatch'
  | '$size';

const CHECKS: Record<FieldOperator, (operand: unknown, place: string, options?: unknown) => unknown> = {
  $eq: checkedValue,
  $ne: checkedValue,
  $gt: checkedValue,
  $gte: checkedValue,
  $lt: checkedValue,
  $lte: checkedValue,
  $in: valuesOrPatterns,
  $nin: valuesOrPatterns,
  $exists: yesOrNo,
  $type: typeNames,
  $regex: pattern,
  $mod: divisorAndRemainder,
  $all: list,
  $elemMatch: (operand) => operand,
  $size: elementCount,
};

export const FIELD_OPERATORS: ReadonlySet<string> = new Set(Object.keys(CHECKS));

/** A type that JSON has, by the name that MongoDB gives it. `number` is any number. */
export type TypeName = 'null' | 'number' | 'string' | 'object' | 'array' | 'bool';

/** The codes that MongoDB has for the types of JSON; those of its several numbers are left out. */
const TYPE_CODES: Readonly<Record<string, TypeName>> = { 2: 'string', 3: 'object', 4: 'array', 8: 'bool', 10: 'null' };
const TYPE_NAMES: ReadonlySet<unknown> = new Set<TypeName>(['null', 'number', 'string', 'object', 'array', 'bool']);

/**
 * What an operator is given, checked and in its one form: types by name in an array, regular expressions compiled.
 * @param place where in the filter it stands, for messages
 * @param options what stands under `$options`, for `$regex`
 * @throws {TypeError | RangeError} naming the place and the rule
 * @throws {UnsupportedOperator} for an operator inside a value
 */
export function checkedOperand(operator: FieldOperator, operand: unknown, place: string, options?: unknown): unknown {
  return CHECKS[operator](operand, place, options);
}

export function isRegExp(value: unknown): value is RegExp {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}

/** Deeper than any sane value; reached only by a cycle or by somebody who tries. */
const MAX_DEPTH = 100;

/** A value that JSON can hold. */
function checkedValue(value: unknown, place: string): unknown {
  return jsonValue(value, place, 0);
}

function jsonValue(value: unknown, place: string, depth: number): unknown {
  if (depth > MAX_DEPTH)
    throw new RangeError(`A value is nested deeper than ${MAX_DEPTH} levels at ${place.slice(0, 80)}…`);
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${place} is ${value}: documents hold finite numbers only`);
      return value;
    case 'object':
      if (value === null) return value;
      if (!Array.isArray(value)) return jsonObject(value, place, depth);
      return list(value, place).map((element, index) => jsonValue(element, `${place}[${index}]`, depth + 1));
    case 'undefined':
      throw new TypeError(`${place} is undefined: is a variable not set? null finds what is null or missing`);
    default:
      throw new TypeError(`${place} is a ${typeof value}: documents hold JSON values`);
  }
}

function jsonObject(value: object, place: string, depth: number): object {
  if (isRegExp(value))
    throw new TypeError(`${place} is a regular expression: it stands under a field, $not, $in, $nin, $all or $regex`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    const name = value.constructor.name;
    throw new TypeError(`${place} is a ${name}: documents hold JSON values, so compare with what was stored for it`);
  }
  for (const [field, each] of Object.entries(value)) {
    if (field === '__proto__') throw new RangeError(`${place}: queries cannot ask for __proto__`);
    if (field.startsWith('$')) throw operatorInValue(field, place);
    jsonValue(each, `${place}.${field}`, depth + 1);
  }
  return value;
}

function operatorInValue(operator: string, place: string): Error {
  return FIELD_OPERATORS.has(operator) || operator === '$not'
    ? new RangeError(
        `${operator} stands inside a value at ${place}: name the field by its path instead, as in 'total.amount'`,
      )
    : new UnsupportedOperator(operator);
}

function list(operand: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(operand)) throw new TypeError(`${place} takes an array`);
  return Array.from<unknown>(operand); // a hole becomes undefined, which is refused
}

function valuesOrPatterns(operand: unknown, place: string): unknown[] {
  return list(operand, place).map((each, index) =>
    isRegExp(each) ? pattern(each, `${place}[${index}]`) : checkedValue(each, `${place}[${index}]`),
  );
}

function yesOrNo(operand: unknown, place: string): boolean {
  if (typeof operand === 'boolean') return operand;
  if (operand === 0 || operand === 1) return operand === 1;
  throw new TypeError(`${place} takes true or false`);
}

function typeNames(operand: unknown, place: string): TypeName[] {
  const names = (Array.isArray(operand) ? operand : [operand]).map((each: unknown) => TYPE_CODES[String(each)] ?? each);
  if (names.length > 0 && names.every((name) => TYPE_NAMES.has(name))) return names as TypeName[];
  throw new RangeError(
    `${place} takes one or several of: ${[...TYPE_NAMES].join(', ')}; documents hold no other types`,
  );
}

/** What runs an expression of a checked filter. */
const bounded = new WeakMap<RegExp, BoundedPattern>();

/** What tells whether a text matches, in a time that grows no faster than the text. */
export function patternTest(expression: RegExp): BoundedPattern {
  let pattern = bounded.get(expression);
  if (!pattern) {
    pattern = boundedPattern(expression.source, expression.flags);
    bounded.set(expression, pattern);
  }
  return pattern;
}

function pattern(operand: unknown, place: string, options?: unknown): RegExp {
  if (typeof operand !== 'string' && !isRegExp(operand))
    throw new TypeError(`${place} takes a string or a regular expression`);
  if (options !== undefined && typeof options !== 'string') throw new TypeError(`${place}: $options takes a string`);
  const [source, flags] = isRegExp(operand) ? [operand.source, options ?? operand.flags] : [operand, options ?? ''];
  if (/[^imsu]/.test(flags))
    throw new InvalidPattern(undefined, `${place}: '${flags}' holds flags other than i, m, s and u`);
  try {
    const expression = new RegExp(source, flags);
    patternTest(expression);
    return expression;
  } catch (cause) {
    const has = cause instanceof InvalidPattern ? cause.has : undefined;
    throw new InvalidPattern(has, `${place}: ${(cause as Error).message}`, { cause });
  }
}

function divisorAndRemainder(operand: unknown, place: string): [divisor: number, remainder: number] {
  const numbers = list(operand, place).map((each) => (Number.isFinite(each) ? Math.trunc(each as number) : NaN));
  const [divisor, remainder] = numbers;
  if (numbers.length === 2 && divisor! && !Number.isNaN(remainder)) return [divisor, remainder!];
  throw new RangeError(`${place} takes a divisor, which is not zero, and a remainder, as in [4, 0]`);
}

function elementCount(operand: unknown, place: string): number {
  if (Number.isSafeInteger(operand) && (operand as number) >= 0) return operand as number;
  throw new RangeError(`${place} takes a whole number that is not negative`);
}
