import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { ShippingCommandModule } from '@marketplace/shipping';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of shipping: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, ShippingCommandModule] })
class ShippingCommandService {}

await runService({ name: 'shipping-command', module: ShippingCommandService, defaultPort: 3009 });
