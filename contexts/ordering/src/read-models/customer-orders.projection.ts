import { Project, Projection } from '@gesta/core';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import type { OrderStatus } from './order-summary.projection.js';

/** How many orders a customer's document names, the latest ones. */
export const LATEST_ORDERS = 20;

/** What a customer has ordered so far. */
export interface CustomerOrders {
  readonly customerId: string;
  /** How many orders stand how. */
  readonly orders: Readonly<Record<OrderStatus, number>>;
  /** What the confirmed ones come to, in each currency. */
  readonly confirmedTotals: readonly Sum[];
  /** The ids of the latest orders, newest first, at most 20. */
  readonly latestOrders: readonly string[];
}

/** A sum of any number of orders may be past what a number holds exactly: its amount is a decimal string. */
export interface Sum {
  readonly amount: string;
  readonly currency: string;
}

const byCustomer = ({ customerId }: { customerId: string }) => customerId;

@Projection({ name: 'customer-orders' })
export class OrdersByCustomer {
  @Project(OrderPlaced, byCustomer)
  placed({ customerId, orderId }: OrderPlaced, before = noOrders(customerId)): CustomerOrders {
    const latestOrders = [orderId, ...before.latestOrders].slice(0, LATEST_ORDERS);
    return { ...before, orders: { ...before.orders, placed: before.orders.placed + 1 }, latestOrders };
  }

  @Project(OrderConfirmed, byCustomer)
  confirmed({ customerId, total }: OrderConfirmed, before = noOrders(customerId)): CustomerOrders {
    const { amount, currency } = total;
    return {
      ...moved(before, 'placed', 'confirmed'),
      confirmedTotals: added(before.confirmedTotals, currency, BigInt(amount)),
    };
  }

  @Project(OrderRejected, byCustomer)
  rejected({ customerId }: OrderRejected, before = noOrders(customerId)): CustomerOrders {
    return moved(before, 'placed', 'rejected');
  }

  @Project(OrderCancelled, byCustomer)
  cancelled({ customerId, total, from }: OrderCancelled, before = noOrders(customerId)): CustomerOrders {
    const after = moved(before, from, 'cancelled');
    if (from === 'placed') return after;
    return { ...after, confirmedTotals: added(before.confirmedTotals, total.currency, -BigInt(total.amount)) };
  }
}

function noOrders(customerId: string): CustomerOrders {
  return {
    customerId,
    orders: { placed: 0, confirmed: 0, rejected: 0, cancelled: 0 },
    confirmedTotals: [],
    latestOrders: [],
  };
}

function moved(before: CustomerOrders, from: OrderStatus, to: OrderStatus): CustomerOrders {
  const { orders } = before;
  return { ...before, orders: { ...orders, [from]: orders[from] - 1, [to]: orders[to] + 1 } };
}

function added(sums: readonly Sum[], currency: string, amount: bigint): Sum[] {
  const others = sums.filter((sum) => sum.currency !== currency);
  const before = sums.find((sum) => sum.currency === currency)?.amount ?? '0';
  const after = { amount: (BigInt(before) + amount).toString(), currency };
  return [...others, after].sort((one, other) => (one.currency < other.currency ? -1 : 1));
}
