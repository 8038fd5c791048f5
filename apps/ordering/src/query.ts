import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { OrderingQueryModule } from '@marketplace/ordering';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of ordering: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, OrderingQueryModule] })
class OrderingQueryService {}

await runService({ name: 'ordering-query', module: OrderingQueryService, defaultPort: 3002 });
