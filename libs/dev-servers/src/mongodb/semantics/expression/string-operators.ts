import type { BoundedPattern, PatternMatch } from '@gesta/core';
import type { BSONRegExp } from 'bson';
import { bsonType } from '../bson-types.js';
import { compareStrings } from '../compare.js';
import { compiledPattern, regularExpression } from '../filter/regular-expression.js';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber, toDouble } from '../numbers.js';
import { binary, isNullish, operator, typeName, unary, variadic, wholeNumber, withFields } from './arguments.js';
import type { Operator } from './compiler.js';
import { isoString } from './date-text.js';

export const stringOperators: Record<string, Operator> = {
  $concat: variadic((values) => {
    if (values.some(isNullish)) return null;
    return values
      .map((value) => stringOf(value, 16702, `$concat only supports strings, not ${typeName(value)}`))
      .join('');
  }),
  $toLower: unary((value) => text(value, '$toLower').replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  $toUpper: unary((value) => text(value, '$toUpper').replace(/[a-z]/g, (letter) => letter.toUpperCase())),
  $strcasecmp: binary((left, right) =>
    Math.sign(compareStrings(text(left, '$strcasecmp').toUpperCase(), text(right, '$strcasecmp').toUpperCase())),
  ),
  $strLenCP: unary(
    (value) => [...stringOf(value, 34471, `$strLenCP requires a string argument, found: ${typeName(value)}`)].length,
  ),
  $strLenBytes: unary((value) =>
    Buffer.byteLength(stringOf(value, 34473, `$strLenBytes requires a string argument, found: ${typeName(value)}`)),
  ),
  $substr: operator(3, 3, substringOfBytes),
  $substrBytes: operator(3, 3, substringOfBytes),
  $substrCP: operator(3, 3, (value, start, length) => {
    const from = wholeNumber(
      start,
      (type) => new MongoDBError(34450, `$substrCP: starting index must be a numeric type (is BSON type ${type})`),
    );
    const count = wholeNumber(
      length,
      (type) => new MongoDBError(34452, `$substrCP: length must be a numeric type (is BSON type ${type})`),
    );
    if (from < 0) throw new MongoDBError(34455, '$substrCP: the starting index must be a nonnegative integer.');
    if (count < 0) throw new MongoDBError(34454, '$substrCP: length must be a nonnegative integer.');
    return [...text(value, '$substrCP')].slice(from, from + count).join('');
  }),
  $indexOfCP: operator(2, 4, (value, search, start, end) => {
    if (isNullish(value)) return null;
    const characters = [
      ...stringOf(value, 40093, `$indexOfCP requires a string as the first argument, found: ${typeName(value)}`),
    ];
    const wanted = stringOf(
      search,
      40094,
      `$indexOfCP requires a string as the second argument, found: ${typeName(search)}`,
    );
    const from = bound(start, 0);
    const to = Math.min(bound(end, characters.length), characters.length);
    if (from > to) return -1;
    const found = characters.slice(from, to).join('').indexOf(wanted);
    return found < 0 ? -1 : from + [...characters.slice(from, to).join('').slice(0, found)].length;
  }),
  $indexOfBytes: operator(2, 4, (value, search, start, end) => {
    if (isNullish(value)) return null;
    const bytes = Buffer.from(
      stringOf(value, 40091, `$indexOfBytes requires a string as the first argument, found: ${typeName(value)}`),
    );
    const wanted = stringOf(
      search,
      40092,
      `$indexOfBytes requires a string as the second argument, found: ${typeName(search)}`,
    );
    const from = bound(start, 0);
    const to = Math.min(bound(end, bytes.length), bytes.length);
    if (from > to) return -1;
    const found = bytes.subarray(from, to).indexOf(wanted);
    return found < 0 ? -1 : from + found;
  }),
  $split: binary((value, separator) => {
    if (isNullish(value) || isNullish(separator)) return null;
    const whole = stringOf(
      value,
      40085,
      `$split requires an expression that evaluates to a string as a first argument, found: ${typeName(value)}`,
    );
    if (bsonType(separator) === 'regex') return splitBy(compiledPattern(separator as BSONRegExp), whole);
    const by = stringOf(
      separator,
      40086,
      `$split requires an expression that evaluates to a string as a second argument, found: ${typeName(separator)}`,
    );
    if (by === '') throw new MongoDBError(40087, '$split requires a non-empty separator');
    return whole.split(by);
  }),
  $trim: trimming(true, true),
  $ltrim: trimming(true, false),
  $rtrim: trimming(false, true),
  $replaceOne: replacing((input, find, replacement) => input.replace(find, () => replacement)),
  $replaceAll: replacing((input, find, replacement) => input.replaceAll(find, () => replacement)),
  $regexMatch: searching((input, pattern) => pattern.test(input), false),
  $regexFind: searching((input, pattern) => {
    const [found] = pattern.matches(input);
    return found ? occurrence(input, found) : null;
  }, null),
  $regexFindAll: searching(
    (input, pattern) => Array.from(pattern.matches(input), (found) => occurrence(input, found)),
    [],
  ),
};

function stringOf(value: unknown, code: number, message: string): string {
  if (typeof value === 'string') return value;
  if (bsonType(value) === 'symbol') return String(value);
  throw new MongoDBError(code, message);
}

/** What some operators take for a string: numbers and dates too; null is the empty one. */
function text(value: unknown, name: string): string {
  if (isNullish(value)) return '';
  if (isNumber(value)) return String(value);
  if (value instanceof Date) return isoString(value);
  return stringOf(value, 16007, `can't convert from BSON type ${typeName(value)} to String in ${name}`);
}

/** What is between the matches, with what their groups caught. */
function splitBy(separator: BoundedPattern, whole: string): unknown[] {
  if (whole === '') return separator.test('') ? [] : [''];
  const parts: unknown[] = [];
  let begin = 0;
  for (const { index, groups } of separator.matches(whole)) {
    const end = index + groups[0]!.length;
    if (end === begin || index === whole.length) continue; // nothing stands between here and there
    parts.push(whole.slice(begin, index), ...groups.slice(1).map((each) => each ?? null));
    begin = end;
  }
  return [...parts, whole.slice(begin)];
}

function bound(value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  const number = wholeNumber(
    value,
    (type) => new MongoDBError(40096, `the indexes must be integral, found a value of type: ${type}`),
  );
  if (number >= 0) return number;
  throw new MongoDBError(40097, `the indexes must be nonnegative, found: ${number}`);
}

function substringOfBytes(value: unknown, start: unknown, length: unknown): string {
  if (!isNumber(start)) {
    throw new MongoDBError(
      16034,
      `$substrBytes:  starting index must be a numeric type (is BSON type ${typeName(start)})`,
    );
  }
  if (!isNumber(length)) {
    throw new MongoDBError(16035, `$substrBytes:  length must be a numeric type (is BSON type ${typeName(length)})`);
  }
  const bytes = Buffer.from(text(value, '$substrBytes'));
  const from = Math.trunc(toDouble(start));
  const count = Math.trunc(toDouble(length));
  if (from < 0) throw new MongoDBError(50752, `$substrBytes:  starting index must be non-negative (got: ${from})`);
  const to = count < 0 ? bytes.length : Math.min(from + count, bytes.length);
  if (isContinuation(bytes[from])) {
    throw new MongoDBError(28656, '$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.');
  }
  if (from < to && isContinuation(bytes[to])) {
    throw new MongoDBError(28657, '$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.');
  }
  return bytes.subarray(from, Math.max(from, to)).toString();
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

/** What MongoDB trims when it is told no characters. */
const WHITESPACE = new Set(
  '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
);

function trimming(left: boolean, right: boolean): Operator {
  return withFields(['input'], ['chars'], ({ input, chars }, name) => (scope) => {
    const value = input(scope);
    if (isNullish(value)) return null;
    const whole = [...stringOf(value, 50699, `${name} requires its input to be a string, got ${typeName(value)}`)];
    const given = chars?.(scope);
    if (chars && isNullish(given)) return null;
    const gone = chars
      ? new Set(stringOf(given, 50700, `${name} requires 'chars' to be a string, got ${typeName(given)}`))
      : WHITESPACE;
    let from = 0;
    let to = whole.length;
    while (left && from < to && gone.has(whole[from]!)) from += 1;
    while (right && to > from && gone.has(whole[to - 1]!)) to -= 1;
    return whole.slice(from, to).join('');
  });
}

function replacing(apply: (input: string, find: string, replacement: string) => string): Operator {
  return withFields(['input', 'find', 'replacement'], [], (fields, name) => (scope) => {
    const values = [fields.input(scope), fields.find(scope), fields.replacement(scope)];
    const [input, find, replacement] = values.map((value) => {
      if (isNullish(value)) return value;
      return stringOf(value, 51746, `${name} requires that its arguments be strings, found: ${typeName(value)}`);
    });
    if (isNullish(input) || isNullish(find) || isNullish(replacement)) return null;
    return apply(input, find, replacement);
  });
}

function searching(apply: (input: string, pattern: BoundedPattern) => unknown, nothing: unknown): Operator {
  return withFields(['input', 'regex'], ['options'], ({ input, regex, options }, name) => (scope) => {
    const value = input(scope);
    const given = regex(scope);
    const flags = options?.(scope);
    if (isNullish(given)) return nothing;
    const pattern = patternFrom(given, flags, name);
    if (isNullish(value)) return nothing;
    return apply(stringOf(value, 51104, `${name} needs 'input' to be of type string`), pattern);
  });
}

function patternFrom(regex: unknown, options: unknown, name: string): BoundedPattern {
  if (!isNullish(options) && typeof options !== 'string') {
    throw new MongoDBError(51106, `${name} needs 'options' to be of type string`);
  }
  if (typeof regex === 'string') return regularExpression(regex, options ?? '');
  if (bsonType(regex) !== 'regex') throw new MongoDBError(51105, `${name} needs 'regex' to be of type string or regex`);
  const { pattern, options: own } = regex as BSONRegExp;
  if (!options || pattern === undefined) return compiledPattern(regex as BSONRegExp);
  if (own)
    throw new MongoDBError(51107, `${name}: found regex option(s) specified in both 'regex' and 'option' fields`);
  return regularExpression(pattern, options);
}

/** Positions count code points. */
function occurrence(input: string, { index, groups }: PatternMatch): Record<string, unknown> {
  const idx = [...input.slice(0, index)].length;
  return { match: groups[0], idx, captures: groups.slice(1).map((each) => each ?? null) };
}
