import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { CatalogQueryModule } from '@marketplace/catalog';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of catalog: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, CatalogQueryModule] })
class CatalogQueryService {}

await runService({ name: 'catalog-query', module: CatalogQueryService, defaultPort: 3006 });
