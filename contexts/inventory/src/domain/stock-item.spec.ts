import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import { CommitStock, ReleaseStock, ReserveStock } from '../contract/stock-commands.js';
import {
  ReservationExpired,
  StockCommitted,
  StockReceived,
  StockReleased,
  StockReserved,
  StockReturned,
} from '../contract/stock-events.js';
import { ExpireReservation } from './expire-reservation.js';
import { ReceiveStock } from './receive-stock.js';
import { OutOfStock, QuantityDiffers, ReservationEnded, ReservationNotHeld, UnknownItem } from './stock-errors.js';
import { REMEMBERED_ORDERS, StockItem } from './stock-item.js';

const sku = 'chair';
const received = (quantity: number) => event(StockReceived, { sku, quantity });
const reserved = (orderId: string, quantity: number, reservation: number) =>
  event(StockReserved, { sku, orderId, quantity, reservation });
const committed = (orderId: string, quantity: number, reservation: number) =>
  event(StockCommitted, { sku, orderId, quantity, reservation });
const released = (orderId: string, quantity: number, reservation: number) =>
  event(StockReleased, { sku, orderId, quantity, reservation });
const expired = (orderId: string, quantity: number, reservation: number) =>
  event(ReservationExpired, { sku, orderId, quantity, reservation });
const returned = (orderId: string, quantity: number) => event(StockReturned, { sku, orderId, quantity });

