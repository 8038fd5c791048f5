import 'reflect-metadata';
import { IsIdentifier, IsQuantity } from '@marketplace/values';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

/** So many units of one item. */
export class ParcelLine {
  @IsIdentifier() readonly sku!: string;
  @IsQuantity() readonly quantity!: number;
  /** The shelf that they leave; absent where there is one warehouse. Each warehouse packs a parcel of its own. */
  @IsOptional() @IsIdentifier() readonly warehouse?: string;
  /** The weight of one unit. */
  @IsOptional() @IsInt() @Min(1) @Max(1_000_000) readonly weightGrams?: number;
}

/** The field is what a parcel or a shipment holds: 1 to 200 lines. */
export function IsParcelLines(): PropertyDecorator {
  return (target, field) => {
    const rules = [
      IsArray(),
      ArrayMinSize(1),
      ArrayMaxSize(200),
      IsObject({ each: true }),
      ValidateNested({ each: true }),
      Type(() => ParcelLine),
    ];
    for (const rule of rules) rule(target, field);
  };
}
