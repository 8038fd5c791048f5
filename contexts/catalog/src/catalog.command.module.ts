import { GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { Product } from './domain/product.js';
import { ProductCommandsController } from './http/product-commands.controller.js';

/** The write side of catalog: decides on products. */
@Module({
  imports: [GestaModule.forFeature([Product])],
  controllers: [ProductCommandsController],
})
export class CatalogCommandModule {}