describe('StockItem', () => {
  it('takes units into stock', () => {
    given(StockItem)
      .when(new ReceiveStock({ sku, quantity: 10 }))
      .then(received(10));
  });

  describe('asked to reserve', () => {
    const reserve = (orderId: string, quantity: number) => new ReserveStock({ sku, orderId, quantity });

    it('holds the units for the order', () => {
      given(StockItem, received(10))
        .when(reserve('a', 4))
        .then(reserved('a', 4, 1));
    });

    it('holds the last unit, and not one more', () => {
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(reserve('b', 6))
        .then(reserved('b', 6, 2));
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(reserve('b', 7))
        .thenRefused(OutOfStock, "6 of item 'chair' available, 7 asked for");
    });

    it('does not know an item that never came in', () => {
      given(StockItem).when(reserve('a', 1)).thenRefused(UnknownItem);
    });

    it('states nothing when the order has the units already, held or sold', () => {
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(reserve('a', 4))
        .thenNothing();
      given(StockItem, received(10), reserved('a', 4, 1), committed('a', 4, 1))
        .when(reserve('a', 4))
        .thenNothing();
    });

    it('refuses another quantity for the same order', () => {
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(reserve('a', 5))
        .thenRefused(QuantityDiffers);
      given(StockItem, received(10), reserved('a', 4, 1), committed('a', 4, 1))
        .when(reserve('a', 5))
        .thenRefused(QuantityDiffers);
    });

    it('does not reserve again for an order that had its units and gave them up', () => {
      const past = [received(10), reserved('a', 4, 1)];
      given(StockItem, ...past, released('a', 4, 1))
        .when(reserve('a', 4))
        .thenRefused(ReservationEnded);
      given(StockItem, ...past, expired('a', 4, 1))
        .when(reserve('a', 4))
        .thenRefused(ReservationEnded);
      given(StockItem, ...past, committed('a', 4, 1), returned('a', 4))
        .when(reserve('a', 4))
        .thenRefused(ReservationEnded);
    });

    it('holds units again that were released, expired or returned', () => {
      const past = [received(4), reserved('a', 4, 1)];
      given(StockItem, ...past, released('a', 4, 1))
        .when(reserve('b', 4))
        .then(reserved('b', 4, 2));
      given(StockItem, ...past, expired('a', 4, 1))
        .when(reserve('b', 4))
        .then(reserved('b', 4, 2));
      given(StockItem, ...past, committed('a', 4, 1), returned('a', 4))
        .when(reserve('b', 4))
        .then(reserved('b', 4, 2));
    });

    it('does not sell units twice', () => {
      given(StockItem, received(4), reserved('a', 4, 1), committed('a', 4, 1))
        .when(reserve('b', 1))
        .thenRefused(OutOfStock);
    });

    it('takes an order by the name of something that every object has for an order like any other', () => {
      given(StockItem, received(1))
        .when(reserve('constructor', 1))
        .then(reserved('constructor', 1, 1));
      given(StockItem, received(1), reserved('constructor', 1, 1))
        .when(reserve('constructor', 1))
        .thenNothing();
    });
  });

  describe('asked to commit', () => {
    const commit = new CommitStock({ sku, orderId: 'a' });

    it('sells what it holds for the order', () => {
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(commit)
        .then(committed('a', 4, 1));
    });

    it('sells it once', () => {
      given(StockItem, received(10), reserved('a', 4, 1), committed('a', 4, 1))
        .when(commit)
        .thenNothing();
    });

    it('refuses when it holds nothing for the order, or no longer does', () => {
      const past = [received(10), reserved('a', 4, 1)];
      given(StockItem, received(10), reserved('b', 4, 1))
        .when(commit)
        .thenRefused(ReservationNotHeld);
      given(StockItem, ...past, released('a', 4, 1))
        .when(commit)
        .thenRefused(ReservationNotHeld);
      given(StockItem, ...past, expired('a', 4, 1))
        .when(commit)
        .thenRefused(ReservationNotHeld);
      given(StockItem, ...past, committed('a', 4, 1), returned('a', 4))
        .when(commit)
        .thenRefused(ReservationNotHeld);
    });
  });

  describe('asked to release', () => {
    const release = new ReleaseStock({ sku, orderId: 'a' });

    it('frees what it holds for the order', () => {
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(release)
        .then(released('a', 4, 1));
    });

    it('takes back what it sold to the order', () => {
      given(StockItem, received(10), reserved('a', 4, 1), committed('a', 4, 1))
        .when(release)
        .then(returned('a', 4));
    });

    it('states nothing when the order has nothing, or nothing any more', () => {
      const past = [received(10), reserved('a', 4, 1)];
      given(StockItem, received(10)).when(release).thenNothing();
      given(StockItem, ...past, released('a', 4, 1))
        .when(release)
        .thenNothing();
      given(StockItem, ...past, expired('a', 4, 1))
        .when(release)
        .thenNothing();
      given(StockItem, ...past, committed('a', 4, 1), returned('a', 4))
        .when(release)
        .thenNothing();
    });

    it('goes by its own memory, whatever the sender says was sold', () => {
      const sold = new ReleaseStock({ sku, orderId: 'a', sold: 9 });
      const past = [received(10), reserved('a', 4, 1)];
      given(StockItem, ...past, committed('a', 4, 1))
        .when(sold)
        .then(returned('a', 4));
      given(StockItem, ...past, committed('a', 4, 1), returned('a', 4))
        .when(sold)
        .thenNothing();
      given(StockItem, ...past, expired('a', 4, 1))
        .when(sold)
        .thenNothing();
    });

    it('takes back what the sender says was sold, to an order from before its memory', () => {
      const others = Array.from({ length: REMEMBERED_ORDERS }, (_, index) => [
        reserved(`other-${index}`, 1, index + 2),
        committed(`other-${index}`, 1, index + 2),
      ]).flat();
      const past = [received(10_000), reserved('a', 4, 1), committed('a', 4, 1)];
      const sold = new ReleaseStock({ sku, orderId: 'a', sold: 4 });
      given(StockItem, ...past, ...others.slice(2))
        .when(release)
        .then(returned('a', 4));
      given(StockItem, ...past, ...others)
        .when(release)
        .thenNothing();
      given(StockItem, ...past, ...others)
        .when(sold)
        .then(returned('a', 4));
      given(StockItem, ...past, ...others, returned('a', 4))
        .when(sold)
        .thenNothing();
    });
  });

  describe('told that a reservation has expired', () => {
    const expire = (reservation: number) => new ExpireReservation({ sku, orderId: 'a', reservation });

    it('frees the units', () => {
      given(StockItem, received(10), reserved('a', 4, 1))
        .when(expire(1))
        .then(expired('a', 4, 1));
    });

    it('states nothing when they are sold or released already', () => {
      const past = [received(10), reserved('a', 4, 1)];
      given(StockItem, ...past, committed('a', 4, 1))
        .when(expire(1))
        .thenNothing();
      given(StockItem, ...past, released('a', 4, 1))
        .when(expire(1))
        .thenNothing();
      given(StockItem, ...past, expired('a', 4, 1))
        .when(expire(1))
        .thenNothing();
    });

    it('leaves another reservation of the same order alone', () => {
      given(StockItem, received(10), reserved('a', 4, 2))
        .when(expire(1))
        .thenNothing();
    });
  });
});
