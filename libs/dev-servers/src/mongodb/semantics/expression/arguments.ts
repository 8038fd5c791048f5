import { bsonType } from '../bson-types.js';
import { isDocument } from '../bson-document.js';
import { MongoDBError } from '../mongodb-error.js';
import { compareNumbers, isNumber, toBigInt, toDouble } from '../numbers.js';
import type { Compiler, Evaluate, Operator } from './compiler.js';

/** The type of a value by MongoDB's name, `missing` when it is not there. */
export const typeName = (value: unknown) => (value === undefined ? 'missing' : bsonType(value));

/** Missing counts as null for most operators. */
export const isNullish = (value: unknown): value is null | undefined => value === null || value === undefined;

/** The truth of a value: all but false, null, what is missing and zero is true. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (isNullish(value)) return false;
  return isNumber(value) ? toDouble(value) !== 0 : true;
}

/** An operator of a fixed number of arguments; of one, it may stand without an array. */
export function operator(least: number, most: number, apply: (...values: unknown[]) => unknown): Operator {
  return (operand, compiler, name) => {
    const parts = compiled(operand, compiler);
    if (parts.length < least || parts.length > most) {
      const expected = least === most ? `exactly ${least}` : `at least ${least} arguments, and at most ${most}`;
      const code = least === most ? 16020 : 28667;
      throw new MongoDBError(code, `Expression ${name} takes ${expected} arguments. ${parts.length} were passed in.`);
    }
    const [first, second] = parts;
    if (parts.length === 1) return (scope) => apply(first!(scope));
    if (parts.length === 2) return (scope) => apply(first!(scope), second!(scope));
    return (scope) => apply(...parts.map((part) => part(scope)));
  };
}

export const unary = (apply: (value: unknown, name: string) => unknown): Operator =>
  named((name) => operator(1, 1, (value) => apply(value, name)));

export const binary = (apply: (left: unknown, right: unknown, name: string) => unknown): Operator =>
  named((name) => operator(2, 2, (left, right) => apply(left, right, name)));

/** An operator of any number of arguments. */
export const variadic =
  (apply: (values: unknown[], name: string) => unknown): Operator =>
  (operand, compiler, name) => {
    const parts = compiled(operand, compiler);
    return (scope) =>
      apply(
        parts.map((part) => part(scope)),
        name,
      );
  };

const named =
  (make: (name: string) => Operator): Operator =>
  (operand, compiler, name) =>
    make(name)(operand, compiler, name);

/** The arguments of an operator, whether in an array or, being one, alone. */
export function compiled(operand: unknown, compiler: Compiler): Evaluate[] {
  return (Array.isArray(operand) ? operand : [operand]).map((each) => compiler.compile(each));
}

/** An operator whose arguments have names. */
export function withFields<Required extends string, Optional extends string>(
  required: readonly Required[],
  optional: readonly Optional[],
  make: (fields: Record<Required, Evaluate> & { [name in Optional]?: Evaluate }, name: string) => Evaluate,
): Operator {
  return (operand, compiler, name) => {
    const given = fieldsOf(operand, name, required, optional);
    const fields = Object.fromEntries(Object.entries(given).map(([field, each]) => [field, compiler.compile(each)]));
    return make(fields as never, name);
  };
}

/** The named arguments of an operator, checked but not compiled. */
export function fieldsOf(
  operand: unknown,
  name: string,
  required: readonly string[],
  optional: readonly string[],
): Record<string, unknown> {
  if (!isDocument(operand)) {
    throw new MongoDBError('FailedToParse', `${name} only supports an object as its argument`);
  }
  for (const field of Object.keys(operand)) {
    if (!required.includes(field) && !optional.includes(field)) {
      throw new MongoDBError('FailedToParse', `Unrecognized argument to ${name}: ${field}`);
    }
  }
  for (const field of required) {
    if (!Object.hasOwn(operand, field))
      throw new MongoDBError('FailedToParse', `Missing '${field}' parameter to ${name}`);
  }
  return operand;
}

/** A number without a fraction that fits into 32 bits. */
export function wholeNumber(value: unknown, complaint: (type: string) => MongoDBError): number {
  if (!isNumber(value)) throw complaint(typeName(value));
  const number = toDouble(value);
  if (!Number.isInteger(number) || (number | 0) !== number) throw complaint(`${number}`);
  return number | 0;
}

/** A whole number of up to 64 bits. */
export function longNumber(value: unknown, complaint: (type: string) => MongoDBError): bigint {
  if (!isNumber(value)) throw complaint(typeName(value));
  const double = toDouble(value);
  if (!Number.isFinite(double) || Math.abs(double) > 2 ** 63) throw complaint(`${double}`);
  const whole = toBigInt(value);
  if (compareNumbers(whole, value) !== 0) throw complaint(`${double}`);
  return whole;
}

/** The named options of a stage, checked but not compiled. */
export function stageFields(
  operand: unknown,
  name: string,
  required: readonly string[],
  optional: readonly string[],
  code: number,
): Record<string, unknown> {
  if (!isDocument(operand)) throw new MongoDBError(code, `the ${name} stage specification must be an object`);
  for (const field of Object.keys(operand)) {
    if (!required.includes(field) && !optional.includes(field)) {
      throw new MongoDBError(code, `Unrecognized option to ${name}: ${field}.`);
    }
  }
  for (const field of required) {
    if (!Object.hasOwn(operand, field)) throw new MongoDBError(code, `${name} requires '${field}' to be specified.`);
  }
  return operand;
}
