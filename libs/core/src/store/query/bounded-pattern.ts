import { RE2JS, type Matcher } from 're2js';
import { InvalidPattern } from './invalid-pattern.js';
import { linearSyntax } from './linear-syntax.js';

/** Where a pattern was found: what was matched, then its groups; places count as JavaScript's strings do. */
export interface PatternMatch {
  readonly index: number;
  readonly groups: readonly (string | undefined)[];
}

/** A regular expression whose work grows no faster than the text that it is tried on. */
export interface BoundedPattern {
  test(text: string): boolean;
  /** The first place, and all of them where asked. */
  matches(text: string): Iterable<PatternMatch>;
}

/** Longer ones nobody writes; so many characters are read before anything is known of them. */
const MAX_LENGTH = 10_000;
/** Steps of the compiled expression: each character of a text costs as many at worst. */
const MAX_SIZE = 1_000;

/**
 * Compiles a regular expression of JavaScript's, by code points as with its flag `u`. It runs on RE2's engine, which does
 * not backtrack, or on the language's own where that cannot backtrack far.
 * @param flags of `i`, `m`, `s` and `u`
 * @throws {InvalidPattern} when nobody can read it, when it has what RE2 cannot run (look-around, back-references), or
 * when it is too large
 */
export function boundedPattern(source: string, flags: string): BoundedPattern {
  if (source.length > MAX_LENGTH) throw tooLarge(`${source.length} characters long, and ${MAX_LENGTH} are taken`);
  const syntax = linearSyntax(source, flags);
  const compiled = syntax.plain ? undefined : linear(syntax.source, flags);
  let lazily = compiled;
  const engine = () => (lazily ??= linear(syntax.source, flags));
  const native = syntax.plain ? inUnicode(source, flags) : undefined;
  return {
    test: native ? (text) => native.test(text) : (text) => engine().test(text),
    *matches(text) {
      const matcher = engine().matcher(text);
      while (matcher.find()) yield matchOf(matcher);
    },
  };
}

function linear(source: string, flags: string): RE2JS {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(source, flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    const { message } = cause as Error;
    if (/repeat|size|large|nest/i.test(message)) throw tooLarge('repeating something more than 1000 times', cause);
    throw new InvalidPattern('something that RE2 does not know', `Invalid regular expression: ${message}`, { cause });
  }
  const size = compiled.programSize();
  if (size > MAX_SIZE)
    throw tooLarge(`of ${size} steps when its repetitions are written out, and ${MAX_SIZE} are taken`);
  return compiled;
}

/** Nothing where it is valid with the liberties of old only. */
function inUnicode(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, `${flags.replace('u', '')}u`);
  } catch {
    return undefined;
  }
}

function matchOf(matcher: Matcher): PatternMatch {
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
  return { index: matcher.start(), groups };
}

const tooLarge = (how: string, cause?: unknown) =>
  new InvalidPattern('too many steps', `The regular expression is too large: it is ${how}`, { cause });
