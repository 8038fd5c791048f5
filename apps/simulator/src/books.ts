import { setTimeout as delay } from 'node:timers/promises';
import type { MarketplaceClient, Order } from './marketplace-client.js';
import type { Traffic } from './traffic.js';

/** An order that the marketplace has acknowledged. */
export interface PlacedOrder {
  readonly orderId: string;
  readonly position: string;
}

/** What the books say at the end of the day. */
export interface Closing {
  readonly orders: Readonly<Record<Order['status'] | 'lost', number>>;
  /** What does not add up, in words; empty when the books balance. */
  readonly differences: readonly string[];
}

/**
 * Closes the books: every acknowledged order is there, once, and has an end state, nothing is reserved any more, and for every
 * good what was received is what is on hand and what confirmed orders took. Looks again until that is so or time is up.
 * @param timeoutMs how long the marketplace may take to settle
 */
export async function closeBooks(
  marketplace: MarketplaceClient,
  { shelves, errands }: Traffic,
  placed: readonly PlacedOrder[],
  timeoutMs: number,
  looked: (settled: number) => void,
): Promise<Closing> {
  const until = performance.now() + timeoutMs;
  const orders = new Map<string, Order>();
  for (;;) {
    for (const { orderId, position } of placed) {
      if (isEnded(orders.get(orderId))) continue;
      const order = await marketplace.order(orderId, position);
      if (order) orders.set(orderId, order);
    }
    looked([...orders.values()].filter(isEnded).length);
    const closing = await balance(marketplace, shelves, placed, orders);
    if (closing.differences.length === 0 || performance.now() > until) {
      return { ...closing, differences: [...closing.differences, ...(await doubled(marketplace, errands))] };
    }
    // A confirmed order may still be on its way to being cancelled: what is not balanced is looked up again.
    for (const [orderId, { status }] of orders) if (status === 'confirmed') orders.delete(orderId);
    await delay(100);
  }
}

const isEnded = (order: Order | undefined) => order !== undefined && order.status !== 'placed';

async function balance(
  marketplace: MarketplaceClient,
  shelves: ReadonlyMap<string, number>,
  placed: readonly PlacedOrder[],
  orders: ReadonlyMap<string, Order>,
): Promise<Closing> {
  const counts = { placed: 0, confirmed: 0, rejected: 0, cancelled: 0, lost: 0 };
  const differences: string[] = [];
  const sold = new Map<string, number>();
  for (const { orderId } of placed) {
    const order = orders.get(orderId);
    counts[order?.status ?? 'lost']++;
    if (!order) differences.push(`order ${orderId} was acknowledged and is not there`);
    else if (order.status === 'placed') differences.push(`order ${orderId} has no end state`);
    else if (order.status === 'confirmed') {
      for (const { sku, quantity } of order.lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
    }
  }
  for (const [sku, received] of shelves) {
    const level = await marketplace.stockLevel(sku);
    if (!level) {
      differences.push(`${sku}: ${received} received, and it is not known`);
      continue;
    }
    const { onHand, reserved, available } = level;
    const expected = received - (sold.get(sku) ?? 0);
    if (reserved !== 0) differences.push(`${sku}: ${reserved} still reserved`);
    if (onHand !== expected)
      differences.push(`${sku}: ${received} received, ${sold.get(sku) ?? 0} sold, but ${onHand} on hand`);
    if (available !== onHand - reserved || available < 0)
      differences.push(`${sku}: ${available} available of ${onHand} on hand`);
  }
  return { orders: counts, differences };
}

/** Customers for whom there are more orders, or fewer, than they have placed. */
async function doubled(marketplace: MarketplaceClient, errands: Traffic['errands']): Promise<string[]> {
  const differences: string[] = [];
  for (const [customerId, own] of Map.groupBy(errands, (errand) => errand.customerId)) {
    const count = await marketplace.countOrders(customerId);
    if (count !== own.length) differences.push(`${customerId} placed ${own.length} orders, but there are ${count}`);
  }
  return differences;
}
