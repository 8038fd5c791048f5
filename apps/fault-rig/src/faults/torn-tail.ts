import { setTimeout as delay } from 'node:timers/promises';
import { tearTail } from '../storage/torn-tail.js';
import type { Fault } from './fault.js';

/** The machine loses its power: every process is gone, and what was not flushed is torn. */
export const tornTail: Fault = {
  kind: 'torn-tail',
  on: ['file'],
  async strike({ fleet, folder, ledger }, random) {
    await fleet.killAll();
    let said = 'nothing to tear';
    try {
      const tear = tearTail(folder.databaseFile, random);
      if (tear)
        said = `${tear.how}; ${tear.transactions} transactions behind the last event are gone, events up to ${tear.position} are not`;
    } catch (error) {
      ledger.wrong('unexpected', `tearing: ${(error as Error).message}`);
    }
    await delay(random.integer(0, 500));
    for (const marketplace of fleet.marketplaces) fleet.restart(marketplace);
    return said;
  },
};
