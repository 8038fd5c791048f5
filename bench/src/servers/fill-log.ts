import type { EventStore } from '@gesta/core';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';

/** Streams that are written at once. */
const TOGETHER = 500;

/**
 * Appends orders, every order's events far apart in the log, as they would come in.
 * @param first the first order
 * @param tell hears how many are appended
 * @returns the position of the first event
 */
export async function fillLog(
  store: EventStore,
  { first, orders, eventsEach }: { first: number; orders: number; eventsEach: number },
  tell: (text: string) => void,
): Promise<bigint> {
  let start: bigint | undefined;
  const end = first + orders;
  for (let revision = 0; revision < eventsEach; revision++) {
    const expected = revision === 0 ? 'no-stream' : revision - 1;
    for (let order = first; order < end; order += TOGETHER) {
      const together = Array.from({ length: Math.min(TOGETHER, end - order) }, (_, index) =>
        store.append(orderStreamOf(order + index), [orderEventToAppend(order + index, revision)], { expected }),
      );
      const [appended] = await Promise.all(together);
      start ??= appended!.position;
    }
    tell(`preparing: ${((revision + 1) * orders).toLocaleString('en')} events`);
  }
  return start!;
}
