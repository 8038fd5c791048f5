import { describe, expect, it } from '@jest/globals';
import { eventTest } from './eventstoredb/log/event-filter.js';
import { PatternTookTooLong, tamedPattern } from './tamed-pattern.js';

const hostile = `${'a'.repeat(5_000)}b`;

describe('A tamed pattern', () => {
  it.each(['^(a+)+$', '^(a|a)*$', '(a*)*c'])('has a bound where RE2 runs it: %s', (source) => {
    expect(tamedPattern(source, '').test(hostile.replace('b', 'b!'))).toBe(false);
    expect(eventTest({ on: 'type', regex: source })({ type: hostile, streamId: 'a' })).toBe(false);
  });

  it.each(['^(?=(a+)+$)', '^(a+)+\\1$', '^(a*)*(?<!b)$'])('has a limit where it does not: %s', (source) => {
    const pattern = tamedPattern(source, '');
    const begun = performance.now();
    expect(() => pattern.test(hostile)).toThrow(PatternTookTooLong);
    // The others of the same turn have nothing left.
    for (let n = 0; n < 100; n++) expect(() => pattern.test(hostile)).toThrow(PatternTookTooLong);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });

  it('goes on in the next turn', async () => {
    const pattern = tamedPattern('^(a+)+\\1$', '');
    expect(() => pattern.test(hostile)).toThrow(PatternTookTooLong);
    await new Promise(setImmediate);
    expect(pattern.test('aa')).toBe(true);
  });

  it('finds what look-around and back-references find', () => {
    expect(tamedPattern('b(?=c)', 'i').test('aBc')).toBe(true);
    expect([...tamedPattern('(.)\\1', '').matches('aabcc')]).toEqual([
      { index: 0, groups: ['aa', 'a'] },
      { index: 3, groups: ['cc', 'c'] },
    ]);
    expect(() => tamedPattern('(', '')).toThrow('Invalid regular expression');
  });
});
