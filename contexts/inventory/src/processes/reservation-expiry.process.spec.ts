import { describe, it } from '@jest/globals';
import { complete, deadline, event, send } from '@gesta/core';
import { due, given } from '@gesta/testing';
import { ReservationExpired, StockCommitted, StockReleased, StockReserved } from '../contract/stock-events.js';
import { ExpireReservation } from '../domain/expire-reservation.js';
import { RESERVATION_TIME, ReservationExpiry } from './reservation-expiry.process.js';

const reservation = { sku: 'chair', orderId: 'a', quantity: 4, reservation: 7 };
const reserved = event(StockReserved, reservation);

describe('ReservationExpiry', () => {
  it('gives a reservation its time', () => {
    given(ReservationExpiry).when(reserved).then(deadline('expiry', RESERVATION_TIME));
  });

  it('ends a reservation whose time is up', () => {
    given(ReservationExpiry, reserved)
      .when(due('expiry'))
      .then(send(ExpireReservation, { sku: 'chair', orderId: 'a', reservation: 7 }));
  });

  it.each([
    ['sold', event(StockCommitted, reservation)],
    ['released', event(StockReleased, reservation)],
    ['expired', event(ReservationExpired, reservation)],
  ])('has done its work once the units are %s', (_, happened) => {
    given(ReservationExpiry, reserved).when(happened).then(complete());
    given(ReservationExpiry, reserved, happened).when(due('expiry')).thenNothing();
  });

  it('keeps a reservation apart from an earlier one of the same order', () => {
    const later = event(StockReserved, { ...reservation, reservation: 8 });
    given(ReservationExpiry, reserved, event(StockReleased, reservation), later)
      .when(due('expiry', 'chair/8'))
      .then(send(ExpireReservation, { sku: 'chair', orderId: 'a', reservation: 8 }));
  });
});
