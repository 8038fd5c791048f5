import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { CustomersQueryModule } from '@marketplace/customers';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of customers: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, CustomersQueryModule] })
class CustomersQueryService {}

await runService({ name: 'customers-query', module: CustomersQueryService, defaultPort: 3012 });
