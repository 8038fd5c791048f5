import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { ShippingQueryModule } from '@marketplace/shipping';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of shipping: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, ShippingQueryModule] })
class ShippingQueryService {}

await runService({ name: 'shipping-query', module: ShippingQueryService, defaultPort: 3010 });
