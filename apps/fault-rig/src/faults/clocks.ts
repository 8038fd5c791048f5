import type { Random } from '@marketplace/simulator';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const MOST_DAYS = 10;
const READY_WITHIN_MS = 20_000;

/** Machines do not agree on what day it is; then somebody sets their clocks right, or not before they are started again. */
export const clocks: Fault = {
  kind: 'clocks',
  async strike({ fleet }, random) {
    const said: string[] = [];
    for (const marketplace of fleet.marketplaces) {
      const days = random.integer(-MOST_DAYS, MOST_DAYS);
      await marketplace.end(wayOf(random));
      fleet.restart(marketplace, { clockAheadMs: days * DAY_MS + random.integer(0, DAY_MS) });
      said.push(`${marketplace.name} ${Math.abs(days)} days ${days < 0 ? 'behind' : 'ahead'}`);
    }
    await fleet.ready(READY_WITHIN_MS);
    await delay(random.integer(500, 3_000));
    if (random.chance(0.5)) return `${said.join(', ')}, until they are started again`;
    for (const marketplace of fleet.marketplaces) {
      await marketplace.end(wayOf(random));
      fleet.restart(marketplace);
    }
    return `${said.join(', ')}, then set right`;
  },
};

function wayOf(random: Random): 'SIGTERM' | 'SIGKILL' {
  return random.chance(0.5) ? 'SIGTERM' : 'SIGKILL';
}
