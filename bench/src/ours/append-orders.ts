import type { EventStore } from '@gesta/core';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';

/**
 * Appends orders to an empty store as they would come in: every order's events lie far apart in the log, which is the
 * hardest case for whoever keeps documents in memory.
 * @param orders how many
 * @param eventsEach how many events each of them has in the end
 * @param tell hears how many are appended
 * @param first the number of the first order
 */
export async function appendOrders(
  store: EventStore,
  orders: number,
  eventsEach: number,
  tell: (appended: number) => void = () => undefined,
  first = 0,
): Promise<void> {
  for (let revision = 0; revision < eventsEach; revision++) {
    for (let begun = 0; begun < orders; begun += TOGETHER) {
      const together: Promise<unknown>[] = [];
      for (let index = begun; index < Math.min(orders, begun + TOGETHER); index++) {
        const n = first + shuffled(index, orders);
        const event = orderEventToAppend(n, revision);
        together.push(
          store.append(orderStreamOf(n), [event], { expected: revision === 0 ? 'no-stream' : revision - 1 }),
        );
      }
      await Promise.all(together);
    }
    tell((revision + 1) * orders);
  }
}

const TOGETHER = 2_000;
const STRIDE = 48_271; // prime

/** The index-th order in an order that looks like none: every number below `orders` comes once. */
export function shuffled(index: number, orders: number): number {
  if (orders % STRIDE === 0)
    throw new RangeError(`${orders} orders cannot be shuffled: they are a multiple of ${STRIDE}`);
  return (index * STRIDE) % orders;
}
