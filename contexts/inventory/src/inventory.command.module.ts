import { GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { StockItem } from './domain/stock-item.js';
import { StockReceiptsController } from './http/stock-receipts.controller.js';
import { ReservationExpiry } from './processes/reservation-expiry.process.js';

/** The write side of inventory: decides on stock. */
@Module({
  imports: [GestaModule.forFeature([StockItem])],
  providers: [ReservationExpiry],
  controllers: [StockReceiptsController],
})
export class InventoryCommandModule {}
