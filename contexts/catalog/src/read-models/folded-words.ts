/** The longest that a word is kept, in characters: what two longer ones begin with is all that tells them apart. */
export const MAX_WORD = 40;

/** Letters that a decomposition leaves whole, as they are typed by those who do not have them. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
};

/**
 * The words of a text as they are searched for: lower case, accents removed, without what is neither letter nor digit.
 * `Crème Brûlée (2×)` is `creme`, `brulee` and `2`.
 */
export function foldedWords(text: string): string[] {
  const folded = text
    .toLowerCase()
    .normalize('NFKD')
    .toLowerCase() // what was decomposed may hold capitals, as ™ does
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøđðþłı]/g, (letter) => PLAIN[letter]!);
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, MAX_WORD).join(''));
}
