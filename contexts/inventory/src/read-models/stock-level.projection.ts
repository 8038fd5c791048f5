import { Project, Projection } from '@gesta/core';
import {
  ReservationExpired,
  StockCommitted,
  StockReceived,
  StockReleased,
  StockReserved,
  StockReturned,
} from '../contract/stock-events.js';

/** How much of an item there is. */
export interface StockLevel {
  readonly sku: string;
  /** Units in the warehouse, held ones included. */
  readonly onHand: number;
  /** Units that are held for orders. */
  readonly reserved: number;
  /** Units that can be reserved: on hand and not held. */
  readonly available: number;
}

@Projection({ name: 'stock-level' })
export class StockLevels {
  @Project(StockReceived)
  received({ sku, quantity }: StockReceived, before?: StockLevel) {
    return level(sku, before, { onHand: quantity });
  }

  @Project(StockReserved)
  reserved({ sku, quantity }: StockReserved, before?: StockLevel) {
    return level(sku, before, { reserved: quantity });
  }

  @Project(StockCommitted)
  committed({ sku, quantity }: StockCommitted, before?: StockLevel) {
    return level(sku, before, { onHand: -quantity, reserved: -quantity });
  }

  @Project(StockReleased)
  released({ sku, quantity }: StockReleased, before?: StockLevel) {
    return level(sku, before, { reserved: -quantity });
  }

  @Project(ReservationExpired)
  expired({ sku, quantity }: ReservationExpired, before?: StockLevel) {
    return level(sku, before, { reserved: -quantity });
  }

  @Project(StockReturned)
  returned({ sku, quantity }: StockReturned, before?: StockLevel) {
    return level(sku, before, { onHand: quantity });
  }
}

/** The level before, moved by so many units. */
function level(sku: string, before: StockLevel | undefined, moved: { onHand?: number; reserved?: number }): StockLevel {
  const onHand = (before?.onHand ?? 0) + (moved.onHand ?? 0);
  const reserved = (before?.reserved ?? 0) + (moved.reserved ?? 0);
  return { sku, onHand, reserved, available: onHand - reserved };
}
