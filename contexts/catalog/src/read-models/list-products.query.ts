import type { Filter, ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Category } from '../contract/category.js';
import { foldedWords } from './folded-words.js';
import { cursorAt, placeOf, type ProductSort } from './product-cursor.js';
import { ProductStocks, type ProductStock } from './product-stock.projection.js';
import { withStock, type ProductView } from './product-view.js';
import { Products, type ProductDocument } from './products.projection.js';
import { matching, rankOf } from './relevance.js';

/** Which products, in which order, and how many of them at a time. */
export interface ProductSelection {
  /** Words, or beginnings of words, of their names and descriptions: all of them are to be there. */
  readonly q?: string;
  readonly category?: Category;
  /** What they cost at least and at most, in the smallest unit of their currency. */
  readonly minPrice?: number;
  readonly maxPrice?: number;
  /** By ISO 4217. */
  readonly currency?: string;
  /** By relevance where words are asked for, else the newest first, when absent. */
  readonly sort?: ProductSort;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

/** A page of products that are listed. */
export interface ProductPage {
  readonly items: readonly ProductView[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

/**
 * Which products are there? A page begins after the last product of the page before. So who turns pages meets each
 * product that stays as it is once, whatever is listed, delisted or changed meanwhile; one that is renamed, repriced or
 * listed again may be met where it was and where it is.
 */
export class ListProducts extends Query<ProductPage> {
  constructor(readonly selection: ProductSelection) {
    super();
  }
}

/** The most products that are ranked; where more are found, those whose names hold all words come first. */
export const MAX_RANKED = 1_000;

/** What lists go by, and in which direction. */
const ORDERS = {
  newest: ['byNewest', -1],
  name: ['byName', 1],
  '-name': ['byName', -1],
  price: ['byPrice', 1],
  '-price': ['byPrice', -1],
} as const;

/** The sort that is meant. */
export function sortOf({ sort, q }: Pick<ProductSelection, 'sort' | 'q'>): ProductSort {
  return sort ?? (isAsked(q) ? 'relevance' : 'newest');
}

/** Whether words are asked for; an empty search box asks for nothing. */
export function isAsked(q: string | undefined): q is string {
  return q !== undefined && q.trim() !== '';
}

/** The words that are asked for, each once. */
export function askedWords(q: string): string[] {
  return [...new Set(foldedWords(q))];
}

@QueryHandler(ListProducts)
export class ListProductsHandler implements IQueryHandler<ListProducts> {
  constructor(
    @InjectReadModel(Products) private readonly products: ReadModel<ProductDocument>,
    @InjectReadModel(ProductStocks) private readonly stocks: ReadModel<ProductStock>,
  ) {}

  async execute({ selection }: ListProducts): Promise<ProductPage> {
    const { q, limit } = selection;
    const asked = isAsked(q) ? askedWords(q) : undefined;
    if (asked?.length === 0) return { items: [] }; // signs alone are in no product's words
    const sort = sortOf(selection);
    // One more than asked for tells whether there is a next page.
    const found =
      sort === 'relevance'
        ? await this.ranked(asked ?? [], selection)
        : await this.ordered(ORDERS[sort], asked, selection);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: await withStock(
        page.map(({ document }) => document),
        this.stocks,
      ),
      ...(found.length > limit && last && { next: cursorAt({ sort, value: last.place }) }),
    };
  }

  /** In an order of the store's: it finds no more than the page. */
  private async ordered(
    [field, direction]: (typeof ORDERS)[keyof typeof ORDERS],
    asked: readonly string[] | undefined,
    selection: ProductSelection,
  ): Promise<Found[]> {
    const place = placeIn(selection);
    const filter = {
      ...listed(selection),
      ...(asked && matching('words', asked)),
      ...(place !== undefined && { [field]: direction === 1 ? { $gt: place } : { $lt: place } }),
    };
    const found = await this.products.find(filter, { sort: { [field]: direction }, limit: selection.limit + 1 });
    return found.map((document) => ({ document, place: document[field] }));
  }

  /** The most relevant first: all that are found, up to a bound, are ranked for each page. */
  private async ranked(asked: readonly string[], selection: ProductSelection): Promise<Found[]> {
    const matchingIn = (field: 'nameWords' | 'words') =>
      this.products.find({ ...listed(selection), ...matching(field, asked) }, { limit: MAX_RANKED });
    let documents = await matchingIn('words');
    // Where there are too many, those whose names hold the words are not to be among those left out.
    if (documents.length === MAX_RANKED) {
      const named = await matchingIn('nameWords');
      documents = [...new Map([...named, ...documents].map((each) => [each.sku, each])).values()].slice(0, MAX_RANKED);
    }
    const place = placeIn(selection);
    return documents
      .map((document) => ({ document, place: rankOf(document, asked) }))
      .filter((found) => place === undefined || found.place > place)
      .sort((one, other) => (one.place < other.place ? -1 : 1))
      .slice(0, selection.limit + 1);
  }
}

/** A product, and where it is in the list. */
interface Found {
  readonly document: ProductDocument;
  readonly place: string;
}

function placeIn({ cursor }: ProductSelection): string | undefined {
  return cursor === undefined ? undefined : placeOf(cursor)?.value;
}

/** The products that are listed and are of that kind and price. */
function listed({ category, minPrice, maxPrice, currency }: ProductSelection): Filter {
  const amount = {
    ...(minPrice !== undefined && { $gte: minPrice }),
    ...(maxPrice !== undefined && { $lte: maxPrice }),
  };
  return {
    status: 'listed',
    ...(category !== undefined && { category }),
    ...(currency !== undefined && { 'price.currency': currency }),
    ...(Object.keys(amount).length > 0 && { 'price.amount': amount }),
  };
}
