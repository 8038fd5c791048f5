import { GestaModule } from '@gesta/nestjs';
import { InventoryCommandModule, InventoryQueryModule } from '@marketplace/inventory';
import { OrderingCommandModule, OrderingQueryModule } from '@marketplace/ordering';
import { HealthModule, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** Every bounded context in one process, write side and read side. */
@Module({
  imports: [
    GestaModule.forRoot({ adapters: storeAdapters() }),
    HealthModule,
    InventoryCommandModule,
    InventoryQueryModule,
    OrderingCommandModule,
    OrderingQueryModule,
  ],
})
export class MarketplaceModule {}
