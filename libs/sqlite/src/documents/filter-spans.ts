import type { ExplicitFilter, FieldConditions } from '@gesta/core';
import { AFTER_TEXT, FALSE, FIRST_TEXT, OBJECT, TRUE, type IndexedValue } from './indexed-value.js';
import { between, inexact, intersection, NO_VALUES, only, union, type Bound, type ValueSpans } from './value-spans.js';

const from = (value: Bound['value'], inclusive = true): Bound => ({ value, inclusive });
const below = (value: Bound['value']): Bound => ({ value, inclusive: false });

const NUMBERS = between(from(-Infinity), below(FIRST_TEXT));
const TEXTS = between(from(FIRST_TEXT), below(AFTER_TEXT));
const BOOLEANS = between(from(FALSE), from(TRUE));
const NULLS = only(null);
const OBJECTS = inexact(only(OBJECT));

/**
 * The values that a field may have, where no array is involved, in the documents that match. Arrays are left out: what
 * a filter says may hold for one element here and for another there, so each is to be looked into.
 * @returns nothing when any value may match
 */
export function filterSpans(filter: ExplicitFilter, path: string): ValueSpans | undefined {
  const all = Object.entries(filter).map(([name, asked]) => {
    if (name === '$and') return every((asked as ExplicitFilter[]).map((each) => filterSpans(each, path)));
    if (name === '$or') return any((asked as ExplicitFilter[]).map((each) => filterSpans(each, path)));
    return name === path ? conditionSpans(asked as FieldConditions) : undefined;
  });
  return every(all);
}

/** Whether the filter says no more than what {@link filterSpans} gives for these fields, arrays left aside. */
export function isExactly(filter: ExplicitFilter, paths: readonly string[]): boolean {
  return Object.entries(filter).every(
    ([name, asked]) =>
      paths.includes(name) &&
      Object.entries(asked as FieldConditions).every(([operator, operand]) => operatorSpans(operator, operand)?.exact),
  );
}

function conditionSpans(conditions: FieldConditions): ValueSpans | undefined {
  return every(Object.entries(conditions).map(([operator, operand]) => operatorSpans(operator, operand)));
}

function every(all: readonly (ValueSpans | undefined)[]): ValueSpans | undefined {
  const bounded = all.filter((spans) => spans !== undefined);
  return bounded.length === 0 ? undefined : bounded.reduce(intersection);
}

function any(all: readonly (ValueSpans | undefined)[]): ValueSpans | undefined {
  return all.every((spans) => spans !== undefined) ? union(all) : undefined;
}

function operatorSpans(operator: string, operand: unknown): ValueSpans | undefined {
  switch (operator) {
    case '$eq':
      return equalSpans(operand);
    case '$in':
      return any(
        (operand as unknown[]).map((each) => (each instanceof RegExp ? patternSpans(each) : equalSpans(each))),
      );
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return rangeSpans(operator, operand);
    case '$regex':
      return patternSpans(operand as RegExp);
    case '$exists':
      return operand ? undefined : inexact(NULLS);
    case '$type':
      return union((operand as string[]).map((name) => TYPES[name] ?? NO_VALUES));
    case '$mod':
      return inexact(NUMBERS);
    case '$all':
      return (operand as FieldConditions[]).length === 0
        ? NO_VALUES
        : every((operand as FieldConditions[]).map(conditionSpans));
    case '$size':
    case '$elemMatch':
      return NO_VALUES; // nothing but arrays
    default:
      return undefined; // what is denied leaves almost everything
  }
}

const TYPES: Readonly<Record<string, ValueSpans>> = {
  null: inexact(NULLS), // a missing field has no type
  number: NUMBERS,
  string: TEXTS,
  bool: BOOLEANS,
  object: OBJECTS,
};

function equalSpans(operand: unknown): ValueSpans | undefined {
  const value = indexed(operand);
  if (value === undefined) return undefined;
  if (Array.isArray(operand)) return NO_VALUES;
  return value === OBJECT ? OBJECTS : only(value);
}

function rangeSpans(operator: '$gt' | '$gte' | '$lt' | '$lte', operand: unknown): ValueSpans | undefined {
  const value = indexed(operand);
  const inclusive = operator === '$gte' || operator === '$lte';
  if (value === undefined) return undefined;
  if (Array.isArray(operand)) return NO_VALUES;
  if (value === null) return inclusive ? NULLS : NO_VALUES;
  if (value === OBJECT) return OBJECTS;
  const type = typeof value === 'number' ? NUMBERS : typeof value === 'string' ? TEXTS : BOOLEANS;
  const [{ from: first, to: last }] = type.ranges as [ValueSpans['ranges'][0]];
  const bound = { value, inclusive };
  return operator === '$gt' || operator === '$gte' ? between(bound, last) : between(first, bound);
}

/** What an index holds for the value; nothing for text that a database may hold otherwise. */
function indexed(value: unknown): IndexedValue | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'string':
      return value.isWellFormed() ? value : undefined;
    case 'boolean':
      return value ? TRUE : FALSE;
    default:
      return value === null ? null : OBJECT;
  }
}

/** A pattern that begins with plain text, as in `/^order-1/`, is a range. */
function patternSpans(pattern: RegExp): ValueSpans {
  const [, start = '', rest = ''] = /^\^([\w :@#/=,;&%~-]*)(.*)$/s.exec(pattern.source) ?? [];
  // A quantifier belongs to the last character; an alternative begins anew.
  const prefix = /^[?*+{]/.test(rest) ? start.slice(0, -1) : start;
  if (prefix === '' || pattern.source.includes('|') || /[imu]/.test(pattern.flags)) return inexact(TEXTS);
  const after = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return inexact(between(from(prefix), below(after)));
}
