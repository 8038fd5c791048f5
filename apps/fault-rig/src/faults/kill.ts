import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

/** A process ends at once, wherever it is; the other one goes on, and takes over what it owned. */
export const kill: Fault = {
  kind: 'kill',
  async strike({ fleet }, random) {
    const marketplace = fleet.one(random);
    const downMs = random.chance(0.5) ? 0 : random.integer(100, 3_000);
    await marketplace.end('SIGKILL');
    await delay(downMs);
    fleet.restart(marketplace);
    if (random.chance(0.2)) {
      await delay(random.integer(50, 600)); // while it starts
      await marketplace.end('SIGKILL');
      fleet.restart(marketplace);
      return `${marketplace.name} killed, down for ${downMs} ms, killed again as it started`;
    }
    return `${marketplace.name} killed, down for ${downMs} ms`;
  },
};

/** Every process ends at once: nobody is left to take over. */
export const killAll: Fault = {
  kind: 'kill-all',
  async strike({ fleet }, random) {
    const downMs = random.integer(0, 1_000);
    await fleet.killAll();
    await delay(downMs);
    for (const marketplace of fleet.marketplaces) fleet.restart(marketplace);
    return `all killed, down for ${downMs} ms`;
  },
};
