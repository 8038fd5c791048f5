import type { DataOf } from '@gesta/core';
import { IsIdentifier, IsQuantity } from '@marketplace/values';

/** Takes units into stock: `StockReceived`. The first receipt makes the item known. */
export class ReceiveStock {
  @IsIdentifier() readonly sku!: string;
  @IsQuantity() readonly quantity!: number;

  constructor(fields: DataOf<ReceiveStock>) {
    Object.assign(this, fields);
  }
}
