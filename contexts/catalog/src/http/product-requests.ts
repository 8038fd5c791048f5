import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsISO4217CurrencyCode,
  IsOptional,
  IsString,
  IsUppercase,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { IDENTIFIER, IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { CATEGORIES, type Category } from '../contract/category.js';
import {
  DEFAULT_WEIGHT_GRAMS,
  IsProductName,
  IsWeight,
  MAX_DESCRIPTION,
  MAX_NAME,
  MAX_WEIGHT_GRAMS,
} from '../domain/product-rules.js';
import type { ProductSelection } from '../read-models/list-products.query.js';
import { PRODUCT_SORTS, type ProductSort } from '../read-models/product-cursor.js';
import { MoneyView } from './product-views.js';
import { IsCursorOfThisList, IsNotBelowMinPrice, IsSearch, NeedsSearchForRelevance } from './selection-rules.js';

/** Names a product in a path. */
export class ProductParams {
  @ApiProperty({ description: 'The product', pattern: IDENTIFIER.source, example: 'chair-oak' })
  @IsIdentifier()
  readonly sku!: string;
}

export class ListProductRequest {
  @ApiProperty({ pattern: IDENTIFIER.source, example: 'chair-oak' })
  @IsIdentifier()
  readonly sku!: string;

  @ApiProperty({ minLength: 1, maxLength: MAX_NAME, example: 'Oak chair' })
  @IsProductName()
  readonly name!: string;

  @ApiPropertyOptional({ maxLength: MAX_DESCRIPTION, example: 'Made by hand, and it creaks a little' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  readonly description?: string;

  @ApiProperty({ enum: CATEGORIES, example: 'furniture' })
  @IsIn(CATEGORIES)
  readonly category!: Category;

  @ApiProperty({ type: MoneyView })
  @IsMoney()
  readonly price!: Money;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_WEIGHT_GRAMS, default: DEFAULT_WEIGHT_GRAMS })
  @IsOptional()
  @IsWeight()
  readonly weightGrams?: number;
}

export class RepriceProductRequest {
  @ApiProperty({ type: MoneyView })
  @IsMoney()
  readonly price!: Money;
}

export class DescribeProductRequest {
  @ApiPropertyOptional({ minLength: 1, maxLength: MAX_NAME, example: 'Oak chair' })
  @IsOptional()
  @IsProductName()
  readonly name?: string;

  @ApiPropertyOptional({ description: 'An empty one removes it', maxLength: MAX_DESCRIPTION })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_DESCRIPTION)
  readonly description?: string;

  @ApiPropertyOptional({ enum: CATEGORIES, example: 'furniture' })
  @IsOptional()
  @IsIn(CATEGORIES)
  readonly category?: Category;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_WEIGHT_GRAMS })
  @IsOptional()
  @IsWeight()
  readonly weightGrams?: number;
}

export class ListProductsRequest implements ProductSelection {
  @ApiPropertyOptional({
    description: 'Words, or beginnings of words, in the name or the description; accents do not matter',
    maxLength: 100,
    example: 'oak cha',
  })
  @IsOptional()
  @IsSearch()
  readonly q?: string;

  @ApiPropertyOptional({ description: 'Only products of this kind', enum: CATEGORIES })
  @IsOptional()
  @IsIn(CATEGORIES)
  readonly category?: Category;

  @ApiPropertyOptional({ description: "At least, in the currency's smallest unit", type: 'integer', minimum: 0 })
  @IsOptional()
  @InDigits()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly minPrice?: number;

  @ApiPropertyOptional({ description: "At most, in the currency's smallest unit", type: 'integer', minimum: 0 })
  @IsOptional()
  @InDigits()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  @IsNotBelowMinPrice()
  readonly maxPrice?: number;

  @ApiPropertyOptional({ description: 'Only prices in this currency, by ISO 4217', example: 'EUR' })
  @IsOptional()
  @IsISO4217CurrencyCode()
  @IsUppercase()
  readonly currency?: string;

  @ApiPropertyOptional({
    description: '`relevance` where `q` is given, else `newest`, when absent; prices go by currency first',
    enum: PRODUCT_SORTS,
  })
  @IsOptional()
  @IsIn(PRODUCT_SORTS)
  @NeedsSearchForRelevance()
  readonly sort?: ProductSort;

  @ApiPropertyOptional({ description: 'How many at most', type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @InDigits()
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;

  @ApiPropertyOptional({ description: 'The `next` of the page before, of the same list' })
  @IsOptional()
  @IsCursorOfThisList()
  readonly cursor?: string;
}

/** The field is a number that stands in the URL, in digits. */
function InDigits(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value,
  );
}
