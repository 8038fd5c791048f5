import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { OrderingCommandModule } from '@marketplace/ordering';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of ordering: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, OrderingCommandModule] })
class OrderingCommandService {}

await runService({ name: 'ordering-command', module: OrderingCommandService, defaultPort: 3001 });
