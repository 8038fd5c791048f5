import 'reflect-metadata';
import { Event } from '@gesta/core';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { IsIdentifier, Money } from '@marketplace/values';
import { IsOrderLines, type OrderLine } from './order-line.js';

/** A customer ordered. */
@Event('ordering.order-placed')
export class OrderPlaced {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly customerId!: string;
  @IsOrderLines() readonly lines!: readonly OrderLine[];
  @IsObject() @ValidateNested() @Type(() => Money) readonly total!: Money;
}

/** Everything that was ordered is the customer's. */
@Event('ordering.order-confirmed')
export class OrderConfirmed {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly customerId!: string;
  @IsObject() @ValidateNested() @Type(() => Money) readonly total!: Money;
}

/** The order cannot be fulfilled. */
@Event('ordering.order-rejected')
export class OrderRejected {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly customerId!: string;
  @IsString() @MaxLength(500) readonly reason!: string;
}

/** The customer does not want the order any more. */
@Event('ordering.order-cancelled')
export class OrderCancelled {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly customerId!: string;
  @IsObject() @ValidateNested() @Type(() => Money) readonly total!: Money;
  /** How far the order had come. */
  @IsIn(['placed', 'confirmed']) readonly from!: 'placed' | 'confirmed';
  @IsOptional() @IsString() @MaxLength(500) readonly reason?: string;
}
