import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';

const ON = ['servers', 'services'] as const;

/** A server is killed, or stands still, and goes on with all that it has acknowledged. */
export const serverKill: Fault = {
  kind: 'server-kill',
  on: ON,
  async strike({ folder }, random) {
    const servers = folder.servers!;
    const [server, name] = random.chance(0.6)
      ? ([servers.events, 'eventstoredb'] as const)
      : ([servers.documents, 'mongodb'] as const);
    const ms = random.chance(0.3) ? 0 : random.integer(100, 8_000);
    if (random.chance(0.4)) {
      server.pause();
      await delay(ms);
      server.resume();
      return `${name} stood still for ${ms} ms`;
    }
    await server.kill();
    await delay(ms);
    await server.start(servers.dataOf(name));
    return `${name} was killed, and down for ${ms} ms`;
  },
};

/** The primary steps down: what is under way is interrupted, whether it was done or not, and nothing is taken for a while. */
export const stepDown: Fault = {
  kind: 'step-down',
  on: ON,
  async strike({ folder }, random) {
    const { steppingDown } = folder.servers!;
    const ms = random.integer(500, 12_000);
    const interrupted = steppingDown.stepDown();
    await delay(ms);
    steppingDown.stepUp();
    return `no primary for ${ms} ms, ${interrupted} commands were interrupted`;
  },
};
