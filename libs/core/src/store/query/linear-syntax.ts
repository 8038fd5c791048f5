import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { InvalidPattern } from './invalid-pattern.js';

/** A regular expression as RE2 writes it. */
export interface LinearSyntax {
  readonly source: string;
  /** Whether every engine, backtracking or not, is done with it in a time that grows no faster than the text. */
  readonly plain: boolean;
}

const WHITE_SPACE = String.raw`\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`;
const NO_WHITE_SPACE = String.raw`\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`;
const ANYTHING = String.raw`[\x{0}-\x{10ffff}]`;
const NOTHING = String.raw`[^\x{0}-\x{10ffff}]`;

const parser = new RegExpParser({ ecmaVersion: 2025 });

/**
 * Writes JavaScript's regular expression down for RE2, where every set is spelled out, so that it means the same: by code
 * points, letters folded as Unicode does. With `m`, lines end with `\n` and nothing else, as in MongoDB.
 * @param flags of `i`, `m`, `s` and `u`
 * @throws {InvalidPattern} naming what RE2 has no word for
 */
export function linearSyntax(source: string, flags: string): LinearSyntax {
  const writer = new Writer(flags);
  const written = writer.alternatives(parsed(source).alternatives);
  return { source: written, plain: writer.plain(source) };
}

/** With the flag `u` where it is valid so: then characters are code points. Else with the liberties of old. */
function parsed(source: string): AST.Pattern {
  try {
    return parser.parsePattern(source, 0, source.length, { unicode: true });
  } catch (error) {
    if (/[\ud800-\udfff]/.test(source)) throw unreadable(source, error);
    try {
      return parser.parsePattern(source, 0, source.length, { unicode: false });
    } catch (cause) {
      throw unreadable(source, cause);
    }
  }
}

const unreadable = (source: string, cause: unknown) =>
  new InvalidPattern(undefined, `Invalid regular expression: /${source}/: ${(cause as Error).message}`, { cause });

class Writer {
  private quantifiers = 0;
  private branches = 0;

  constructor(private readonly flags: string) {}

  /** Characters one behind the other, with at most one that repeats, and that behind a fixed beginning. */
  plain(source: string): boolean {
    if (this.branches > 0 || this.flags.includes('m')) return false;
    return this.quantifiers === 0 || (this.quantifiers === 1 && source.startsWith('^'));
  }

  alternatives(alternatives: readonly AST.Alternative[]): string {
    if (alternatives.length > 1) this.branches += 1;
    return alternatives.map(({ elements }) => elements.map((each) => this.element(each)).join('')).join('|');
  }

  private element(element: AST.Element): string {
    switch (element.type) {
      case 'Character':
        return character(element.value);
      case 'CharacterSet':
        return this.set(element);
      case 'CharacterClass':
        return this.characterClass(element);
      case 'Group':
        if (element.modifiers) throw impossible('a modifier', element.raw, 'give the flag to the whole expression');
        this.branches += 1;
        return `(?:${this.alternatives(element.alternatives)})`;
      case 'CapturingGroup':
        this.branches += 1;
        return `(${this.alternatives(element.alternatives)})`;
      case 'Quantifier':
        return this.quantified(element);
      case 'Assertion':
        return this.assertion(element);
      case 'Backreference':
        throw impossible('a back-reference', element.raw, 'write out what may be repeated');
      case 'ExpressionCharacterClass':
        throw impossible('a set of sets', element.raw, 'write it as one class');
    }
  }

  private quantified({ element, min, max, greedy }: AST.Quantifier): string {
    this.quantifiers += 1;
    const most = max === Infinity ? '' : String(max);
    return `(?:${this.element(element)}){${min},${most}}${greedy ? '' : '?'}`;
  }

  private assertion(assertion: AST.Assertion): string {
    switch (assertion.kind) {
      case 'start':
        return this.flags.includes('m') ? '(?m:^)' : String.raw`\A`;
      case 'end':
        return this.flags.includes('m') ? '(?m:$)' : String.raw`\z`;
      case 'word':
        return assertion.negate ? String.raw`\B` : String.raw`\b`;
      case 'lookahead':
        throw impossible(
          'a look-ahead',
          assertion.raw,
          'put what it asks into a condition of its own, with $and or $not',
        );
      case 'lookbehind':
        throw impossible(
          'a look-behind',
          assertion.raw,
          'put what it asks into a condition of its own, with $and or $not',
        );
    }
  }

  private set(set: AST.CharacterSet): string {
    if (set.kind === 'any') return this.flags.includes('s') ? ANYTHING : String.raw`[^\n\r\x{2028}\x{2029}]`;
    return `[${member(set)}]`;
  }

  private characterClass({ elements, negate }: AST.CharacterClass): string {
    if (elements.length === 0) return negate ? ANYTHING : NOTHING;
    return `[${negate ? '^' : ''}${elements.map(member).join('')}]`;
  }
}

/** What stands between the brackets of a class. */
function member(element: AST.CharacterClassElement | AST.CharacterSet): string {
  switch (element.type) {
    case 'Character':
      return character(element.value);
    case 'CharacterClassRange':
      return `${character(element.min.value)}-${character(element.max.value)}`;
    case 'CharacterSet':
      return setMember(element);
    default:
      throw impossible('a set of sets', element.raw, 'write it as one class');
  }
}

function setMember(set: AST.CharacterSet): string {
  switch (set.kind) {
    case 'digit':
      return set.negate ? String.raw`\D` : '0-9';
    case 'word':
      return set.negate ? String.raw`\W` : '0-9A-Z_a-z';
    case 'space':
      return set.negate ? NO_WHITE_SPACE : WHITE_SPACE;
    case 'property': {
      if (set.key !== 'General_Category' && set.key !== 'Script') {
        throw impossible(
          'a property other than a category or a script',
          set.raw,
          String.raw`such as \p{L} or \p{Script=Greek}`,
        );
      }
      return `\\${set.negate ? 'P' : 'p'}{${set.value}}`;
    }
    case 'any':
      return '.';
  }
}

const character = (codePoint: number) => `\\x{${codePoint.toString(16)}}`;

const impossible = (has: string, raw: string, instead: string) =>
  new InvalidPattern(
    has,
    `The regular expression has ${has}, '${raw}', which cannot be run in a bounded time: ${instead}`,
  );
