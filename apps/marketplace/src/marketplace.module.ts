import { GestaModule } from '@gesta/nestjs';
import { CatalogCommandModule, CatalogQueryModule } from '@marketplace/catalog';
import { InventoryCommandModule, InventoryQueryModule } from '@marketplace/inventory';
import { OrderingCommandModule, OrderingQueryModule } from '@marketplace/ordering';
import { PaymentCommandModule, PaymentQueryModule } from '@marketplace/payment';
import { ShippingCommandModule, ShippingQueryModule } from '@marketplace/shipping';
import { HealthModule, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** Every bounded context in one process, write side and read side. */
@Module({
  imports: [
    GestaModule.forRoot({ adapters: storeAdapters() }),
    HealthModule,
    CatalogCommandModule,
    CatalogQueryModule,
    InventoryCommandModule,
    InventoryQueryModule,
    OrderingCommandModule,
    OrderingQueryModule,
    PaymentCommandModule,
    PaymentQueryModule,
    ShippingCommandModule,
    ShippingQueryModule,
  ],
})
export class MarketplaceModule {}
