import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { shuffled } from '../ours/append-orders.js';
import type { FloorLog } from './floor-log.js';

/** How many events are committed at once. */
const TOGETHER = 2_000;

/** Fills an empty log with the same orders, in the same order of events, as `appendOrders` does a store. */
export function appendOrdersByHand(log: FloorLog, orders: number, eventsEach: number): void {
  for (let revision = 0; revision < eventsEach; revision++) {
    for (let first = 0; first < orders; first += TOGETHER) {
      log.together(() => {
        for (let index = first; index < Math.min(orders, first + TOGETHER); index++) {
          const n = shuffled(index, orders);
          log.append(orderStreamOf(n), revision, orderEventToAppend(n, revision));
        }
      });
    }
  }
}
