import { Module } from '@nestjs/common';

/** The read side of catalog. */
@Module({})
export class CatalogQueryModule {}
