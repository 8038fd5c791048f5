import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@marketplace/simulator';
import { Admission } from '../load/admission.js';
import type { Stage } from '../stage.js';
import { emptied, swappedLog } from './another-log.js';
import { clocks } from './clocks.js';
import { diskFull, fileLimit } from './disk-full.js';
import type { Fault, Surroundings } from './fault.js';
import { flood } from './flood.js';
import { kill, killAll } from './kill.js';
import { cut, lag, still } from './network.js';
import { operators } from './operators.js';
import { pause } from './pause.js';
import { poison } from './poison.js';
import { rebuild } from './rebuild.js';
import { restore } from './restore.js';
import { rollOut } from './roll-out.js';
import { serverKill, stepDown } from './servers-end.js';
import { starve } from './starve.js';
import { tornTail } from './torn-tail.js';
import { unlinked } from './unlinked.js';

/** What happens to the processes and their stores: one at a time, so that each is what it says it is. */
const TO_PROCESSES: readonly Fault[] = [
  kill,
  still,
  tornTail,
  swappedLog,
  poison,
  rollOut,
  diskFull,
  fileLimit,
  lag,
  serverKill,
  poison,
  clocks,
  starve,
  killAll,
  stepDown,
  restore,
  cut,
  unlinked,
  emptied,
  pause,
];
/** What happens beside that, at the same time. */
const BESIDE: readonly Fault[] = [flood, rebuild, operators, rebuild];

/** How long the processes are let work between two faults, in milliseconds. */
const GAP_MS = { least: 200, most: 2_000 };
/** Now and then a fault comes while they still recover from the one before. */
const COMES_EARLY = 0.15;
const RECOVERED_WITHIN_MS = 20_000;

/** Every kind of fault there is. */
export const KINDS: readonly string[] = [...new Set([...TO_PROCESSES, ...BESIDE].map(({ kind }) => kind))];

/** Those that can happen there. */
export function kindsOn(stage: Stage): ReadonlySet<string> {
  const there = [...TO_PROCESSES, ...BESIDE].filter(({ on }) => !on || on.includes(stage));
  return new Set(there.map(({ kind }) => kind));
}

/**
 * Lets faults happen until the signal, in an order that the seed says, and each of them once in any case.
 * @param only the kinds that happen
 * @param log hears what happened
 */
export async function calamities(
  surroundings: Surroundings,
  only: ReadonlySet<string>,
  [first, second]: readonly [Random, Random],
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  const chosen = (faults: readonly Fault[]) => faults.filter(({ kind }) => only.has(kind));
  const door = new Admission(); // through which those go that happen beside others
  await Promise.all([
    oneByOne(chosen(TO_PROCESSES), surroundings, first, signal, log, ({ alone }, strike) =>
      alone ? door.closedDuring(strike) : strike(),
    ),
    oneByOne(chosen(BESIDE), surroundings, second, signal, log, (_, strike) => door.during(strike)),
  ]);
}

async function oneByOne(
  faults: readonly Fault[],
  surroundings: Surroundings,
  random: Random,
  signal: AbortSignal,
  log: (line: string) => void,
  inOrder: (fault: Fault, strike: () => Promise<string>) => Promise<string>,
): Promise<void> {
  const { ledger, fleet } = surroundings;
  let round = [...faults];
  for (let struck = 0; faults.length > 0; struck++) {
    const patience = struck < faults.length ? undefined : signal; // the first round is gone through in any case
    if (!random.chance(COMES_EARLY)) await fleet.ready(RECOVERED_WITHIN_MS, patience);
    const gap = random.integer(GAP_MS.least, GAP_MS.most);
    await delay(gap, undefined, patience && { signal: patience }).catch(() => undefined);
    if (patience?.aborted) return;
    if (round.length === 0) round = shuffled(faults, random);
    const fault = round.shift()!;
    ledger.fault(fault.kind);
    try {
      log(`${fault.kind}: ${await inOrder(fault, () => fault.strike(surroundings, random))}`);
    } catch (error) {
      ledger.wrong('unexpected', `${fault.kind}: ${(error as Error).stack}`);
    }
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.integer(0, left.length - 1), 1)[0]!);
}
