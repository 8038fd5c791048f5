import { Command, type DataOf } from '@gesta/core';
import { IsOptional } from 'class-validator';
import { IsIdentifier, IsQuantity } from '@marketplace/values';

/**
 * Holds units for an order: `StockReserved`. An order reserves an item once; asked again for the same quantity, nothing
 * more happens. Refused as `OutOfStock`, `UnknownItem`, `QuantityDiffers` or `ReservationEnded`.
 */
@Command('inventory.reserve-stock')
export class ReserveStock {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  @IsQuantity() readonly quantity!: number;

  constructor(fields: DataOf<ReserveStock>) {
    Object.assign(this, fields);
  }
}

/** Sells the units that are held for an order: `StockCommitted`. Refused as `ReservationNotHeld`. */
@Command('inventory.commit-stock')
export class CommitStock {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;

  constructor(fields: DataOf<CommitStock>) {
    Object.assign(this, fields);
  }
}

/**
 * Gives an order's units back: those held are free again (`StockReleased`), those sold come back (`StockReturned`).
 * Where the order has none, nothing happens.
 */
@Command('inventory.release-stock')
export class ReleaseStock {
  @IsIdentifier() readonly sku!: string;
  @IsIdentifier() readonly orderId!: string;
  /**
   * The units that were sold to the order, as `StockCommitted` told the sender; absent where it told of none. An item
   * remembers the orders of its recent past only: for an older one, this is what comes back.
   */
  @IsOptional() @IsQuantity() readonly sold?: number;

  constructor(fields: DataOf<ReleaseStock>) {
    Object.assign(this, fields);
  }
}
