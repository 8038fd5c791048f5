import { describe, it } from '@jest/globals';
import { cancelDeadline, complete, deadline, event, send } from '@gesta/core';
import { due, given, on, refused } from '@gesta/testing';
import {
  CommitStock,
  ReleaseStock,
  ReservationExpired,
  ReserveStock,
  StockCommitted,
  StockReleased,
  StockReserved,
  StockReturned,
} from '@marketplace/inventory/contract';
import { OrderCancelled, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import { ConfirmOrder, RejectOrder } from '../domain/order-commands.js';
import { OrderFulfilment, TIME_TO_RESERVE } from './order-fulfilment.process.js';

const orderId = 'order-1';
const customerId = 'ada';
const unitPrice = { amount: 100, currency: 'EUR' };
const total = { amount: 300, currency: 'EUR' };
const quantities = { chair: 2, table: 1 };
type Sku = keyof typeof quantities;

const ordering = (happened: Parameters<typeof on>[1]) => on(`ordering.order-${orderId}`, happened);
const placed = ordering(
  event(OrderPlaced, {
    orderId,
    customerId,
    lines: Object.entries(quantities).map(([sku, quantity]) => ({ sku, quantity, unitPrice })),
    total,
  }),
);
const cancelled = (from: 'placed' | 'confirmed') =>
  ordering(event(OrderCancelled, { orderId, customerId, total, from }));

const units = (sku: Sku) => ({ sku, orderId, quantity: quantities[sku], reservation: 1 });
const reserved = (sku: Sku) => event(StockReserved, units(sku));
const committed = (sku: Sku) => event(StockCommitted, units(sku));
const released = (sku: Sku) => event(StockReleased, units(sku));
const expired = (sku: Sku) => event(ReservationExpired, units(sku));
const returned = (sku: Sku) => event(StockReturned, { sku, orderId, quantity: quantities[sku] });

const reserve = (sku: Sku) => send(ReserveStock, { sku, orderId, quantity: quantities[sku] });
const commit = (sku: Sku) => send(CommitStock, { sku, orderId });
const release = (sku: Sku) => send(ReleaseStock, { sku, orderId });
const takeBack = (sku: Sku) => send(ReleaseStock, { sku, orderId, sold: quantities[sku] });
const confirm = send(ConfirmOrder, { orderId });
const reject = (reason: string) => send(RejectOrder, { orderId, reason });

const outOfStock = { name: 'OutOfStock', message: 'None left' };
const notHeld = { name: 'ReservationNotHeld', message: 'Not held' };
const bothReserved = [placed, reserved('chair'), reserved('table')];
const bothCommitted = [...bothReserved, committed('chair'), committed('table')];

describe('OrderFulfilment', () => {
  describe('when all goes well', () => {
    it('reserves every line of a new order, within a time', () => {
      given(OrderFulfilment)
        .when(placed)
        .then(reserve('chair'), reserve('table'), deadline('reservation', TIME_TO_RESERVE));
    });

    it('waits until every line is reserved, then commits them all', () => {
      given(OrderFulfilment, placed).when(reserved('chair')).thenNothing();
      given(OrderFulfilment, placed, reserved('chair'))
        .when(reserved('table'))
        .then(cancelDeadline('reservation'), commit('chair'), commit('table'));
    });

    it('waits until every line is committed, then confirms the order', () => {
      given(OrderFulfilment, ...bothReserved)
        .when(committed('table'))
        .thenNothing();
      given(OrderFulfilment, ...bothReserved, committed('table'))
        .when(committed('chair'))
        .then(confirm);
    });
  });

  describe('when a line cannot be reserved', () => {
    it('rejects the order with the reason and releases the lines that are reserved', () => {
      given(OrderFulfilment, placed, reserved('chair'))
        .when(refused(reserve('table'), outOfStock))
        .then(reject('OutOfStock: None left'), cancelDeadline('reservation'), release('chair'));
    });

    it('waits for the answers that are outstanding and releases what comes late', () => {
      given(OrderFulfilment, placed)
        .when(refused(reserve('table'), outOfStock))
        .then(reject('OutOfStock: None left'), cancelDeadline('reservation'));
      given(OrderFulfilment, placed, refused(reserve('table'), outOfStock))
        .when(reserved('chair'))
        .then(release('chair'));
    });

    it('is complete once nothing is held and no answer outstanding', () => {
      given(OrderFulfilment, placed, refused(reserve('table'), outOfStock), reserved('chair'))
        .when(released('chair'))
        .then(complete());
      given(OrderFulfilment, placed, refused(reserve('table'), outOfStock))
        .when(refused(reserve('chair'), outOfStock))
        .then(complete());
    });

    it('rejects with the first reason, once', () => {
      given(OrderFulfilment, placed, refused(reserve('table'), outOfStock))
        .when(refused(reserve('chair'), { name: 'UnknownItem', message: 'No such item' }))
        .then(complete());
    });

    it('releases a line that was refused and is reserved after all', () => {
      given(OrderFulfilment, placed, refused(reserve('table'), outOfStock))
        .when(reserved('table'))
        .then(release('table'));
    });

    it('keeps a long reason within what an order takes', () => {
      const message = 'x'.repeat(1_000);
      given(OrderFulfilment, placed)
        .when(refused(reserve('table'), { name: 'OutOfStock', message }))
        .then(reject(`OutOfStock: ${message}`.slice(0, 500)), cancelDeadline('reservation'));
    });
  });

  describe('when the time is up', () => {
    it('rejects the order and releases what is reserved', () => {
      given(OrderFulfilment, placed, reserved('chair'))
        .when(due('reservation'))
        .then(
          reject('TooLate: not every item could be reserved within 15 minutes'),
          cancelDeadline('reservation'),
          release('chair'),
        );
    });

    it('does nothing when everything is reserved by then', () => {
      given(OrderFulfilment, ...bothReserved)
        .when(due('reservation'))
        .thenNothing();
    });
  });

  describe('when a reservation expires', () => {
    it('rejects the order and releases the others', () => {
      given(OrderFulfilment, placed, reserved('chair'))
        .when(expired('chair'))
        .then(reject("ReservationExpired: item 'chair' was not sold in time"), cancelDeadline('reservation'));
    });

    it('waits for what becomes of the commands on their way, and takes back what was sold', () => {
      given(OrderFulfilment, ...bothReserved)
        .when(expired('chair'))
        .then(reject("ReservationExpired: item 'chair' was not sold in time"), cancelDeadline('reservation'));
      given(OrderFulfilment, ...bothReserved, expired('chair'))
        .when(refused(commit('chair'), notHeld))
        .thenNothing();
      given(OrderFulfilment, ...bothReserved, expired('chair'))
        .when(committed('table'))
        .then(takeBack('table'));
      given(OrderFulfilment, ...bothReserved, expired('chair'), committed('table'))
        .when(returned('table'))
        .then(complete());
    });

    it('is content when it was about to be released anyway', () => {
      given(OrderFulfilment, placed, reserved('chair'), refused(reserve('table'), outOfStock))
        .when(expired('chair'))
        .then(complete());
    });
  });

  describe('when a line cannot be committed', () => {
    it('rejects the order and takes back what was sold', () => {
      given(OrderFulfilment, ...bothReserved, committed('chair'))
        .when(refused(commit('table'), notHeld))
        .then(reject('ReservationNotHeld: Not held'), cancelDeadline('reservation'), takeBack('chair'));
    });
  });

  describe('when the customer cancels', () => {
    it('releases what is reserved, and later what comes late; it rejects nothing', () => {
      given(OrderFulfilment, placed, reserved('chair'))
        .when(cancelled('placed'))
        .then(cancelDeadline('reservation'), release('chair'));
      given(OrderFulfilment, placed, reserved('chair'), cancelled('placed'))
        .when(reserved('table'))
        .then(release('table'));
    });

    it('waits for commits on their way and takes back what they sold', () => {
      given(OrderFulfilment, ...bothReserved)
        .when(cancelled('placed'))
        .then(cancelDeadline('reservation'));
      given(OrderFulfilment, ...bothReserved, cancelled('placed'))
        .when(committed('chair'))
        .then(takeBack('chair'));
    });

    it('takes back everything that a confirmed order bought', () => {
      given(OrderFulfilment, ...bothCommitted)
        .when(cancelled('confirmed'))
        .then(cancelDeadline('reservation'), takeBack('chair'), takeBack('table'));
      given(OrderFulfilment, ...bothCommitted, cancelled('confirmed'), returned('chair'))
        .when(returned('table'))
        .then(complete());
    });

    it('does nothing more when the confirmation is refused for that reason', () => {
      given(OrderFulfilment, ...bothCommitted, cancelled('placed'))
        .when(refused(confirm, { name: 'OrderNotOpen', message: 'Cancelled' }))
        .thenNothing();
    });

    it('does nothing more when the rejection is refused for that reason', () => {
      given(OrderFulfilment, placed, refused(reserve('table'), outOfStock), cancelled('placed'))
        .when(refused(reject('OutOfStock: None left'), { name: 'OrderNotOpen', message: 'Cancelled' }))
        .thenNothing();
    });
  });

  describe('when the confirmation is refused', () => {
    it('gives everything back', () => {
      given(OrderFulfilment, ...bothCommitted)
        .when(refused(confirm, { name: 'OrderNotOpen', message: 'Not open' }))
        .then(reject('OrderNotOpen: Not open'), cancelDeadline('reservation'), takeBack('chair'), takeBack('table'));
    });
  });

  describe('when somebody else rejects the order', () => {
    it('gives back what it has', () => {
      given(OrderFulfilment, placed, reserved('chair'))
        .when(ordering(event(OrderRejected, { orderId, customerId, reason: 'Fraud' })))
        .then(cancelDeadline('reservation'), release('chair'));
    });
  });

  it('leaves the stock of orders that it does not know alone', () => {
    given(OrderFulfilment).when(reserved('chair')).thenNothing();
    given(OrderFulfilment).when(expired('chair')).thenNothing();
  });
});
