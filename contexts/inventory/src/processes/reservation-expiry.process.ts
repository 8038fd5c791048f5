import { complete, deadline, OnDeadline, ProcessManager, send, When } from '@gesta/core';
import { ReservationExpired, StockCommitted, StockReleased, StockReserved } from '../contract/stock-events.js';
import { ExpireReservation } from '../domain/expire-reservation.js';

/** How long units are held for an order that neither buys them nor gives them up. */
export const RESERVATION_TIME = { minutes: 30 };

/** A reservation of its own each: `chair/7` is the seventh of item `chair`. No sku holds a slash. */
const byReservation = ({ sku, reservation }: { sku: string; reservation: number }) => `${sku}/${reservation}`;

/** Sees to it that no reservation is held for ever, whatever becomes of the one who made it. */
@ProcessManager({ name: 'reservation-expiry', startFrom: 'beginning' })
export class ReservationExpiry {
  private sku = '';
  private orderId = '';
  private reservation = 0;

  @When(StockReserved, byReservation)
  held({ sku, orderId, reservation }: StockReserved) {
    Object.assign(this, { sku, orderId, reservation });
    return deadline('expiry', RESERVATION_TIME);
  }

  @OnDeadline('expiry')
  heldTooLong() {
    const { sku, orderId, reservation } = this;
    return send(ExpireReservation, { sku, orderId, reservation });
  }

  @When(StockCommitted, byReservation)
  sold() {
    return complete();
  }

  @When(StockReleased, byReservation)
  released() {
    return complete();
  }

  @When(ReservationExpired, byReservation)
  expired() {
    return complete();
  }
}
