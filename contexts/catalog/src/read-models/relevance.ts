import type { ProductDocument } from './products.projection.js';

/** The words of a product, and what it is called. */
export type Searched = Pick<ProductDocument, 'byName' | 'nameWords' | 'words'>;

/** The greatest character there is: everything that begins with a word comes before the word with this behind it. */
const LAST = '\u{10ffff}';

/** A filter for the products that have, for each word that is asked for, one that begins with it. */
export function matching(field: 'nameWords' | 'words', asked: readonly string[]) {
  return { $and: asked.map((word) => ({ [field]: { $elemMatch: { $gte: word, $lt: word + LAST } } })) };
}

/**
 * How well a product answers to the words: for each the best of 8 for a word of its name, 4 for the beginning of one, 2
 * for a word of its description, 1 for the beginning of one.
 */
export function relevanceOf({ nameWords, words }: Searched, asked: readonly string[]): number {
  const scores = asked.map((word) => {
    if (nameWords.includes(word)) return 8;
    if (nameWords.some((each) => each.startsWith(word))) return 4;
    return words.includes(word) ? 2 : 1;
  });
  return scores.reduce((sum, score) => sum + score, 0);
}

/** Where a product is among those found: as text that sorts as they do, the most relevant first, then by name. */
export function rankOf(product: Searched, asked: readonly string[]): string {
  return `${(9_999 - relevanceOf(product, asked)).toString().padStart(4, '0')} ${product.byName}`;
}
