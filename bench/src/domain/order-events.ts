import { Event } from '@gesta/core';

@Event('bench.order-placed')
export class OrderPlaced {
  readonly orderId!: string;
  readonly customerId!: string;
  readonly currency!: string;
  readonly deliverTo!: { readonly street: string; readonly city: string; readonly postcode: string };
  readonly placedAt!: string;
}

@Event('bench.line-added')
export class LineAdded {
  readonly orderId!: string;
  readonly sku!: string;
  readonly name!: string;
  readonly quantity!: number;
  /** In cents. */
  readonly unitPrice!: number;
  readonly warehouse!: string;
  readonly addedAt!: string;
}

export const PLACED = 'bench.order-placed';
export const LINE_ADDED = 'bench.line-added';
