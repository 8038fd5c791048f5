import { randomUUID } from 'node:crypto';
import { StoreUnavailable, type EventToAppend, type JsonObject } from '@gesta/core';
import { setTimeout as delay } from 'node:timers/promises';
import { openEvents } from '../storage/open-stores.js';
import type { Fault } from './fault.js';

/** What the ids of poisoned orders begin with. */
export const POISONED = 'poison-';

/** An event that one reader or another cannot take, as an older version with a bug may have left it. */
interface Poison {
  readonly what: string;
  readonly type: string;
  readonly version: number;
  readonly data: JsonObject;
}

/** Events that cannot be folded come into the log. What they are for is parked; everything else goes on. */
export const poison: Fault = {
  kind: 'poison',
  async strike({ folder, trade }, random) {
    const orderId = POISONED + randomUUID();
    const customerId = trade.someCustomer(random) ?? 'poison-customer';
    const poisons: Poison[] = [
      {
        what: `a confirmation without a total, for ${customerId}`, // parks the customer in customer-orders
        type: 'ordering.order-confirmed',
        version: 1,
        data: { orderId, customerId },
      },
      {
        what: 'an order without lines', // parks the order in order-fulfilment
        type: 'ordering.order-placed',
        version: 1,
        data: { orderId, customerId: 'poison-customer', lines: null, total: null },
      },
      {
        what: 'an event of a version that is not known', // parks its stream wherever it is read
        type: 'ordering.order-rejected',
        version: 99,
        data: { orderId },
      },
    ];
    // The first kind more often: real events pile up behind it.
    const { what, type, version, data } = poisons[random.chance(0.5) ? 0 : random.integer(1, 2)]!;
    await append(folder.eventsUrl, orderId, { id: randomUUID(), type, version, headers: {}, data });
    return what;
  },
};

const TRIES = 5;

/** Straight into the log, as no command would let it pass. */
async function append(url: string, orderId: string, event: EventToAppend): Promise<void> {
  for (let tries = 1; ; tries++) {
    const store = await openEvents(url);
    try {
      await store.append(`ordering.order-${orderId}`, [event], { expected: 'no-stream' });
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || tries === TRIES) throw error;
    } finally {
      await store.close();
    }
    await delay(1_000);
  }
}
