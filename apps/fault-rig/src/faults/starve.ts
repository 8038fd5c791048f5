import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

/**
 * Processes get far too little of the processor: they run for moments only, or last of all. One that comes last is killed
 * in the end, as only some users may raise a priority again.
 */
export const starve: Fault = {
  kind: 'starve',
  async strike({ fleet }, random) {
    const starved = random.chance(0.5) ? fleet.marketplaces : [fleet.one(random)];
    const neglected = random.chance(0.4) ? starved[0] : undefined;
    neglected?.neglect();
    const began = performance.now();
    const until = began + random.integer(3_000, 8_000);
    while (performance.now() < until) {
      for (const marketplace of starved) marketplace.pause();
      await delay(random.integer(50, 400));
      for (const marketplace of starved) marketplace.resume();
      await delay(random.integer(10, 60));
    }
    const names = starved.map(({ name }) => name).join(' and ');
    const said = `${names} starved for ${Math.round(performance.now() - began)} ms`;
    if (!neglected) return said;
    await neglected.end('SIGKILL');
    fleet.restart(neglected);
    return `${said}, ${neglected.name} at the lowest priority and killed in the end`;
  },
};
