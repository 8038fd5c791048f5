import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import { CancelOrder, ConfirmOrder, PlaceOrder, RejectOrder } from './order-commands.js';
import {
  MixedCurrencies,
  OrderAlreadyPlaced,
  OrderAlreadyRejected,
  OrderNotFound,
  OrderNotOpen,
} from './order-errors.js';
import { Order } from './order.js';

const orderId = 'order-1';
const customerId = 'ada';
const total = { amount: 9_900, currency: 'EUR' };
const lines = [{ sku: 'chair', quantity: 2, unitPrice: { amount: 4_950, currency: 'EUR' } }];

const placed = event(OrderPlaced, { orderId, customerId, lines, total });
const confirmed = event(OrderConfirmed, { orderId, customerId, total });
const rejected = event(OrderRejected, { orderId, customerId, reason: 'OutOfStock' });
const cancelled = event(OrderCancelled, { orderId, customerId, total, from: 'placed' });

describe('Order', () => {
  it('is placed with its total', () => {
    given(Order).when(new PlaceOrder({ orderId, customerId, lines })).then(placed);
  });

  it('is placed once', () => {
    given(Order, placed).when(new PlaceOrder({ orderId, customerId, lines })).thenRefused(OrderAlreadyPlaced);
    given(Order, placed, cancelled)
      .when(new PlaceOrder({ orderId, customerId, lines }))
      .thenRefused(OrderAlreadyPlaced);
  });

  it('has lines in one currency', () => {
    const foreign = { sku: 'table', quantity: 1, unitPrice: { amount: 1, currency: 'USD' } };
    given(Order)
      .when(new PlaceOrder({ orderId, customerId, lines: [...lines, foreign] }))
      .thenRefused(MixedCurrencies, 'All lines of an order are in one currency, not in EUR and USD');
  });

  it('is confirmed while it is open, once', () => {
    given(Order, placed).when(new ConfirmOrder({ orderId })).then(confirmed);
    given(Order, placed, confirmed).when(new ConfirmOrder({ orderId })).thenNothing();
    given(Order, placed, cancelled).when(new ConfirmOrder({ orderId })).thenRefused(OrderNotOpen);
    given(Order, placed, rejected).when(new ConfirmOrder({ orderId })).thenRefused(OrderNotOpen);
  });

  it('is rejected while it is open, once', () => {
    const reject = new RejectOrder({ orderId, reason: 'OutOfStock' });
    given(Order, placed).when(reject).then(rejected);
    given(Order, placed, rejected).when(reject).thenNothing();
    given(Order, placed, cancelled).when(reject).thenRefused(OrderNotOpen, "Order 'order-1' is cancelled already");
    given(Order, placed, confirmed).when(reject).thenRefused(OrderNotOpen, "Order 'order-1' is confirmed already");
  });

  it('is cancelled while it is placed or confirmed, and remembers which', () => {
    given(Order, placed)
      .when(new CancelOrder({ orderId, reason: 'Changed my mind' }))
      .then(event(OrderCancelled, { orderId, customerId, total, from: 'placed', reason: 'Changed my mind' }));
    given(Order, placed, confirmed)
      .when(new CancelOrder({ orderId }))
      .then(event(OrderCancelled, { orderId, customerId, total, from: 'confirmed' }));
  });

  it('stays cancelled when it is cancelled again', () => {
    given(Order, placed, cancelled)
      .when(new CancelOrder({ orderId, reason: 'Once more' }))
      .thenNothing();
  });

  it('is not cancelled after it was rejected', () => {
    given(Order, placed, rejected).when(new CancelOrder({ orderId })).thenRefused(OrderAlreadyRejected);
  });

  it('is not found before it is placed', () => {
    given(Order).when(new CancelOrder({ orderId })).thenRefused(OrderNotFound);
    given(Order).when(new ConfirmOrder({ orderId })).thenRefused(OrderNotFound);
    given(Order)
      .when(new RejectOrder({ orderId, reason: 'None' }))
      .thenRefused(OrderNotFound);
  });
});
