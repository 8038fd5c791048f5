import { GestaModule } from '@gesta/nestjs';
import { CatalogCommandModule, CatalogQueryModule } from '@marketplace/catalog';
import { CustomersCommandModule, CustomersQueryModule } from '@marketplace/customers';
import { InventoryCommandModule, InventoryQueryModule } from '@marketplace/inventory';
import { NotificationsCommandModule, NotificationsQueryModule } from '@marketplace/notifications';
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
    CustomersCommandModule,
    CustomersQueryModule,
    InventoryCommandModule,
    InventoryQueryModule,
    NotificationsCommandModule,
    NotificationsQueryModule,
    OrderingCommandModule,
    OrderingQueryModule,
    PaymentCommandModule,
    PaymentQueryModule,
    ShippingCommandModule,
    ShippingQueryModule,
  ],
})
export class MarketplaceModule {}
