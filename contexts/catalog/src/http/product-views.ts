import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { Money } from '@marketplace/values';
import { CATEGORIES, type Category } from '../contract/category.js';
import type { ProductPage } from '../read-models/list-products.query.js';
import type { PictureView, ProductView } from '../read-models/product-view.js';
import { PRODUCT_STATUSES, type ProductStatus } from '../read-models/products.projection.js';

// What is answered, as the API's documentation shows it.

@ApiSchema({ name: 'Money' })
export class MoneyView implements Money {
  @ApiProperty({
    description: "In the currency's smallest unit",
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    example: 1999,
  })
  readonly amount!: number;

  @ApiProperty({ description: 'ISO 4217', pattern: '^[A-Z]{3}$', example: 'EUR' })
  readonly currency!: string;
}

/** The answer to a command. */
export class ProductReceipt {
  @ApiProperty({ example: 'chair-oak' })
  readonly sku!: string;

  @ApiProperty({ description: 'Where in the log it was recorded; hand it back as `after`', example: '42' })
  readonly position!: string;
}

/** The answer to who gave a product a picture. */
export class PictureReceipt extends ProductReceipt {
  @ApiProperty({ description: "The picture's name", example: `${'0'.repeat(64)}.png` })
  readonly picture!: string;
}

@ApiSchema({ name: 'Picture' })
export class PictureAnswer implements PictureView {
  @ApiProperty({ description: 'Made of what the picture is', example: `${'0'.repeat(64)}.png` })
  readonly name!: string;

  @ApiProperty({ description: 'Where it is; what is there never changes' })
  readonly url!: string;

  @ApiProperty({ description: 'In pixels', type: 'integer', example: 800 })
  readonly width!: number;

  @ApiProperty({ description: 'In pixels', type: 'integer', example: 600 })
  readonly height!: number;

  @ApiProperty({ type: 'integer', example: 48211 })
  readonly bytes!: number;
}

@ApiSchema({ name: 'Product' })
export class ProductAnswer implements ProductView {
  @ApiProperty({ example: 'chair-oak' })
  readonly sku!: string;

  @ApiProperty({ example: 'Oak chair' })
  readonly name!: string;

  @ApiPropertyOptional({ example: 'Made by hand, and it creaks a little' })
  readonly description?: string;

  @ApiProperty({ enum: CATEGORIES, example: 'furniture' })
  readonly category!: Category;

  @ApiProperty({ type: MoneyView })
  readonly price!: MoneyView;

  @ApiProperty({ type: 'integer', example: 7000 })
  readonly weightGrams!: number;

  @ApiPropertyOptional({ type: PictureAnswer })
  readonly picture?: PictureAnswer;

  @ApiProperty({ description: 'What is delisted is in no list', enum: PRODUCT_STATUSES, example: 'listed' })
  readonly status!: ProductStatus;

  @ApiProperty({ description: 'Units that can be ordered, as inventory tells it', type: 'integer', example: 7 })
  readonly available!: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-20T09:30:00.000Z' })
  readonly listedAt!: string;

  @ApiProperty({ description: 'When it was told of or priced last', format: 'date-time' })
  readonly updatedAt!: string;
}

@ApiSchema({ name: 'ProductPage' })
export class ProductPageAnswer implements ProductPage {
  @ApiProperty({ type: [ProductAnswer] })
  readonly items!: readonly ProductAnswer[];

  @ApiPropertyOptional({ description: 'Hand it back as `cursor` for the next page; absent on the last one' })
  readonly next?: string;
}
