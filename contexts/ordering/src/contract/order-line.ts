import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsIdentifier, Money } from '@marketplace/values';

/** So many units of one item, at a price each. */
export class OrderLine {
  @IsIdentifier() readonly sku!: string;
  @IsInt() @Min(1) @Max(1_000_000) readonly quantity!: number;
  @IsObject() @ValidateNested() @Type(() => Money) readonly unitPrice!: Money;
}

/** The field is an order's lines: 1 to 100 of them, one for each item. */
export function IsOrderLines(): PropertyDecorator {
  return (target, field) => {
    const rules = [
      IsArray(),
      ArrayMinSize(1),
      ArrayMaxSize(100),
      ArrayUnique((line?: OrderLine) => line?.sku ?? line, { message: '$property must name each sku once' }),
      IsObject({ each: true }),
      ValidateNested({ each: true }),
      Type(() => OrderLine),
    ];
    for (const rule of rules) rule(target, field);
  };
}
