export const PRODUCT_SORTS = ['newest', 'name', '-name', 'price', '-price', 'relevance'] as const;
export type ProductSort = (typeof PRODUCT_SORTS)[number];

/** Where a page of products ends: what its last product has of that which the list goes by. */
export interface ProductPlace {
  readonly sort: ProductSort;
  readonly value: string;
}

/** A place as clients hand it back: opaque to them. */
export function cursorAt({ sort, value }: ProductPlace): string {
  return Buffer.from(JSON.stringify([sort, value])).toString('base64url');
}

/** What {@link cursorAt} was given; `undefined` for a text that it did not make. */
export function placeOf(cursor: string): ProductPlace | undefined {
  try {
    const [sort, value] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [ProductSort, string];
    if (!PRODUCT_SORTS.includes(sort) || typeof value !== 'string' || !value.isWellFormed()) return undefined;
    return cursorAt({ sort, value }) === cursor ? { sort, value } : undefined;
  } catch {
    return undefined;
  }
}
