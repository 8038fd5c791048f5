import type { ExplicitFilter, FieldConditions } from '@gesta/core';
import { BSONRegExp, type Document } from 'mongodb';
import { storedPath } from '../documents/escaped-text.js';
import { storedOperand } from '../documents/stored-value.js';
import { serverPattern } from './portable-pattern.js';

/** What the server is asked for in the name of a filter. */
export interface ServerFilter {
  readonly query: Document;
  /** Whether the server gives just what the filter finds. Otherwise it gives that and more. */
  readonly exact: boolean;
}

/** Greater divisors the server refuses. */
const MAX_DIVISOR = 2 ** 63;

const everything: ServerFilter = { query: {}, exact: false };
const exactly = (query: Document): ServerFilter => ({ query, exact: true });

/**
 * Writes a filter down for the server. The server decides by itself but for regular expressions, which are JavaScript's
 * in Gesta and Perl's in MongoDB: where one may tell them apart, the server is asked for more than is found.
 */
export function serverFilter(filter: ExplicitFilter): ServerFilter {
  return filterQuery(filter, true);
}

/** @param top whether the paths begin at the top of the document */
function filterQuery(filter: ExplicitFilter, top: boolean): ServerFilter {
  const query: Document = {};
  let exact = true;
  for (const [name, asked] of Object.entries(filter)) {
    const part = isLogical(name)
      ? logicalQuery(name, asked as readonly ExplicitFilter[], top)
      : fieldQuery(storedPath(name, top), asked as FieldConditions);
    Object.assign(query, part.query);
    exact &&= part.exact;
  }
  return { query, exact };
}

const isLogical = (name: string) => name === '$and' || name === '$or' || name === '$nor';

function logicalQuery(name: string, filters: readonly ExplicitFilter[], top: boolean): ServerFilter {
  const parts = filters.map((filter) => filterQuery(filter, top));
  const exact = parts.every((part) => part.exact);
  // Of what must not match, more may not be asked for: that would leave out too much.
  const sent = name === '$nor' ? parts.filter((part) => part.exact) : parts;
  return { query: sent.length > 0 ? { [name]: sent.map(({ query }) => query) } : {}, exact };
}

function fieldQuery(path: string, conditions: FieldConditions): ServerFilter {
  const { query, exact } = conditionsQuery(conditions);
  return { query: isEmpty(query) ? {} : { [path]: query }, exact };
}

function conditionsQuery(conditions: FieldConditions): ServerFilter {
  const query: Document = {};
  let exact = true;
  for (const [operator, operand] of Object.entries(conditions)) {
    const part = conditionQuery(operator, operand);
    Object.assign(query, part.query);
    exact &&= part.exact;
  }
  return { query, exact };
}

function conditionQuery(operator: string, operand: unknown): ServerFilter {
  switch (operator) {
    case '$regex':
      return patternQuery(operand as RegExp);
    case '$in':
    case '$nin':
      return listQuery(operator, operand as readonly unknown[]);
    case '$not':
      return notQuery(operand as FieldConditions);
    case '$all':
      return allQuery(operand as readonly FieldConditions[]);
    case '$elemMatch':
      return elementQuery(operand as FieldConditions | ExplicitFilter);
    case '$mod':
      return (operand as readonly number[]).every((number) => Math.abs(number) < MAX_DIVISOR)
        ? exactly({ $mod: operand })
        : everything;
    default:
      return exactly({ [operator]: storedOperand(operand) });
  }
}

function patternQuery(pattern: RegExp): ServerFilter {
  const sent = serverPattern(pattern);
  if (!sent) return everything;
  const { source, options, exact } = sent;
  return { query: { $regex: source, ...(options && { $options: options }) }, exact };
}

function listQuery(operator: '$in' | '$nin', operands: readonly unknown[]): ServerFilter {
  const patterns = operands.filter((operand) => operand instanceof RegExp).map(serverPattern);
  const values = operands.filter((operand) => !(operand instanceof RegExp)).map(storedOperand);
  const exact = patterns.every((pattern) => pattern?.exact);
  if (operator === '$in' && patterns.includes(undefined)) return everything;
  const sent = patterns.filter((pattern) => pattern !== undefined && (operator === '$in' || pattern.exact));
  return {
    query: { [operator]: [...values, ...sent.map((each) => new BSONRegExp(each!.source, each!.options))] },
    exact,
  };
}

function notQuery(conditions: FieldConditions): ServerFilter {
  const { query, exact } = conditionsQuery(conditions);
  return exact ? exactly({ $not: query }) : everything;
}

/** The server mixes neither values with `$elemMatch` nor either of them with other operators. */
function allQuery(conditions: readonly FieldConditions[]): ServerFilter {
  if (conditions.length === 0) return exactly({ $in: [] });
  const values = conditions.filter((each) => isOnly(each, '$eq')).map(({ $eq }) => storedOperand($eq));
  if (values.length > 0) return { query: { $all: values }, exact: values.length === conditions.length };
  if (!conditions.every((each) => isOnly(each, '$elemMatch'))) return everything;
  const elements = conditions.map(conditionsQuery);
  if (elements.some(({ query }) => !('$elemMatch' in query))) return everything;
  return { query: { $all: elements.map(({ query }) => query) }, exact: elements.every(({ exact }) => exact) };
}

function elementQuery(operand: FieldConditions | ExplicitFilter): ServerFilter {
  const first = Object.keys(operand)[0] ?? '';
  if (!first.startsWith('$') || isLogical(first)) {
    const { query, exact } = filterQuery(operand as ExplicitFilter, false);
    return { query: { $elemMatch: query }, exact };
  }
  const { query, exact } = conditionsQuery(operand as FieldConditions);
  // Without conditions the server would look for elements that are objects.
  return isEmpty(query) ? { query: { $type: 'array' }, exact } : { query: { $elemMatch: query }, exact };
}

const isOnly = (conditions: FieldConditions, operator: string) =>
  Object.keys(conditions).length === 1 && operator in conditions;

const isEmpty = (query: Document) => Object.keys(query).length === 0;
