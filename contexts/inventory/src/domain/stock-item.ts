import { Aggregate, Apply, event, Handle, type Decision } from '@gesta/core';
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

/** How many of the orders that are through with an item it remembers, the latest ones. */
export const REMEMBERED_ORDERS = 1_000;

/** Units that are held for an order. */
interface Reservation {
  readonly reservation: number;
  readonly quantity: number;
}

/** An order that is through with the item: it bought units, or (`sold` is 0) it has none any more. */
interface PastOrder {
  readonly orderId: string;
  readonly sold: number;
}

/**
 * The stock of one item. Its rule: no more units are held than are on hand, and what is held for one order is sold to no
 * other.
 *
 * What it remembers is bounded. Reservations are no more than there are units, and end within the time that
 * `reservation-expiry` gives them. Of the orders that are through with it, it remembers the latest thousand: by them it
 * knows a late repeat of a command, and how much comes back when an order that bought is cancelled. For an order from
 * before that, the sender of `ReleaseStock` says how much was sold: it has been told by `StockCommitted`.
 */
@Aggregate({ category: 'inventory.item', id: 'sku', snapshot: { every: 500 } })
export class StockItem {
  private known = false;
  private onHand = 0;
  private reserved = 0;
  private reservations = 0;
  private held: Record<string, Reservation> = {};
  private past: PastOrder[] = [];

  // Folding

  @Apply(StockReceived)
  received({ quantity }: StockReceived) {
    this.known = true;
    this.onHand += quantity;
  }

  @Apply(StockReserved)
  heldFor({ orderId, quantity, reservation }: StockReserved) {
    this.reservations = reservation;
    this.reserved += quantity;
    this.held[orderId] = { reservation, quantity };
  }

  @Apply(StockCommitted)
  sold({ orderId, quantity }: StockCommitted) {
    this.onHand -= quantity;
    this.end(orderId, quantity, quantity);
  }

  @Apply(StockReleased)
  released({ orderId, quantity }: StockReleased) {
    this.end(orderId, quantity, 0);
  }

  @Apply(ReservationExpired)
  expired({ orderId, quantity }: ReservationExpired) {
    this.end(orderId, quantity, 0);
  }

  @Apply(StockReturned)
  returned({ orderId, quantity }: StockReturned) {
    this.onHand += quantity;
    this.past = this.past.filter((order) => order.orderId !== orderId);
    this.remember({ orderId, sold: 0 });
  }

  // Deciding

  @Handle(ReceiveStock)
  receive({ sku, quantity }: ReceiveStock) {
    return event(StockReceived, { sku, quantity });
  }

  @Handle(ReserveStock)
  reserve({ sku, orderId, quantity }: ReserveStock): Decision {
    if (!this.known) throw new UnknownItem(sku);
    const has = this.heldBy(orderId)?.quantity ?? this.pastOrder(orderId)?.sold;
    if (has === 0) throw new ReservationEnded(sku, orderId);
    if (has === quantity) return undefined; // it has them: the command came again
    if (has !== undefined) throw new QuantityDiffers(sku, orderId, has, quantity);
    const available = this.onHand - this.reserved;
    if (available < quantity) throw new OutOfStock(sku, available, quantity);
    return event(StockReserved, { sku, orderId, quantity, reservation: this.reservations + 1 });
  }

  @Handle(CommitStock)
  commit({ sku, orderId }: CommitStock): Decision {
    const held = this.heldBy(orderId);
    if (held) return event(StockCommitted, { sku, orderId, ...held });
    if (this.pastOrder(orderId)?.sold) return undefined; // sold already: the command came again
    throw new ReservationNotHeld(sku, orderId);
  }

  @Handle(ReleaseStock)
  release({ sku, orderId, sold }: ReleaseStock): Decision {
    const held = this.heldBy(orderId);
    if (held) return event(StockReleased, { sku, orderId, ...held });
    const quantity = this.pastOrder(orderId)?.sold ?? sold ?? 0;
    return quantity > 0 ? event(StockReturned, { sku, orderId, quantity }) : undefined;
  }

  @Handle(ExpireReservation)
  expire({ sku, orderId, reservation }: ExpireReservation): Decision {
    const held = this.heldBy(orderId);
    return held?.reservation === reservation ? event(ReservationExpired, { sku, orderId, ...held }) : undefined;
  }

  private heldBy(orderId: string): Reservation | undefined {
    // An order may be called 'constructor'.
    return Object.hasOwn(this.held, orderId) ? this.held[orderId] : undefined;
  }

  private pastOrder(orderId: string): PastOrder | undefined {
    return this.past.find((order) => order.orderId === orderId);
  }

  /** Ends a reservation. */
  private end(orderId: string, quantity: number, sold: number): void {
    this.reserved -= quantity;
    delete this.held[orderId];
    this.remember({ orderId, sold });
  }

  private remember(order: PastOrder): void {
    this.past.push(order);
    if (this.past.length > REMEMBERED_ORDERS) this.past.shift();
  }
}
