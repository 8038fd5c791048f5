import type { ReadModel } from '@gesta/core';
import type { ProductStock } from './product-stock.projection.js';
import type { Picture } from '../contract/picture.js';
import { productOf, type CatalogedProduct, type ProductDocument } from './products.projection.js';

/** A picture, and where it is to be had. */
export interface PictureView extends Picture {
  readonly url: string;
}

/** A product as it is shown: what the catalog says of it, and how many of it can be bought. */
export interface ProductView extends Omit<CatalogedProduct, 'picture'> {
  readonly picture?: PictureView;
  /** Units that can be ordered; 0 where nothing was ever received. */
  readonly available: number;
}

/** Puts to products what inventory tells of them. */
export async function withStock(
  documents: readonly ProductDocument[],
  stocks: ReadModel<ProductStock>,
): Promise<ProductView[]> {
  if (documents.length === 0) return [];
  const found = await stocks.find({ sku: { $in: documents.map(({ sku }) => sku) } });
  const available = new Map(found.map((stock) => [stock.sku, stock.available]));
  return documents.map((document) => {
    const { picture, ...product } = productOf(document);
    return {
      ...product,
      ...(picture && { picture: { ...picture, url: `/api/catalog/pictures/${picture.name}` } }),
      available: available.get(document.sku) ?? 0,
    };
  });
}
