import { Project, Projection, type EventMetadata } from '@gesta/core';
import type { Money } from '@marketplace/values';
import type { Category } from '../contract/category.js';
import type { Picture } from '../contract/picture.js';
import {
  PriceChanged,
  ProductDelisted,
  ProductDescribed,
  ProductListed,
  ProductPictured,
} from '../contract/product-events.js';
import { foldedWords } from './folded-words.js';

export const PRODUCT_STATUSES = ['listed', 'delisted'] as const;
export type ProductStatus = (typeof PRODUCT_STATUSES)[number];

/** What the catalog says of a product. */
export interface CatalogedProduct {
  readonly sku: string;
  readonly name: string;
  readonly description?: string;
  readonly category: Category;
  readonly price: Money;
  readonly weightGrams: number;
  /** Its picture, which stays when it is listed again. */
  readonly picture?: Picture;
  /** A product that is delisted can be looked at and is not in lists. */
  readonly status: ProductStatus;
  /** ISO 8601: when it was listed last. */
  readonly listedAt: string;
  readonly updatedAt: string;
}

/** As it is stored: with what lists go by, each unlike that of any other product, and as text, so that one order is all. */
export interface ProductDocument extends CatalogedProduct {
  /** Its name, folded, and its sku. */
  readonly byName: string;
  /** Its currency, what it costs in it, and its sku. */
  readonly byPrice: string;
  /** Where in the log it was listed last. */
  readonly byNewest: string;
  /** The words of its name, folded. */
  readonly nameWords: readonly string[];
  /** The words of its name and its description, folded, each once; at most {@link MAX_WORDS}. */
  readonly words: readonly string[];
}

/** How many words of a product can be searched for. Five thousand characters are about eight hundred words, every other one a repeat. */
export const MAX_WORDS = 500;

/** What is stored, as it is shown. */
export function productOf(document: ProductDocument): CatalogedProduct {
  const { byName: _name, byPrice: _price, byNewest: _newest, nameWords: _own, words: _all, ...product } = document;
  return product;
}

@Projection({
  name: 'products',
  indexes: [
    { status: 1, byName: 1 },
    { status: 1, byPrice: 1 },
    { status: 1, byNewest: -1 },
    { status: 1, category: 1, byName: 1 },
    { status: 1, category: 1, byPrice: 1 },
    { status: 1, category: 1, byNewest: -1 },
  ],
})
export class Products {
  @Project(ProductListed)
  listed(
    listed: ProductListed,
    before: ProductDocument | undefined,
    { position, recordedAt }: EventMetadata,
  ): ProductDocument {
    const { sku, name, description, category, price, weightGrams } = listed;
    const at = recordedAt.toISOString();
    return {
      sku,
      category,
      weightGrams,
      ...(before?.picture && { picture: before.picture }),
      ...priced(sku, price),
      ...told(sku, name, description),
      status: 'listed',
      listedAt: at,
      updatedAt: at,
      byNewest: position.toString().padStart(20, '0'),
    };
  }

  @Project(ProductDescribed)
  described(described: ProductDescribed, before: ProductDocument | undefined, { recordedAt }: EventMetadata) {
    if (!before) return undefined;
    const { sku, name, description, category, weightGrams } = described;
    const { description: _before, ...kept } = before;
    return { ...kept, category, weightGrams, ...told(sku, name, description), updatedAt: recordedAt.toISOString() };
  }

  @Project(PriceChanged)
  repriced({ sku, price }: PriceChanged, before: ProductDocument | undefined, { recordedAt }: EventMetadata) {
    return before && { ...before, ...priced(sku, price), updatedAt: recordedAt.toISOString() };
  }

  @Project(ProductPictured)
  pictured({ picture }: ProductPictured, before: ProductDocument | undefined, { recordedAt }: EventMetadata) {
    return before && { ...before, picture, updatedAt: recordedAt.toISOString() };
  }

  @Project(ProductDelisted)
  delisted(_: ProductDelisted, before: ProductDocument | undefined, { recordedAt }: EventMetadata) {
    return before && { ...before, status: 'delisted' as const, updatedAt: recordedAt.toISOString() };
  }
}

function priced(sku: string, price: Money) {
  return { price, byPrice: `${price.currency} ${price.amount.toString().padStart(16, '0')} ${sku}` };
}

function told(sku: string, name: string, description: string | undefined) {
  const nameWords = foldedWords(name);
  const words = [...new Set([...nameWords, ...foldedWords(description ?? '')])].slice(0, MAX_WORDS);
  // A tab comes before all that words and the spaces between them hold, so a name comes before those that begin with it.
  return { name, ...(description && { description }), byName: `${nameWords.join(' ')}\t${sku}`, nameWords, words };
}
