import { Aggregate, Apply, event, Handle, type Decision } from '@gesta/core';
import type { Money } from '@marketplace/values';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import { CancelOrder, ConfirmOrder, PlaceOrder, RejectOrder } from './order-commands.js';
import { OrderAlreadyPlaced, OrderAlreadyRejected, OrderNotFound, OrderNotOpen } from './order-errors.js';
import { orderTotal } from './order-total.js';

/** An order, from `placed` to `confirmed`, `rejected` or `cancelled`; a confirmed one may still be cancelled. */
@Aggregate({ category: 'ordering.order', id: 'orderId' })
export class Order {
  private status: 'none' | 'placed' | 'confirmed' | 'rejected' | 'cancelled' = 'none';
  private customerId = '';
  private total: Money = { amount: 0, currency: '' };

  // Folding

  @Apply(OrderPlaced)
  placed({ customerId, total }: OrderPlaced) {
    this.status = 'placed';
    this.customerId = customerId;
    this.total = total;
  }

  @Apply(OrderConfirmed)
  confirmed() {
    this.status = 'confirmed';
  }

  @Apply(OrderRejected)
  rejected() {
    this.status = 'rejected';
  }

  @Apply(OrderCancelled)
  cancelled() {
    this.status = 'cancelled';
  }

  // Deciding

  @Handle(PlaceOrder)
  place({ orderId, customerId, lines }: PlaceOrder) {
    if (this.status !== 'none') throw new OrderAlreadyPlaced(orderId);
    return event(OrderPlaced, { orderId, customerId, lines, total: orderTotal(lines) });
  }

  @Handle(ConfirmOrder)
  confirm({ orderId }: ConfirmOrder): Decision {
    if (this.status === 'none') throw new OrderNotFound(orderId);
    if (this.status === 'confirmed') return undefined;
    if (this.status !== 'placed') throw new OrderNotOpen(orderId, this.status);
    return event(OrderConfirmed, { orderId, customerId: this.customerId, total: this.total });
  }

  @Handle(RejectOrder)
  reject({ orderId, reason }: RejectOrder): Decision {
    if (this.status === 'none') throw new OrderNotFound(orderId);
    if (this.status === 'rejected') return undefined;
    if (this.status !== 'placed') throw new OrderNotOpen(orderId, this.status);
    return event(OrderRejected, { orderId, customerId: this.customerId, reason });
  }

  @Handle(CancelOrder)
  cancel({ orderId, reason }: CancelOrder): Decision {
    if (this.status === 'none') throw new OrderNotFound(orderId);
    if (this.status === 'cancelled') return undefined; // what was asked for is so already
    if (this.status === 'rejected') throw new OrderAlreadyRejected(orderId);
    const { customerId, total, status: from } = this;
    return event(OrderCancelled, { orderId, customerId, total, from, reason });
  }
}
