import 'reflect-metadata';
import { Event } from '@gesta/core';
import { IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { CATEGORIES, type Category } from './category.js';
import { Picture } from './picture.js';

/** A product can be bought: for the first time, or again after it was delisted. */
@Event('catalog.product-listed')
export class ProductListed {
  @IsIdentifier() readonly sku!: string;
  @IsString() @Length(1, 200) readonly name!: string;
  @IsOptional() @IsString() @MaxLength(5_000) readonly description?: string;
  @IsIn(CATEGORIES) readonly category!: Category;
  @IsMoney() readonly price!: Money;
  @IsInt() @Min(1) @Max(1_000_000) readonly weightGrams!: number;
}

/** A product is told of in other words, or is of another kind. */
@Event('catalog.product-described')
export class ProductDescribed {
  @IsIdentifier() readonly sku!: string;
  @IsString() @Length(1, 200) readonly name!: string;
  @IsOptional() @IsString() @MaxLength(5_000) readonly description?: string;
  @IsIn(CATEGORIES) readonly category!: Category;
  @IsInt() @Min(1) @Max(1_000_000) readonly weightGrams!: number;
}

/** A product costs something else from now on. */
@Event('catalog.price-changed')
export class PriceChanged {
  @IsIdentifier() readonly sku!: string;
  @IsMoney() readonly price!: Money;
  @IsMoney() readonly before!: Money;
}

/** A product has a picture, in the place of the one before. */
@Event('catalog.product-pictured')
export class ProductPictured {
  @IsIdentifier() readonly sku!: string;
  @IsObject() @ValidateNested() @Type(() => Picture) readonly picture!: Picture;
}

/** A product cannot be bought any more. What was ordered is not touched. */
@Event('catalog.product-delisted')
export class ProductDelisted {
  @IsIdentifier() readonly sku!: string;
}
