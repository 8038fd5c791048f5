import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@marketplace/simulator';
import type { Fault, Surroundings } from './fault.js';
import { begin, ended, PROJECTIONS, run } from './projections-command.js';

/** Documents are built anew under load, beside the live ones; that is killed, stopped or cancelled, and run again. */
export const rebuild: Fault = {
  kind: 'rebuild',
  async strike(surroundings, random) {
    const name = PROJECTIONS[random.integer(0, PROJECTIONS.length - 1)]!;
    const said: string[] = [];
    const disturbances = ['none', 'SIGKILL', 'SIGKILL', 'SIGINT', 'cancel', 'rollback', 'prune'] as const;
    const disturbance = disturbances[random.integer(0, disturbances.length - 1)]!;
    if (disturbance === 'rollback' || disturbance === 'prune') {
      said.push(`${disturbance}: ${await run(surroundings, [disturbance, name])}`);
    } else if (disturbance !== 'none') {
      said.push(await disturbed(surroundings, name, disturbance, random));
    }
    if (disturbance !== 'prune') said.push(`rebuild: ${await run(surroundings, ['rebuild', name])}`);
    return `${name}, ${said.join(', ')}`;
  },
};

/** Runs a rebuild and comes in between. */
async function disturbed(
  surroundings: Surroundings,
  name: string,
  disturbance: 'SIGKILL' | 'SIGINT' | 'cancel',
  random: Random,
): Promise<string> {
  const ms = random.integer(200, 1_500);
  const command = begin(surroundings, ['rebuild', name]);
  await Promise.race([command.ended, delay(ms)]);
  if (disturbance === 'cancel') await run(surroundings, ['cancel', name]);
  else command.kill(disturbance);
  return `${disturbance} after ${ms} ms: ${await ended(surroundings, command)}`;
}
