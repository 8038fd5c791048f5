import type { Filter } from '../document-store.js';
import { UnsupportedOperator } from '../errors.js';
import { checkedPath } from './field-path.js';
import { checkedOperand, FIELD_OPERATORS, isRegExp, type FieldOperator } from './operands.js';
import { isObject } from './path-values.js';

/** What a filter asks of one field: `{ $gte: 10, $lt: 20 }`. */
export type FieldConditions = { readonly [O in FieldOperator]?: unknown } & { readonly $not?: FieldConditions };

/** A filter that was checked and is written out: every field with its operators, every regular expression compiled. */
export interface ExplicitFilter {
  readonly $and?: readonly ExplicitFilter[];
  readonly $or?: readonly ExplicitFilter[];
  readonly $nor?: readonly ExplicitFilter[];
  readonly [path: string]: FieldConditions | readonly ExplicitFilter[] | undefined;
}

/** Deeper than any sane filter; reached only by a cycle or by somebody who tries. */
const MAX_DEPTH = 100;

const LOGICAL = new Set(['$and', '$or', '$nor']);

/**
 * Checks a filter and writes it out, so that whoever runs it, or finds an index for it, has one form to understand.
 * @throws {UnsupportedOperator} for an operator, at any depth, that is not in the language
 * @throws {TypeError | RangeError} for a filter that is malformed or holds what JSON cannot (but regular expressions);
 * the message names the place and the rule
 */
export function explicitFilter(filter: Filter): ExplicitFilter {
  return explicit(filter, '', 0);
}

function explicit(filter: unknown, place: string, depth: number): ExplicitFilter {
  if (!isPlainObject(filter))
    throw new TypeError(`${place || 'The filter'} must be an object such as { status: 'placed' }`);
  checkDepth(place, depth);
  const result: Record<string, FieldConditions | ExplicitFilter[]> = {};
  for (const [name, value] of Object.entries(filter)) {
    const where = place ? `${place}.${name}` : name;
    if (LOGICAL.has(name)) result[name] = explicitList(value, where, depth);
    else if (name.startsWith('$')) throw misplaced(name);
    else result[checkedPath(name)] = conditions(value, where, depth + 1);
  }
  return result;
}

function explicitList(value: unknown, place: string, depth: number): ExplicitFilter[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new TypeError(`${place} takes an array of at least one filter`);
  return value.map((filter, index) => explicit(filter, `${place}[${index}]`, depth + 1));
}

/** What stands beside a field's name: a value to equal, a regular expression, or operators. */
function conditions(value: unknown, place: string, depth: number): FieldConditions {
  if (isRegExp(value)) return { $regex: checkedOperand('$regex', value, place) };
  if (!isPlainObject(value) || !Object.keys(value).some(isOperator))
    return { $eq: checkedOperand('$eq', value, place) };
  return operators(value, place, depth);
}

function operators(value: Readonly<Record<string, unknown>>, place: string, depth: number): FieldConditions {
  checkDepth(place, depth);
  const result: Record<string, unknown> = {};
  for (const [name, operand] of Object.entries(value)) {
    const where = `${place}.${name}`;
    if (!isOperator(name)) throw new RangeError(`${place} mixes operators with the plain field '${name}'`);
    if (name === '$not') result[name] = negated(operand, where, depth + 1);
    else if (name === '$elemMatch') result[name] = elementFilter(operand, where, depth + 1);
    else if (name === '$all') result[name] = allConditions(operand, where, depth + 1);
    else if (name === '$regex') result[name] = checkedOperand(name, operand, where, value.$options);
    else if (name === '$options') checkOptionsHaveRegex(value, where);
    else if (FIELD_OPERATORS.has(name)) result[name] = checkedOperand(name as FieldOperator, operand, where);
    else throw misplaced(name);
  }
  return result;
}

function negated(operand: unknown, place: string, depth: number): FieldConditions {
  if (isRegExp(operand) || (isPlainObject(operand) && Object.keys(operand).some(isOperator))) {
    return conditions(operand, place, depth);
  }
  throw new TypeError(`${place} takes operators or a regular expression; for a value there is $ne`);
}

/** Conditions on the element itself, or a filter for the object that it is: the first name tells which. */
function elementFilter(operand: unknown, place: string, depth: number): FieldConditions | ExplicitFilter {
  if (!isPlainObject(operand)) throw new TypeError(`${place} takes an object of operators or a filter`);
  const first = Object.keys(operand)[0];
  return first !== undefined && isOperator(first) && !LOGICAL.has(first)
    ? operators(operand, place, depth)
    : explicit(operand, place, depth);
}

function allConditions(operand: unknown, place: string, depth: number): FieldConditions[] {
  if (!Array.isArray(operand)) throw new TypeError(`${place} takes an array`);
  const all = operand.map((each, index) => {
    const elements = isPlainObject(each) && Object.keys(each)[0] === '$elemMatch';
    return elements ? operators(each, `${place}[${index}]`, depth) : conditions(each, `${place}[${index}]`, depth);
  });
  if (all.some((each) => !('$eq' in each || '$regex' in each || '$elemMatch' in each))) {
    throw new RangeError(`${place} takes values, regular expressions and $elemMatch, no other operators`);
  }
  return all;
}

function checkOptionsHaveRegex(value: Readonly<Record<string, unknown>>, place: string): void {
  if (!('$regex' in value)) throw new RangeError(`${place} stands beside $regex only`);
}

/** An operator that is known but not where it stands is a slip; one that is not known cannot be run. */
function misplaced(name: string): Error {
  return LOGICAL.has(name) || FIELD_OPERATORS.has(name) || name === '$not' || name === '$options'
    ? new RangeError(
        `${name} cannot stand here: ${LOGICAL.has(name) ? 'it takes whole filters' : 'it stands under a field'}`,
      )
    : new UnsupportedOperator(name);
}

function checkDepth(place: string, depth: number): void {
  if (depth > MAX_DEPTH)
    throw new RangeError(`The filter is nested deeper than ${MAX_DEPTH} levels at ${place.slice(0, 80)}…`);
}

const isOperator = (name: string) => name.startsWith('$');

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
