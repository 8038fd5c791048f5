import { isDocument } from '../bson-document.js';
import { compareValues } from '../compare.js';
import { MongoDBError } from '../mongodb-error.js';
import { binary, compiled, fieldsOf, isNullish, isTruthy, unary } from './arguments.js';
import type { Compiler, Operator } from './compiler.js';
import { bind } from './scope.js';

/** In expressions, values of different types compare too, and a missing value comes before null. */
export function compareInExpression(left: unknown, right: unknown): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  return Math.sign(compareValues(left, right));
}

const comparison = (holds: (difference: number) => boolean) =>
  binary((left, right) => holds(compareInExpression(left, right)));

/** Comparison, logic, conditions, variables and literals. */
export const controlOperators: Record<string, Operator> = {
  $cmp: binary((left, right) => compareInExpression(left, right)),
  $eq: comparison((difference) => difference === 0),
  $ne: comparison((difference) => difference !== 0),
  $gt: comparison((difference) => difference > 0),
  $gte: comparison((difference) => difference >= 0),
  $lt: comparison((difference) => difference < 0),
  $lte: comparison((difference) => difference <= 0),
  $and: (operand, compiler) => {
    const parts = compiled(operand, compiler);
    return (scope) => parts.every((part) => isTruthy(part(scope)));
  },
  $or: (operand, compiler) => {
    const parts = compiled(operand, compiler);
    return (scope) => parts.some((part) => isTruthy(part(scope)));
  },
  $not: unary((value) => !isTruthy(value)),
  $cond: (operand, compiler) => {
    const [condition, yes, no] = conditional(operand).map((each) => compiler.compile(each));
    return (scope) => (isTruthy(condition!(scope)) ? yes!(scope) : no!(scope));
  },
  $ifNull: (operand, compiler) => {
    const parts = compiled(operand, compiler);
    if (parts.length < 2) {
      throw new MongoDBError(1257300, `$ifNull needs at least two arguments, had: ${parts.length}`);
    }
    return (scope) => {
      let value: unknown;
      for (const part of parts) {
        value = part(scope);
        if (!isNullish(value)) return value;
      }
      return value;
    };
  },
  $switch: (operand, compiler, name) => {
    const { branches, default: otherwise } = fieldsOf(operand, name, [], ['branches', 'default']);
    if (!Array.isArray(branches) || (branches.length === 0 && otherwise === undefined)) {
      throw new MongoDBError(40068, '$switch requires at least one branch.');
    }
    const cases = branches.map((branch) => compiledBranch(branch, compiler));
    const fallback = otherwise === undefined ? undefined : compiler.compile(otherwise);
    return (scope) => {
      const found = cases.find((each) => isTruthy(each.when(scope)));
      if (found) return found.value(scope);
      if (fallback) return fallback(scope);
      throw new MongoDBError(
        40066,
        '$switch could not find a matching branch for an input, and no default was specified.',
      );
    };
  },
  $let: (operand, compiler, name) => {
    const { vars, in: body } = fieldsOf(operand, name, ['vars', 'in'], []);
    if (!isDocument(vars)) throw new MongoDBError(16874, 'invalid parameter: expected an object (vars)');
    const variables = Object.entries(vars).map(
      ([each, value]) => [checkedName(each), compiler.compile(value)] as const,
    );
    const result = compiler.with(...Object.keys(vars)).compile(body);
    return (scope) => {
      let inner = scope;
      for (const [each, value] of variables) inner = bind(inner, each, value(scope));
      return result(inner);
    };
  },
  $literal: (operand) => () => operand,
  $const: (operand) => () => operand,
};

function conditional(operand: unknown): unknown[] {
  if (Array.isArray(operand)) {
    if (operand.length === 3) return operand;
    throw new MongoDBError(16020, `Expression $cond takes exactly 3 arguments. ${operand.length} were passed in.`);
  }
  const { if: condition, then, else: otherwise } = fieldsOf(operand, '$cond', ['if', 'then', 'else'], []);
  return [condition, then, otherwise];
}

function compiledBranch(branch: unknown, compiler: Compiler) {
  const { case: when, then } = fieldsOf(branch, '$switch branch', ['case', 'then'], []);
  return { when: compiler.compile(when), value: compiler.compile(then) };
}

/** Variables of users begin with a small letter; `CURRENT` may be bound too. */
export function checkedName(name: string): string {
  if (name === 'CURRENT' || /^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name)) return name;
  throw new MongoDBError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
}
