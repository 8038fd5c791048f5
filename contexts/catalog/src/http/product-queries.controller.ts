import { ParsePositionPipe } from '@gesta/nestjs';
import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { GetProduct } from '../read-models/get-product.query.js';
import { ListProducts } from '../read-models/list-products.query.js';
import { ListProductsRequest, ProductParams } from './product-requests.js';
import { ProductAnswer, ProductPageAnswer } from './product-views.js';

@ApiTags('catalog')
@ApiBadRequestResponse({ description: 'Problem details with every violated field' })
@Controller('api/catalog/products')
export class ProductQueriesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'Products that are listed', description: 'Without those that were delisted.' })
  @ApiOkResponse({ type: ProductPageAnswer })
  list(@Query() selection: ListProductsRequest): Promise<ProductPageAnswer> {
    return this.queries.execute(new ListProducts(selection));
  }

  @Get(':sku')
  @ApiOperation({ summary: 'A product, listed or delisted' })
  @ApiQuery({
    name: 'after',
    type: String,
    required: false,
    description: 'Answer once everything up to this position is in',
  })
  @ApiOkResponse({ type: ProductAnswer })
  @ApiNotFoundResponse({ description: 'Nothing was ever listed under this sku' })
  async product(
    @Param() { sku }: ProductParams,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<ProductAnswer> {
    const product = await this.queries.execute(new GetProduct(sku, after));
    if (!product) throw new NotFoundException(`There is no product '${sku}'`);
    return product;
  }
}
