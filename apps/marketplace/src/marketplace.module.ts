import { memory } from '@gesta/core';
import { GestaModule } from '@gesta/nestjs';
import { sqlite } from '@gesta/sqlite';
import { InventoryCommandModule, InventoryQueryModule } from '@marketplace/inventory';
import { OrderingCommandModule, OrderingQueryModule } from '@marketplace/ordering';
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';

/** Every bounded context in one process, write side and read side. */
@Module({
  imports: [
    // The stores are named by GESTA_EVENTS_URL and GESTA_DOCUMENTS_URL; without them, a file below ./data holds everything.
    GestaModule.forRoot({ adapters: [sqlite(), memory()] }),
    // Not being ready is an answer, not an error.
    TerminusModule.forRoot({ logger: false }),
    InventoryCommandModule,
    InventoryQueryModule,
    OrderingCommandModule,
    OrderingQueryModule,
  ],
  controllers: [HealthController],
})
export class MarketplaceModule {}
