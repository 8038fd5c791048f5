import { Project, Projection } from '@gesta/core';
import {
  ReservationExpired,
  StockReceived,
  StockReleased,
  StockReserved,
  StockReturned,
} from '@marketplace/inventory/contract';

/** How much of a product can be bought, as inventory tells it. */
export interface ProductStock {
  readonly sku: string;
  /** Units on hand that are held for nobody. */
  readonly available: number;
}

const bySku = ({ sku }: { sku: string }) => sku;

/**
 * Apart from the products: stock moves with every order, and what is said of a product is not written anew for that. What is
 * sold was held before, so `StockCommitted` changes nothing here.
 */
@Projection({ name: 'product-stock', indexes: [{ sku: 1 }] })
export class ProductStocks {
  @Project(StockReceived, bySku)
  received({ sku, quantity }: StockReceived, before?: ProductStock) {
    return moved(sku, before, quantity);
  }

  @Project(StockReserved, bySku)
  reserved({ sku, quantity }: StockReserved, before?: ProductStock) {
    return moved(sku, before, -quantity);
  }

  @Project(StockReleased, bySku)
  released({ sku, quantity }: StockReleased, before?: ProductStock) {
    return moved(sku, before, quantity);
  }

  @Project(ReservationExpired, bySku)
  expired({ sku, quantity }: ReservationExpired, before?: ProductStock) {
    return moved(sku, before, quantity);
  }

  @Project(StockReturned, bySku)
  returned({ sku, quantity }: StockReturned, before?: ProductStock) {
    return moved(sku, before, quantity);
  }
}

function moved(sku: string, before: ProductStock | undefined, units: number): ProductStock {
  return { sku, available: (before?.available ?? 0) + units };
}
