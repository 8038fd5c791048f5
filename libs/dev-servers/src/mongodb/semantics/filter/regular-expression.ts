import type { BSONRegExp } from 'bson';
import { MongoDBError } from '../mongodb-error.js';
import { patternOf } from '../bson-types.js';

/**
 * JavaScript's regular expression for one of MongoDB's, which are PCRE's. What JavaScript has no word for (recursion,
 * possessive quantifiers, atomic groups, `\G`) is refused.
 *
 * @param options MongoDB's `i`, `m`, `s`, `x` and `u`
 */
export function regularExpression(pattern: string, options: string): RegExp {
  const refused = /[^imsxu]/.exec(options);
  if (refused) throw new MongoDBError(51108, `invalid flag in regex options: ${refused[0]}`);
  const inline = /^\(\?([imsx]+)\)/.exec(pattern);
  const flags = new Set(options + (inline?.[1] ?? ''));
  let source = inline ? pattern.slice(inline[0].length) : pattern;
  if (flags.has('x')) source = withoutComments(source);
  source = inJavaScript(source);
  const wanted = [...'ims'].filter((flag) => flags.has(flag)).join('');
  try {
    return new RegExp(source, `${wanted}u`);
  } catch {
    try {
      return new RegExp(escapedForUnicode(source), `${wanted}u`);
    } catch (error) {
      throw new MongoDBError(51091, `Regular expression is invalid: ${(error as Error).message}`);
    }
  }
}

/** The same for a value of the type. */
export function compiledPattern(value: BSONRegExp | RegExp): RegExp {
  if (value instanceof RegExp) return regularExpression(value.source, value.flags.replace(/[dgvy]/g, ''));
  const { pattern, options } = patternOf(value);
  return regularExpression(pattern, options.replace('l', ''));
}

/** PCRE's anchors and named groups by JavaScript's. */
function inJavaScript(source: string): string {
  return source.replace(/\\[\s\S]|\(\?P<|\(\?P=(\w+)\)|\(\?P>/g, (token, name?: string) => {
    if (token === '\\A') return '(?<![\\s\\S])';
    if (token === '\\z') return '(?![\\s\\S])';
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
