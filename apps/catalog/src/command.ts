import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { CatalogCommandModule, PICTURE_BODIES } from '@marketplace/catalog';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of catalog: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, CatalogCommandModule] })
class CatalogCommandService {}

await runService({
  name: 'catalog-command',
  module: CatalogCommandService,
  defaultPort: 3005,
  http: { rawBodies: [PICTURE_BODIES] },
});
