import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { CustomersCommandModule } from '@marketplace/customers';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of customers: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, CustomersCommandModule] })
class CustomersCommandService {}

await runService({ name: 'customers-command', module: CustomersCommandService, defaultPort: 3011 });
