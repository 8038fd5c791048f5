import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { InventoryQueryModule } from '@marketplace/inventory';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of inventory: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, InventoryQueryModule] })
class InventoryQueryService {}

await runService({ name: 'inventory-query', module: InventoryQueryService, defaultPort: 3004 });
