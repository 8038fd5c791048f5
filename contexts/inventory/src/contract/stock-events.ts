import { Event } from '@gesta/core';
import { IsInt, IsPositive } from 'class-validator';
import { IsIdentifier, IsQuantity } from '@marketplace/values';

/** Units came in and are on hand. */
@Event('inventory.stock-received')
export class StockReceived {
  @IsIdentifier() readonly sku!: string;
  @IsQuantity() readonly quantity!: number;
}

/** Units on hand are held for an order, until they are committed or released, or the reservation expires. */
@Event('inventory.stock-reserved')
export class StockReserved {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  @IsQuantity() readonly quantity!: number;
  /** The reservation's number among those of this item, from 1. */
  @IsInt() @IsPositive() readonly reservation!: number;
}

/** Units that were held for an order are free again. */
@Event('inventory.stock-released')
export class StockReleased {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  @IsQuantity() readonly quantity!: number;
  @IsInt() @IsPositive() readonly reservation!: number;
}

/** Units that were held for an order are sold: they have left the stock. */
@Event('inventory.stock-committed')
export class StockCommitted {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  @IsQuantity() readonly quantity!: number;
  @IsInt() @IsPositive() readonly reservation!: number;
}

/** Units that were sold to an order came back and are on hand again. */
@Event('inventory.stock-returned')
export class StockReturned {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  @IsQuantity() readonly quantity!: number;
}

/** Units were held for an order for too long; they are free again. */
@Event('inventory.reservation-expired')
export class ReservationExpired {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  @IsQuantity() readonly quantity!: number;
  @IsInt() @IsPositive() readonly reservation!: number;
}
