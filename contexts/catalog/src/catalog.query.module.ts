import { Module } from '@nestjs/common';
import { PicturesController } from './http/pictures.controller.js';
import { ProductQueriesController } from './http/product-queries.controller.js';
import { PicturesModule } from './pictures/pictures.module.js';
import { GetProductHandler } from './read-models/get-product.query.js';
import { ListProductsHandler } from './read-models/list-products.query.js';
import { ProductStocks } from './read-models/product-stock.projection.js';
import { Products } from './read-models/products.projection.js';

/** The read side of catalog: shows products, and finds them. */
@Module({
  imports: [PicturesModule],
  providers: [Products, ProductStocks, GetProductHandler, ListProductsHandler],
  controllers: [ProductQueriesController, PicturesController],
})
export class CatalogQueryModule {}
