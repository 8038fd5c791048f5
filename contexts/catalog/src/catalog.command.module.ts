import { GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { Product } from './domain/product.js';
import { ProductCommandsController } from './http/product-commands.controller.js';
import { ProductPictureController } from './http/product-picture.controller.js';
import { PicturesModule } from './pictures/pictures.module.js';

/** The write side of catalog: decides on products. */
@Module({
  imports: [GestaModule.forFeature([Product]), PicturesModule],
  controllers: [ProductCommandsController, ProductPictureController],
})
export class CatalogCommandModule {}
