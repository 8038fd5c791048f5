import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given, on } from '@gesta/testing';
import {
  ReservationExpired,
  StockCommitted,
  StockReceived,
  StockReleased,
  StockReserved,
  StockReturned,
} from '../contract/stock-events.js';
import { StockLevels } from './stock-level.projection.js';

const sku = 'chair';
const stream = 'inventory.item-chair';
const units = { sku, orderId: 'a', quantity: 4, reservation: 1 };
const received = on(stream, event(StockReceived, { sku, quantity: 10 }));
const reserved = on(stream, event(StockReserved, units));
const committed = on(stream, event(StockCommitted, units));

const level = (onHand: number, reservedUnits: number, available: number) => ({
  chair: { sku, onHand, reserved: reservedUnits, available },
});

describe('StockLevels', () => {
  it('begins with the first receipt and adds up the others', () => {
    given(StockLevels)
      .when(received)
      .then(level(10, 0, 10));
    given(StockLevels, received)
      .when(received)
      .then(level(20, 0, 20));
  });

  it('shows reserved units as on hand and not available', () => {
    given(StockLevels, received)
      .when(reserved)
      .then(level(10, 4, 6));
  });

  it('shows sold units as gone', () => {
    given(StockLevels, received, reserved)
      .when(committed)
      .then(level(6, 0, 6));
  });

  it('shows released, expired and returned units as available', () => {
    given(StockLevels, received, reserved)
      .when(on(stream, event(StockReleased, units)))
      .then(level(10, 0, 10));
    given(StockLevels, received, reserved)
      .when(on(stream, event(ReservationExpired, units)))
      .then(level(10, 0, 10));
    given(StockLevels, received, reserved, committed)
      .when(on(stream, event(StockReturned, { sku, orderId: 'a', quantity: 4 })))
      .then(level(10, 0, 10));
  });
});
