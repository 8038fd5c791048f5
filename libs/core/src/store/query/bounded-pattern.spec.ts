import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileFilter } from '../document-query.js';
import { boundedPattern } from './bounded-pattern.js';
import { InvalidPattern } from './invalid-pattern.js';

const letters = ['a', 'b', 'A', 'B', 'ß', 'é', 'É', '😀', ' ', '\n', '-', '1', '_', '\u00a0', 'K', '\u212a'];
const atom = fc.constantFrom(
  ...['a', 'b', 'é', '😀', 'k', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '[ab]', '[^ab]', '[a-z😀]', '[^\\s\\d]'],
  ...['[\\S1]', '\\x61', '\\u0061', '\\n', '\\.', '[]', '[^]', '^', '$', '[\\w-]', '\\p{L}', '\\P{Lu}', '\\cJ'],
);
const repeated = (inner: fc.Arbitrary<string>) =>
  fc
    .tuple(inner, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?'))
    .map(([each, times]) => (times && /^[\^$]$/.test(each) ? each : each + times));
const pattern = fc.letrec<{ group: string; sequence: string }>((tie) => ({
  group: fc.oneof(
    { maxDepth: 3 },
    atom,
    tie('sequence').map((inner) => `(${inner})`),
    fc.tuple(tie('sequence'), tie('sequence')).map(([one, other]) => `(?:${one}|${other})`),
  ),
  sequence: fc.array(repeated(tie('group')), { maxLength: 4 }).map((parts) => parts.join('')),
})).sequence;
const text = fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((parts) => parts.join(''));

/** As JavaScript means it, where it is taken by code points. */
const inJavaScript = (source: string, flags: string) => new RegExp(source, `${flags}u`);

describe('A bounded pattern', () => {
  it('finds what JavaScript finds by code points', () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom('', 's'), text, (source, flags, given) => {
        expect(boundedPattern(source, flags).test(given)).toBe(inJavaScript(source, flags).test(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('finds the same without regard to case', () => {
    // What is no word and no class of many is written the same way in both.
    const simple = fc.array(fc.constantFrom('a', 'É', 'k', 'K', '[ab]', '.', 'b+', '(a|k)*', '\\w', '^', '$'), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(simple, text, (parts, given) => {
        const source = parts.join('');
        expect(boundedPattern(source, 'i').test(given)).toBe(new RegExp(source, 'iu').test(given));
      }),
      { numRuns: 500 },
    );
  });

  it('takes what is escaped without need, as MongoDB does, but no half of a character', () => {
    expect(boundedPattern('a\\-\\_\\#{', '').test('xa-_#{')).toBe(true);
    expect(() => boundedPattern('a\\-😀', '')).toThrow('Invalid escape');
  });

  it('ends lines with a line feed where it is told to look at lines, as MongoDB does', () => {
    expect(boundedPattern('^b$', 'm').test('a\nb\nc')).toBe(true);
    expect(boundedPattern('^b$', 'm').test('a\rb\rc')).toBe(false);
    expect(boundedPattern('^b$', '').test('a\nb')).toBe(false);
  });

  it('tells where, in the places of a JavaScript string', () => {
    expect([...boundedPattern('(a)|(b)', '').matches('😀a-b')]).toEqual([
      { index: 2, groups: ['a', 'a', undefined] },
      { index: 4, groups: ['b', undefined, 'b'] },
    ]);
  });

  it.each([
    ['^(a+)+$', `${'a'.repeat(50_000)}b`],
    ['(a|aa)+$', `${'a'.repeat(50_000)}b`],
    ['(?:a?){200}a{200}b', 'a'.repeat(20_000)],
    ['^.*.*.*.*.*=b', 'x'.repeat(20_000)],
    ['([a-z]+)*\\d', 'x'.repeat(50_000)],
    ['\\s+$', `${' '.repeat(50_000)}x`],
    ['(\\w+\\s?)*!', 'word '.repeat(10_000)],
    ['a*b', 'a'.repeat(50_000)],
  ])('takes no more time than the text is long: %s', (source, given) => {
    const begun = performance.now();
    expect(compileFilter({ text: { $regex: source } })({ text: given })).toBe(false);
    expect(performance.now() - begun).toBeLessThan(2_000); // hours, when it is tried one way after another
  });

  it.each([
    ['(?=a)', 'a look-ahead'],
    ['a(?!b)', 'a look-ahead'],
    ['(?<=a)b', 'a look-behind'],
    ['(?<!a)b', 'a look-behind'],
    ['(a)\\1', 'a back-reference'],
    ['(?<x>a)\\k<x>', 'a back-reference'],
    ['\\p{Alphabetic}', 'a property other than a category or a script'],
    ['(?i:a)b', 'a modifier'],
    ['a{1001}', 'too many steps'],
    ['((a{100}){100}){100}', 'too many steps'],
    ['(?:[a-z]{0,50}x){30}', 'too many steps'],
    ['x'.repeat(10_001), 'too many steps'],
    ['(', undefined],
    ['[b-a]', undefined],
    ['*', undefined],
  ])('refuses %s by name', (source, has) => {
    let refused: unknown;
    try {
      compileFilter({ $or: [{ name: { $not: { $regex: source } } }] });
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(InvalidPattern);
    expect(refused).toMatchObject({ has, message: expect.stringContaining('$or[0].name.$not.$regex: ') });
  });

  it('is what stands in a list too', () => {
    expect(() => compileFilter({ name: { $in: ['x', /a(?=b)/] } })).toThrow('name.$in[1]: The regular expression has');
  });
});
