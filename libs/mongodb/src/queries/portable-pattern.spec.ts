import { describe, expect, it } from '@jest/globals';
import { serverPattern } from './portable-pattern.js';

describe('a regular expression for the server', () => {
  it.each([/^order-1/, /^größe/, /^日本/, /^😀/, /^a b/s])(
    'is exact where it is the beginning of a text: %s',
    (pattern) => {
      expect(serverPattern(pattern)).toEqual({ source: pattern.source, options: '', exact: true });
    },
  );

  it.each([
    [/smith/i, 'i'],
    [/^x|^5/, undefined],
    [/^order-\d+$/, ''],
    [/^[a-z0-9_-]+\.png$/i, 'i'],
    [/^a.*b$/s, 's'],
    [/a\/b/, ''],
    [/^ab{2,3}/, ''],
    [/^$/, ''],
    [/^a*[b+]c+\+/, ''],
    [/\w/iu, 'i'],
  ])('is handed over where Perl means the same or more by it: %s', (pattern, options) => {
    const expected = options === undefined ? undefined : { source: pattern.source, options, exact: false };
    expect(serverPattern(pattern)).toEqual(expected);
  });

  it.each([
    /^.$/, // the server ends lines otherwise
    /[^a]/i,
    /\s/,
    /\bword/,
    /(?=x)/,
    /(a)\1/,
    /\u0041/,
    /^a$/m,
    /[:alpha:]/,
    /grö/i,
    /(?:)/,
    /a+b+/, // it tries one way after another
    /^a*b*c*$/,
    new RegExp('x'.repeat(1_001)),
  ])('stays at home where that is not certain: %s', (pattern) => {
    expect(serverPattern(pattern)).toBeUndefined();
  });
});
