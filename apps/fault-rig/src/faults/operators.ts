import type { ProjectionStatus } from '@gesta/core';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Surroundings } from './fault.js';
import { begin, ended, PROJECTIONS, run } from './projections-command.js';

/** What two of them do; a rebuild that is under way meanwhile is what there is to cancel. */
const PAIRS = [
  ['rebuild', 'rebuild'],
  ['rebuild', 'rollback'],
  ['rebuild', 'prune'],
  ['cancel', 'prune'],
  ['rollback', 'prune'],
  ['rollback', 'rollback'],
] as const;

/** Two operators, who know nothing of each other, see to one projection at once. */
export const operators: Fault = {
  kind: 'operators',
  async strike(surroundings, random) {
    const name = PROJECTIONS[random.integer(0, PROJECTIONS.length - 1)]!;
    const pair = PAIRS[random.integer(0, PAIRS.length - 1)]!;
    const apartMs = random.chance(0.5) ? 0 : random.integer(0, 2_000);
    const under = pair[0] === 'cancel' ? begin(surroundings, ['rebuild', name]) : undefined;
    await delay(under ? random.integer(200, 1_500) : 0);
    const first = begin(surroundings, [pair[0], name]);
    await delay(apartMs);
    const second = begin(surroundings, [pair[1], name]);
    const came = await Promise.all([first, second].map((command) => ended(surroundings, command)));
    if (under) await ended(surroundings, under);
    await lookAt(surroundings, name);
    return `${name}, ${pair.map((command, index) => `${command}: ${came[index]}`).join(', ')}; ${apartMs} ms apart`;
  },
};

/** Whoever came too late, one generation is live, and at most one is being built. */
async function lookAt(surroundings: Surroundings, name: string): Promise<void> {
  let status: ProjectionStatus | undefined;
  await run(surroundings, ['status', name], (stdout) => (status = JSON.parse(stdout) as ProjectionStatus));
  if (!status) return; // another fault came in between; the end tells
  const states = status.generations.map(({ number, state }) => `${number} ${state}`);
  const live = status.generations.filter(({ state }) => state === 'live');
  const building = status.generations.filter(({ state }) => state === 'building');
  if (live.length !== 1 || live[0]!.number !== status.live || building.length > 1)
    surroundings.ledger.wrong('unexpected', `generations of ${name} behind two operators: ${states.join(', ')}`);
}
