import type { CommandResult } from '@gesta/core';
import { Idempotent, InvalidRequest, type PlatformResponse } from '@gesta/nestjs';
import { Body, Controller, HttpCode, NotFoundException, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { DelistProduct, DescribeProduct, ListProduct, RepriceProduct } from '../domain/product-commands.js';
import { ProductNotFound } from '../domain/product-errors.js';
import { DEFAULT_WEIGHT_GRAMS } from '../domain/product-rules.js';
import {
  DescribeProductRequest,
  ListProductRequest,
  ProductParams,
  RepriceProductRequest,
} from './product-requests.js';
import { ProductReceipt } from './product-views.js';

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'A repeat under the same key has no effect and is given the first answer',
};

@ApiTags('catalog')
@ApiBadRequestResponse({ description: 'Problem details with every violated field' })
@Controller('api/catalog/products')
export class ProductCommandsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Lists a product', description: 'For the first time, or again after it was delisted.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiCreatedResponse({
    type: ProductReceipt,
    headers: { Location: { description: 'Where the product is', schema: { type: 'string' } } },
  })
  @ApiConflictResponse({ description: 'ProductAlreadyListed' })
  async list(
    @Body() { weightGrams, ...product }: ListProductRequest,
    @Res({ passthrough: true }) response: PlatformResponse,
  ): Promise<ProductReceipt> {
    const receipt = await this.execute(
      new ListProduct({ ...product, weightGrams: weightGrams ?? DEFAULT_WEIGHT_GRAMS }),
    );
    response.header('Location', `/api/catalog/products/${product.sku}`);
    return receipt;
  }

  @Post(':sku/price')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({ summary: 'Reprices a product', description: 'What was ordered before costs what it cost.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ type: ProductReceipt })
  @ApiNotFoundResponse({ description: 'Nothing was ever listed under this sku' })
  @ApiConflictResponse({ description: 'ProductNotListed' })
  reprice(@Param() { sku }: ProductParams, @Body() { price }: RepriceProductRequest): Promise<ProductReceipt> {
    return this.execute(new RepriceProduct({ sku, price }));
  }

  @Post(':sku/describe')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({ summary: 'Tells of a product in other words', description: 'What is absent stays as it is.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ type: ProductReceipt })
  @ApiNotFoundResponse({ description: 'Nothing was ever listed under this sku' })
  @ApiConflictResponse({ description: 'ProductNotListed' })
  describe(@Param() { sku }: ProductParams, @Body() description?: DescribeProductRequest): Promise<ProductReceipt> {
    if (Object.values(description ?? {}).every((said) => said === undefined || said === null)) {
      const rules = ['name, description, category or weightGrams must be given'];
      throw new InvalidRequest([{ field: 'name', rules }]);
    }
    return this.execute(new DescribeProduct({ sku, ...description }));
  }

  @Post(':sku/delist')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({ summary: 'Delists a product', description: 'Delisted twice, it is delisted once.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiOkResponse({ type: ProductReceipt })
  @ApiNotFoundResponse({ description: 'Nothing was ever listed under this sku' })
  delist(@Param() { sku }: ProductParams): Promise<ProductReceipt> {
    return this.execute(new DelistProduct({ sku }));
  }

  private async execute(
    command: ListProduct | RepriceProduct | DescribeProduct | DelistProduct,
  ): Promise<ProductReceipt> {
    try {
      const { position } = await this.commands.execute<typeof command, CommandResult>(command);
      return { sku: command.sku, position: position.toString() };
    } catch (error) {
      if (error instanceof ProductNotFound) throw new NotFoundException(error.message);
      throw error;
    }
  }
}
