import 'reflect-metadata';
import type { DataOf } from '@gesta/core';
import { IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { CATEGORIES, type Category } from '../contract/category.js';
import { Picture } from '../contract/picture.js';
import { IsProductName, IsWeight, MAX_DESCRIPTION } from './product-rules.js';

/**
 * A product is to be bought, for the first time or again after it was delisted: `ProductListed`. Refused as
 * `ProductAlreadyListed`.
 */
export class ListProduct {
  @IsIdentifier() readonly sku!: string;
  @IsProductName() readonly name!: string;
  @IsOptional() @IsString() @MaxLength(MAX_DESCRIPTION) readonly description?: string;
  @IsIn(CATEGORIES) readonly category!: Category;
  @IsMoney() readonly price!: Money;
  @IsWeight() readonly weightGrams!: number;

  constructor(fields: DataOf<ListProduct>) {
    Object.assign(this, fields);
  }
}

/**
 * A product is told of in other words: `ProductDescribed`. What is absent stays as it is; an empty description removes
 * it. Refused as `ProductNotFound` or `ProductNotListed`.
 */
export class DescribeProduct {
  @IsIdentifier() readonly sku!: string;
  @IsOptional() @IsProductName() readonly name?: string;
  @IsOptional() @IsString() @MaxLength(MAX_DESCRIPTION) readonly description?: string;
  @IsOptional() @IsIn(CATEGORIES) readonly category?: Category;
  @IsOptional() @IsWeight() readonly weightGrams?: number;

  constructor(fields: DataOf<DescribeProduct>) {
    Object.assign(this, fields);
  }
}

/** A product costs something else: `PriceChanged`. Refused as `ProductNotFound` or `ProductNotListed`. */
export class RepriceProduct {
  @IsIdentifier() readonly sku!: string;
  @IsMoney() readonly price!: Money;

  constructor(fields: DataOf<RepriceProduct>) {
    Object.assign(this, fields);
  }
}

/** A product has a picture: `ProductPictured`. Refused as `ProductNotFound` or `ProductNotListed`. */
export class ShowPicture {
  @IsIdentifier() readonly sku!: string;
  @IsObject() @ValidateNested() @Type(() => Picture) readonly picture!: Picture;

  constructor(fields: DataOf<ShowPicture>) {
    Object.assign(this, fields);
  }
}

/** A product cannot be bought any more: `ProductDelisted`. Delisted twice, it is delisted once. Refused as `ProductNotFound`. */
export class DelistProduct {
  @IsIdentifier() readonly sku!: string;

  constructor(fields: DataOf<DelistProduct>) {
    Object.assign(this, fields);
  }
}
