import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldedWords, MAX_WORD } from './folded-words.js';

describe('foldedWords', () => {
  it.each([
    ['Crème Brûlée', ['creme', 'brulee']],
    ['Crème', ['creme']],
    ['STRASSE, Straße', ['strasse', 'strasse']],
    ['Ærøskøbing Łódź', ['aeroskobing', 'lodz']],
    ['İstanbul ılık', ['istanbul', 'ilik']],
    ['ﬁne Ｗide ™ x²', ['fine', 'wide', 'tm', 'x2']],
    ["chair-oak: 2 pieces, O'Neill", ['chair', 'oak', '2', 'pieces', 'o', 'neill']],
    ['Ёлка Ωμέγα', ['елка', 'ωμεγα']],
    ['', []],
    ['… – !', []],
  ])('makes of %j what is searched for', (text, words) => {
    expect(foldedWords(text)).toEqual(words);
  });

  it('finds its own words again, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const words = foldedWords(text);
        expect(words.flatMap(foldedWords)).toEqual(words);
        expect(words.every((word) => word.isWellFormed() && [...word].length <= MAX_WORD)).toBe(true);
      }),
    );
  });
});
