import { Module } from '@nestjs/common';

/** The write side of catalog. */
@Module({})
export class CatalogCommandModule {}
