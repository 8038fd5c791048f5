import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { InventoryCommandModule } from '@marketplace/inventory';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of inventory: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, InventoryCommandModule] })
class InventoryCommandService {}

await runService({ name: 'inventory-command', module: InventoryCommandService, defaultPort: 3003 });
