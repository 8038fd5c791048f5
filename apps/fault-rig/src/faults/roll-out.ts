import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

/**
 * What a version before may have lacked. Of process managers, what they do not go on without: an event that is taken late
 * must be one that nothing overtakes, or the instance decides otherwise than in the order of the log, and rightly so.
 */
const LACKING = [
  'OrderFulfilment.begin',
  'OrderFulfilment.committed',
  'OrderFulfilment.returned',
  'ReservationExpiry.sold',
  'StockItem.reserve',
  'StockItem.commit',
  'StockItem.release',
  'Order.confirm',
];
const READY_WITHIN_MS = 20_000;

/** The version before works beside the one of today, now and then alone, and is replaced by it, which lacks nothing. */
export const rollOut: Fault = {
  kind: 'roll-out',
  async strike({ fleet }, random) {
    const lacks = LACKING[random.integer(0, LACKING.length - 1)]!;
    const older = fleet.one(random);
    const newer = fleet.marketplaces.find((candidate) => candidate !== older)!;
    const ends = () => (random.chance(0.5) ? 'SIGTERM' : 'SIGKILL');
    await older.end(ends());
    fleet.restart(older, { lacks });
    await fleet.ready(READY_WITHIN_MS);
    const alone = random.chance(0.5);
    const ms = random.integer(500, 3_000);
    if (alone) await newer.end(ends());
    await delay(ms);
    if (alone) {
      fleet.restart(newer);
      await fleet.ready(READY_WITHIN_MS);
    }
    await older.end(ends());
    fleet.restart(older);
    return `${older.name} was the version before, which lacks ${lacks}, ${alone ? 'alone' : 'beside today’s'} for ${ms} ms`;
  },
};
