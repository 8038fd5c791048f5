import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import { LATEST_ORDERS, OrdersByCustomer } from './customer-orders.projection.js';

const customerId = 'ada';
const eur = (amount: number) => ({ amount, currency: 'EUR' });
const placed = (orderId: string, total = eur(100)) =>
  event(OrderPlaced, { orderId, customerId, lines: [{ sku: 'chair', quantity: 1, unitPrice: total }], total });
const confirmed = (orderId: string, total = eur(100)) => event(OrderConfirmed, { orderId, customerId, total });
const cancelled = (orderId: string, from: 'placed' | 'confirmed', total = eur(100)) =>
  event(OrderCancelled, { orderId, customerId, total, from });

const none = { placed: 0, confirmed: 0, rejected: 0, cancelled: 0 };
const ada = { customerId, orders: none, confirmedTotals: [], latestOrders: ['a'] };

describe('OrdersByCustomer', () => {
  it('counts the orders of each customer by how they stand', () => {
    given(OrdersByCustomer)
      .when(placed('a'), placed('b'), event(OrderPlaced, { ...placed('c').data, customerId: 'bob' }))
      .then({
        ada: { ...ada, orders: { ...none, placed: 2 }, latestOrders: ['b', 'a'] },
        bob: { ...ada, customerId: 'bob', orders: { ...none, placed: 1 }, latestOrders: ['c'] },
      });
    given(OrdersByCustomer, placed('a'))
      .when(event(OrderRejected, { orderId: 'a', customerId, reason: 'OutOfStock' }))
      .then({ ada: { ...ada, orders: { ...none, rejected: 1 } } });
    given(OrdersByCustomer, placed('a'))
      .when(cancelled('a', 'placed'))
      .then({ ada: { ...ada, orders: { ...none, cancelled: 1 } } });
  });

  it('adds up what the confirmed orders come to, in each currency', () => {
    const usd = { amount: 7, currency: 'USD' };
    given(OrdersByCustomer, placed('a'), placed('b', usd), placed('c'), confirmed('b', usd), confirmed('a'))
      .when(confirmed('c'))
      .then({
        ada: {
          customerId,
          orders: { ...none, confirmed: 3 },
          confirmedTotals: [
            { amount: '200', currency: 'EUR' },
            { amount: '7', currency: 'USD' },
          ],
          latestOrders: ['c', 'b', 'a'],
        },
      });
  });

  it('takes a confirmed order off the sum when it is cancelled', () => {
    given(OrdersByCustomer, placed('a'), confirmed('a'))
      .when(cancelled('a', 'confirmed'))
      .then({
        ada: { ...ada, orders: { ...none, cancelled: 1 }, confirmedTotals: [{ amount: '0', currency: 'EUR' }] },
      });
  });

  it('is right about sums past what a number holds exactly', () => {
    const most = eur(Number.MAX_SAFE_INTEGER);
    given(OrdersByCustomer, placed('a', most), placed('b', most), confirmed('a', most))
      .when(confirmed('b', most))
      .then({
        ada: {
          customerId,
          orders: { ...none, confirmed: 2 },
          confirmedTotals: [{ amount: '18014398509481982', currency: 'EUR' }],
          latestOrders: ['b', 'a'],
        },
      });
  });

  it('names the latest orders only', () => {
    const ids = Array.from({ length: LATEST_ORDERS + 5 }, (_, index) => `order-${index}`);
    given(OrdersByCustomer)
      .when(...ids.map((id) => placed(id)))
      .then({
        ada: {
          ...ada,
          orders: { ...none, placed: ids.length },
          latestOrders: ids.slice(5).reverse(),
        },
      });
  });
});
