import { describe, expect, it } from '@jest/globals';
import { event } from '@gesta/core';
import { at, given, on } from '@gesta/testing';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import { OrderSummaries, summaryOf } from './order-summary.projection.js';

const orderId = 'order-1';
const customerId = 'ada';
const lines = [{ sku: 'chair', quantity: 2, unitPrice: { amount: 4_950, currency: 'EUR' } }];
const total = { amount: 9_900, currency: 'EUR' };
const NINE = '2026-11-20T09:00:00.000Z';
const TEN = '2026-11-20T10:00:00.000Z';

const order = (happened: Parameters<typeof on>[1]) => on('ordering.order-order-1', happened);
const placed = at(NINE, order(event(OrderPlaced, { orderId, customerId, lines, total })));
const afterwards = (happened: Parameters<typeof on>[1]) => at(TEN, order(happened));

const summary = { orderId, customerId, lines, total, placedAt: NINE, placedPosition: '00000000000000000001' };

describe('OrderSummaries', () => {
  it('shows a new order', () => {
    given(OrderSummaries)
      .when(placed)
      .then({ 'order-1': { ...summary, status: 'placed', updatedAt: NINE } });
  });

  it('shows a confirmed order', () => {
    given(OrderSummaries, placed)
      .when(afterwards(event(OrderConfirmed, { orderId, customerId, total })))
      .then({ 'order-1': { ...summary, status: 'confirmed', updatedAt: TEN } });
  });

  it('shows why an order was rejected', () => {
    given(OrderSummaries, placed)
      .when(afterwards(event(OrderRejected, { orderId, customerId, reason: 'OutOfStock' })))
      .then({ 'order-1': { ...summary, status: 'rejected', reason: 'OutOfStock', updatedAt: TEN } });
  });

  it('shows why an order was cancelled, where the customer said so', () => {
    const cancelled = { orderId, customerId, total, from: 'placed' as const };
    given(OrderSummaries, placed)
      .when(afterwards(event(OrderCancelled, cancelled)))
      .then({ 'order-1': { ...summary, status: 'cancelled', updatedAt: TEN } });
    given(OrderSummaries, placed)
      .when(afterwards(event(OrderCancelled, { ...cancelled, reason: 'Changed my mind' })))
      .then({ 'order-1': { ...summary, status: 'cancelled', reason: 'Changed my mind', updatedAt: TEN } });
  });

  it('keeps its own bookkeeping to itself', () => {
    const shown = summaryOf({ ...summary, status: 'placed', updatedAt: NINE });
    expect(shown).toEqual({ orderId, customerId, status: 'placed', lines, total, placedAt: NINE, updatedAt: NINE });
  });
});
