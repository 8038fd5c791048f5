import { Command, type DataOf } from '@gesta/core';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { IsIdentifier } from '@marketplace/values';
import { IsOrderLines, type OrderLine } from '../contract/order-line.js';
import { HasTotal } from './order-total.js';

/** A customer orders: `OrderPlaced`. Refused as `OrderAlreadyPlaced`, `MixedCurrencies` or `TotalTooLarge`. */
export class PlaceOrder {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly customerId!: string;
  @IsOrderLines() @HasTotal() readonly lines!: readonly OrderLine[];

  constructor(fields: DataOf<PlaceOrder>) {
    Object.assign(this, fields);
  }
}

/**
 * The customer does not want the order any more: `OrderCancelled`. Cancelled twice, it is cancelled once. Refused as
 * `OrderNotFound` or `OrderAlreadyRejected`.
 */
export class CancelOrder {
  @IsIdentifier() readonly orderId!: string;
  @IsOptional() @IsString() @MaxLength(500) readonly reason?: string;

  constructor(fields: DataOf<CancelOrder>) {
    Object.assign(this, fields);
  }
}

/** Everything ordered is the customer's: `OrderConfirmed`. Refused as `OrderNotFound` or `OrderNotOpen`. */
@Command('ordering.confirm-order')
export class ConfirmOrder {
  @IsIdentifier() readonly orderId!: string;

  constructor(fields: DataOf<ConfirmOrder>) {
    Object.assign(this, fields);
  }
}

/** The order cannot be fulfilled: `OrderRejected`. Refused as `OrderNotFound` or `OrderNotOpen`. */
@Command('ordering.reject-order')
export class RejectOrder {
  @IsIdentifier() readonly orderId!: string;
  @IsString() @MaxLength(500) readonly reason!: string;

  constructor(fields: DataOf<RejectOrder>) {
    Object.assign(this, fields);
  }
}
