import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import {
  ReservationExpired,
  StockCommitted,
  StockReceived,
  StockReleased,
  StockReserved,
  StockReturned,
} from '@marketplace/inventory/contract';
import { given, on } from '@gesta/testing';
import { ProductStocks } from './product-stock.projection.js';

const sku = 'chair';
const stream = 'inventory.item-chair';
const units = { sku, orderId: 'a', quantity: 4, reservation: 1 };
const received = on(stream, event(StockReceived, { sku, quantity: 10 }));
const reserved = on(stream, event(StockReserved, units));
const committed = on(stream, event(StockCommitted, units));
const available = (count: number) => ({ chair: { sku, available: count } });

describe('ProductStocks', () => {
  it('adds up what comes in', () => {
    given(ProductStocks).when(received).then(available(10));
    given(ProductStocks, received).when(received).then(available(20));
  });

  it('takes off what is held, and nothing more when it is sold', () => {
    given(ProductStocks, received).when(reserved).then(available(6));
    given(ProductStocks, received, reserved, committed).when(received).then(available(16));
  });

  it('adds what is free again', () => {
    for (const free of [
      on(stream, event(StockReleased, units)),
      on(stream, event(ReservationExpired, units)),
      on(stream, event(StockReturned, { sku, orderId: 'a', quantity: 4 })),
    ]) {
      given(ProductStocks, received, reserved).when(free).then(available(10));
    }
  });
});
