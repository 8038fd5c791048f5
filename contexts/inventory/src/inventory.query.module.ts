import { Module } from '@nestjs/common';
import { StockLevelsController } from './http/stock-levels.controller.js';
import { GetStockLevelHandler } from './read-models/get-stock-level.query.js';
import { StockLevels } from './read-models/stock-level.projection.js';

/** The read side of inventory: tells how much there is. */
@Module({
  providers: [StockLevels, GetStockLevelHandler],
  controllers: [StockLevelsController],
})
export class InventoryQueryModule {}
