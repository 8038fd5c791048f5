import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { StockLevels, type StockLevel } from './stock-level.projection.js';

/** How much of an item is there? `undefined` where nothing was ever received. */
export class GetStockLevel extends Query<StockLevel | undefined> {
  /** @param after the answer knows everything up to this position */
  constructor(
    readonly sku: string,
    readonly after?: bigint,
  ) {
    super();
  }
}

@QueryHandler(GetStockLevel)
export class GetStockLevelHandler implements IQueryHandler<GetStockLevel> {
  constructor(@InjectReadModel(StockLevels) private readonly levels: ReadModel<StockLevel>) {}

  async execute({ sku, after }: GetStockLevel): Promise<StockLevel | undefined> {
    if (after !== undefined) await this.levels.waitFor(after);
    return this.levels.findById(sku);
  }
}
