import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ProductStocks, type ProductStock } from './product-stock.projection.js';
import { withStock, type ProductView } from './product-view.js';
import { Products, type ProductDocument } from './products.projection.js';

/** What is said of a product, and how many of it are there? `undefined` where none was listed. */
export class GetProduct extends Query<ProductView | undefined> {
  /** @param after the answer knows everything up to this position */
  constructor(
    readonly sku: string,
    readonly after?: bigint,
  ) {
    super();
  }
}

@QueryHandler(GetProduct)
export class GetProductHandler implements IQueryHandler<GetProduct> {
  constructor(
    @InjectReadModel(Products) private readonly products: ReadModel<ProductDocument>,
    @InjectReadModel(ProductStocks) private readonly stocks: ReadModel<ProductStock>,
  ) {}

  async execute({ sku, after }: GetProduct): Promise<ProductView | undefined> {
    if (after !== undefined) await Promise.all([this.products.waitFor(after), this.stocks.waitFor(after)]);
    const document = await this.products.findById(sku);
    return document && (await withStock([document], this.stocks))[0];
  }
}
