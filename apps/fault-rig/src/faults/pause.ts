import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

/** How long a lease lasts, in milliseconds: what `GestaModule` has when nothing is said. */
const LEASE_MS = 10_000;

/**
 * A process stands still for longer than its leases last, then goes on as if nothing had happened: meanwhile the other
 * one has taken over what it owned. It may hold the file's lock all the while.
 */
export const pause: Fault = {
  kind: 'pause',
  async strike({ fleet }, random) {
    const marketplace = fleet.one(random);
    const ms = LEASE_MS + random.integer(500, 4_000);
    marketplace.pause();
    if (random.chance(0.25)) {
      // The one that took over dies while the first one comes back.
      const other = fleet.marketplaces.find((candidate) => candidate !== marketplace)!;
      await delay(ms);
      await other.end('SIGKILL');
      marketplace.resume();
      fleet.restart(other);
      return `${marketplace.name} paused for ${ms} ms, ${other.name} killed as it goes on`;
    }
    await delay(ms);
    marketplace.resume();
    return `${marketplace.name} paused for ${ms} ms`;
  },
};
