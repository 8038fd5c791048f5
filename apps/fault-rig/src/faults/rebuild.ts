import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@marketplace/simulator';
import { GestaCommand, type Outcome } from '../processes/gesta-command.js';
import type { Fault, Surroundings } from './fault.js';

export const PROJECTIONS = ['order-summary', 'customer-orders', 'stock-level'];

/** How long one run may take before it counts as stuck, in milliseconds. */
const PATIENCE_MS = 120_000;
/** What may come between a rebuild and its end while other faults happen; it is run again, and goes on. */
const INTERRUPTED =
  /disk is full|disk I\/O error|locked|being (built|caught up) by another process|in use and was kept|lease|cannot be opened/i;

/** Documents are built anew under load, beside the live ones; that is killed, stopped or cancelled, and run again. */
export const rebuild: Fault = {
  kind: 'rebuild',
  async strike(surroundings, random) {
    const name = PROJECTIONS[random.integer(0, PROJECTIONS.length - 1)]!;
    const said: string[] = [];
    const disturbances = ['none', 'SIGKILL', 'SIGKILL', 'SIGINT', 'cancel', 'rollback', 'prune'] as const;
    const disturbance = disturbances[random.integer(0, disturbances.length - 1)]!;
    if (disturbance === 'rollback' || disturbance === 'prune') {
      said.push(`${disturbance}: ${(await run(surroundings, [disturbance, name])) ?? 'nothing to do'}`);
    } else if (disturbance !== 'none') {
      said.push(await disturbed(surroundings, name, disturbance, random));
    }
    if (disturbance !== 'prune') said.push(`rebuild: ${(await run(surroundings, ['rebuild', name])) ?? 'interrupted'}`);
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
  await ended(surroundings, command);
  return `${disturbance} after ${ms} ms`;
}

/** Runs `gesta projections …` to its end. @returns what it says it has done; `undefined` where something came in between */
async function run(surroundings: Surroundings, args: readonly string[]): Promise<string | undefined> {
  return ended(surroundings, begin(surroundings, args));
}

function begin({ folder, fleet }: Surroundings, args: readonly string[]): GestaCommand {
  const command = new GestaCommand(folder, ['projections', ...args]);
  fleet.commands.add(command);
  void command.ended.then(() => fleet.commands.delete(command));
  return command;
}

async function ended({ ledger }: Surroundings, command: GestaCommand): Promise<string | undefined> {
  const late = new AbortController();
  const outcome = await Promise.race([
    command.ended,
    delay(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined),
  ]);
  late.abort();
  const said = `gesta ${command.args.join(' ')}`;
  if (!outcome) {
    ledger.wrong('stuck', `${said} has not ended within ${PATIENCE_MS} ms`);
    command.kill('SIGKILL');
    await command.ended;
    return undefined;
  }
  return judged(
    outcome,
    said,
    (problem) => ledger.wrong('unexpected', problem),
    () => ledger.rebuilds++,
  );
}

function judged(
  { exitCode, stdout, stderr }: Outcome,
  said: string,
  unexpected: (problem: string) => void,
  switched: () => void,
): string | undefined {
  if (exitCode === undefined || exitCode === 130) return undefined; // killed or stopped
  if (stdout !== '') {
    const { outcome, dropped, cancelled } = JSON.parse(stdout) as {
      outcome?: 'switched' | 'parked' | 'overtaken' | 'cancelled' | 'stopped';
      dropped?: readonly number[];
      cancelled?: boolean;
    };
    if (outcome === 'switched') switched();
    return outcome ?? (dropped ? `${dropped.length} dropped` : `cancelled ${cancelled}`);
  }
  if (!INTERRUPTED.test(stderr) && !/no generation before/.test(stderr)) {
    unexpected(`${said} ended with ${exitCode}: ${stderr.trim().slice(0, 1_000)}`);
  }
  return undefined;
}
