import type { BoundedPattern } from '@gesta/core';
import type { BSONRegExp } from 'bson';
import { PatternTookTooLong, tamedPattern } from '../../../tamed-pattern.js';
import { MongoDBError } from '../mongodb-error.js';
import { patternOf } from '../bson-types.js';

/**
 * JavaScript's regular expression for one of MongoDB's, which are PCRE's. What JavaScript has no word for (recursion,
 * possessive quantifiers, atomic groups, `\G`) is refused. It stops nobody: see {@link tamedPattern}.
 *
 * @param options MongoDB's `i`, `m`, `s`, `x` and `u`
 */
export function regularExpression(pattern: string, options: string): BoundedPattern {
  const refused = /[^imsxu]/.exec(options);
  if (refused) throw new MongoDBError(51108, `invalid flag in regex options: ${refused[0]}`);
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const flags = new Set(options + (inline?.[1] ?? ''));
  let source = inline ? pattern.slice(inline[0].length) : pattern;
  if (flags.has('x')) source = withoutComments(source);
  source = inJavaScript(source, flags.has('m'));
  const wanted = [...'ims'].filter((flag) => flags.has(flag)).join('');
  return saidAsMongoDB(compiled(source, wanted));
}

function compiled(source: string, flags: string): BoundedPattern {
  const readable = isReadable(source, flags) ? source : escapedForUnicode(source);
  try {
    return tamedPattern(RegExp(readable, `${flags}u`).source, flags);
  } catch (error) {
    throw new MongoDBError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}

function isReadable(source: string, flags: string): boolean {
  try {
    return RegExp(source, `${flags}u`) instanceof RegExp;
  } catch {
    return false;
  }
}

function saidAsMongoDB({ test, matches }: BoundedPattern): BoundedPattern {
  const said = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof PatternTookTooLong) throw new MongoDBError(51156, error.message);
      throw error;
    }
  };
  return { test: (text) => said(() => test(text)), matches: (text) => said(() => [...matches(text)]) };
}

/** The same for a value of the type. */
export function compiledPattern(value: BSONRegExp | RegExp): BoundedPattern {
  if (value instanceof RegExp) return regularExpression(value.source, value.flags.replace(/[dgvy]/g, ''));
  const { pattern, options } = patternOf(value);
  return regularExpression(pattern, options.replace('l', ''));
}

/** PCRE's anchors and named groups by JavaScript's. */
function inJavaScript(source: string, lines: boolean): string {
  return source.replace(/\\[\s\S]|\(\?P<|\(\?P=(\w+)\)|\(\?P>/g, (token, name?: string) => {
    if (token === '\\A') return lines ? '(?<![\\s\\S])' : '^';
    if (token === '\\z') return lines ? '(?![\\s\\S])' : '$';
    if (token === '\\Z') return '(?=\\n?(?![\\s\\S]))';
    if (token === '\\h') return '[ \\t]';
    if (token === '\\R') return '(?:\\r\\n|[\\n\\v\\f\\r])';
    if (token === '\\a') return '\\x07';
    if (token === '\\e') return '\\x1b';
    if (token === '(?P<') return '(?<';
    return name === undefined ? token : `\\k<${name}>`;
  });
}

/** Without the escapes, and with the escapes, that the `u` flag asks for and PCRE does not. */
function escapedForUnicode(source: string): string {
  let inClass = false;
  return source.replace(/\\[\s\S]|\{\d+(?:,\d*)?\}|[[\]{}]/g, (token) => {
    if (token.startsWith('\\')) {
      const escaped = token.slice(1);
      if (/[A-Za-z0-9^$\\.*+?()[\]{}|/]/.test(escaped) || (inClass && escaped === '-')) return token;
      return escaped;
    }
    if (token.length > 1) return token;
    if (inClass) {
      if (token === ']') inClass = false;
      return token === ']' ? token : `\\${token}`;
    }
    if (token === '[') inClass = true;
    return token === '[' ? token : `\\${token}`;
  });
}

/** Without the white space and comments that `x` allows outside of classes. */
function withoutComments(source: string): string {
  return source.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\s+|#.*/g, (token) =>
    token.startsWith('\\') || token.startsWith('[') ? token : '',
  );
}
