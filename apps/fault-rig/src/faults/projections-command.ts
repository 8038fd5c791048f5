import { setTimeout as delay } from 'node:timers/promises';
import { GestaCommand, type Outcome } from '../processes/gesta-command.js';
import type { Surroundings } from './fault.js';

export const PROJECTIONS = ['order-summary', 'customer-orders', 'stock-level'];

/** How long one run may take before it counts as stuck, in milliseconds. */
const PATIENCE_MS = 120_000;
/** What may come between a command and its end while other faults happen; it is run again, and goes on. */
const INTERRUPTED =
  /disk is full|disk I\/O error|locked|being (built|caught up) by another process|in use and was kept|lease|cannot be opened|no generation before/i;

type Hears = (stdout: string) => void;

/** Runs `gesta projections …` to its end. @returns what came of it, in words */
export async function run(surroundings: Surroundings, args: readonly string[], hears?: Hears): Promise<string> {
  return ended(surroundings, begin(surroundings, args), hears);
}

export function begin({ folder, fleet }: Surroundings, args: readonly string[]): GestaCommand {
  const command = new GestaCommand(folder, ['projections', ...args]);
  fleet.commands.add(command);
  void command.ended.then(() => fleet.commands.delete(command));
  return command;
}

/** @param hears what it says, where it was not interrupted; when absent, it is an outcome, which is counted */
export async function ended({ ledger }: Surroundings, command: GestaCommand, hears?: Hears): Promise<string> {
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
    return 'stuck';
  }
  const { exitCode, stdout, stderr } = outcome;
  if (exitCode === undefined) return 'killed';
  if (exitCode === 130) return 'stopped';
  if (stdout !== '') return hears ? (hears(stdout), 'told') : inWords(outcome, () => ledger.rebuilds++);
  const problem = stderr.trim();
  if (!INTERRUPTED.test(problem))
    ledger.wrong('unexpected', `${said} ended with ${exitCode}: ${problem.slice(0, 1_000)}`);
  return `refused (${problem.split('\n')[0]!.slice(0, 200)})`;
}

function inWords({ stdout }: Outcome, switched: () => void): string {
  const { outcome, dropped, cancelled } = JSON.parse(stdout) as {
    outcome?: 'switched' | 'parked' | 'overtaken' | 'cancelled' | 'stopped';
    dropped?: readonly number[];
    cancelled?: boolean;
  };
  if (outcome === 'switched') switched();
  return outcome ?? (dropped ? `${dropped.length} dropped` : `cancelled ${cancelled}`);
}
