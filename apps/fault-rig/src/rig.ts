import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { closeBooks, Random } from '@marketplace/simulator';
import { compareDocuments } from './audit/compare-documents.js';
import { clearDeadLetters } from './audit/dead-letters.js';
import { auditLog } from './audit/log-audit.js';
import { calamities, kindsOn } from './faults/calamities.js';
import type { Surroundings } from './faults/fault.js';
import { PROJECTIONS } from './faults/projections-command.js';
import type { Copy } from './faults/copy-to-restore.js';
import { Ledger } from './ledger.js';
import { acknowledgedSoFar, type Acknowledged } from './load/acknowledged.js';
import { Customers } from './load/customers.js';
import { Races } from './load/races.js';
import { Trade } from './load/trade.js';
import { Watch } from './load/watch.js';
import { ExecutionFolder } from './processes/execution-folder.js';
import { Fleet } from './processes/fleet.js';
import { GestaCommand } from './processes/gesta-command.js';
import { putBack, settleQuietly } from './restoring.js';
import { Servers } from './servers/servers.js';
import type { Stage } from './stage.js';
import { SmallFileSystem } from './storage/small-file-system.js';

export interface Run {
  /** The same seed gives the same faults in the same order. */
  readonly seed: number;
  /** For how long faults happen; settling and looking through everything come on top. */
  readonly minutes: number;
  /** The kinds of faults that happen, as far as they can where it is. */
  readonly only: readonly string[];
  readonly on: Stage;
  /** Where data and logs are; made, and taken away again when all is well. */
  readonly root: string;
}

const READY_WITHIN_MS = 60_000;
/** How long everything may take to come to its end once the faults are over. */
const SETTLED_WITHIN_MS = 120_000;
const BOOKS_SIDE_BY_SIDE = 6;

/** One run: a marketplace at work, faults, and the reckoning. */
export async function runRig({ seed, minutes, only, on, root }: Run): Promise<Ledger> {
  const began = performance.now();
  const log = (line: string) =>
    console.log(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}`);

  mkdirSync(root, { recursive: true });
  const folder = new ExecutionFolder(root, on);
  const fileSystem = SmallFileSystem.prepare(folder.data);
  const kinds = new Set(only.filter((kind) => kindsOn(on).has(kind)));
  const impossible = fileSystem.unavailable !== undefined && kinds.delete('disk-full') ? ['disk-full'] : [];
  const ledger = new Ledger([...kinds], impossible);
  const dispose = () => fileSystem.dispose();
  process.once('exit', dispose); // should the run be broken off; its processes then end by themselves
  if (on !== 'file') folder.servers = await Servers.start(folder.data);
  const where = folder.servers ? `${folder.eventsUrl} and ${folder.documentsUrl}` : folder.databaseFile;
  const what = on === 'services' ? 'two marketplaces of services' : 'two marketplaces';
  log(`seed ${seed}, ${minutes} min of faults, ${what} on ${where}; logs in ${root}`);
  if (on === 'file')
    log(
      fileSystem.unavailable === undefined
        ? 'The disk is made full in two ways: a file system in memory without room (ENOSPC), and a limit on the size of files (EFBIG).'
        : `The disk is made full by a limit on the size of files only: no file system could be mounted (${fileSystem.unavailable}).`,
    );

  const [chances, load, watching] = [0, 1, 2].map((part) => new Random(seed * 31 + part)) as [Random, Random, Random];
  const fleet = await Fleet.prepare(folder, ledger);
  const customers = new Customers(fleet.urls, load, ledger);
  const trade = new Trade(customers, load, ledger, on);
  const races = new Races(customers, load, ledger, on);
  const watch = new Watch(fleet.marketplaces, trade, customers, watching, ledger);
  const surroundings: Surroundings = { folder, fileSystem, fleet, customers, trade, races, ledger };
  try {
    fleet.start();
    await expectReady(fleet, ledger);
    const [open, seen] = [new AbortController(), new AbortController()];
    const work = Promise.all([trade.run(open.signal), races.run(open.signal)]);
    const looks = watch.run(seen.signal);
    await delay(1_000);
    const over = AbortSignal.timeout(minutes * 60_000);
    const since = performance.now();
    await calamities(surroundings, kinds, [chances, new Random(seed * 31 + 3)], over, log);
    folder.servers?.mend();
    ledger.minutes = (performance.now() - since) / 60_000;
    log(`the faults are over; ${ledger.acknowledged} acknowledged so far`);
    open.abort();
    await work;
    await expectReady(fleet, ledger);
    await settle(surroundings, log);
    seen.abort();
    await looks;
    await reckon(surroundings, log);
    if (surroundings.copy) await reckonRestored(surroundings, surroundings.copy, log);
  } finally {
    await fleet.close();
    await folder.servers?.close();
    process.off('exit', dispose);
    dispose();
  }
  if (ledger.balances) rmSync(root, { recursive: true, force: true });
  else log(`logs are kept in ${root}`);
  return ledger;
}

async function expectReady(fleet: Fleet, ledger: Ledger): Promise<void> {
  for (const { name } of await fleet.ready(READY_WITHIN_MS))
    ledger.wrong('stuck', `marketplace ${name} is not ready after ${READY_WITHIN_MS} ms`);
}

/** Waits until every order has ended, and closes the books of every day over HTTP. */
async function settle({ trade, races, customers, ledger }: Surroundings, log: (line: string) => void): Promise<void> {
  const until = performance.now() + SETTLED_WITHIN_MS;
  const left = trade.days.values();
  const counts = { placed: 0, confirmed: 0, rejected: 0, cancelled: 0, lost: 0 };
  const clerk = async () => {
    for (const day of left) {
      try {
        const patience = Math.max(30_000, until - performance.now());
        const { orders, differences } = await closeBooks(
          customers.client,
          day.done,
          day.placed,
          patience,
          () => undefined,
        );
        for (const status of Object.keys(counts) as (keyof typeof counts)[]) counts[status] += orders[status];
        for (const difference of differences) ledger.wrong('differing', `books of ${day.name}: ${difference}`);
      } catch (error) {
        customers.failed(`books of ${day.name}`, error);
      }
    }
  };
  await Promise.all(Array.from({ length: BOOKS_SIDE_BY_SIDE }, clerk));
  for (const { orderId } of races.won) {
    while ((await customers.client.order(orderId))?.status === 'placed' && performance.now() < until) await delay(50);
  }
  const said = Object.entries(counts).map(([status, count]) => `${status} ${count}`);
  log(`books of ${trade.days.length} days closed: ${said.join(', ')}; ${races.won.length} races won`);
}

/** Stops, deploys the fix, clears the dead letters, and compares everything there is with the log. */
async function reckon(surroundings: Surroundings, log: (line: string) => void): Promise<void> {
  const { folder, fleet, trade, races, ledger } = surroundings;
  await endAll(fleet, ledger);
  await Promise.all(PROJECTIONS.map((name) => rebuildAndPrune(folder, name, ledger)));
  fleet.start({ mended: true });
  await expectReady(fleet, ledger);
  await lookThrough(surroundings, acknowledgedSoFar(trade, races), log);
}

/** Puts a copy back, and compares everything there is with what was acknowledged before it was taken. */
async function reckonRestored(surroundings: Surroundings, copy: Copy, log: (line: string) => void): Promise<void> {
  const { folder, fleet, trade, races, ledger } = surroundings;
  const isOlder = await putBack(surroundings, copy);
  fleet.start({ mended: true });
  await expectReady(fleet, ledger);
  await settleQuietly(surroundings);
  // The copy may hold generations that nobody follows any more, with their letters.
  await Promise.all(PROJECTIONS.map((name) => rebuildAndPrune(folder, name, ledger, { mended: true })));
  log(`${copy.restored} put back from the copy`);
  await lookThrough(surroundings, isOlder ? copy.acknowledged : acknowledgedSoFar(trade, races), log);
}

async function lookThrough(
  { folder, fleet, ledger }: Surroundings,
  acknowledged: Acknowledged,
  log: (line: string) => void,
): Promise<void> {
  log(`${await clearDeadLetters(folder, ledger)} dead letters cleared after the fix`);
  await endAll(fleet, ledger);
  log(`${await auditLog(folder, acknowledged, ledger)} events looked through`);
  log(`${await compareDocuments(folder, ledger)} documents compared with those folded afresh`);
}

async function rebuildAndPrune(
  folder: ExecutionFolder,
  name: string,
  ledger: Ledger,
  { mended = false } = {},
): Promise<void> {
  for (const command of ['rebuild', 'prune']) {
    const { exitCode, stderr } = await new GestaCommand(folder, ['projections', command, name], { mended }).ended;
    if (exitCode !== 0) ledger.wrong('stuck', `gesta projections ${command} ${name} ended with ${exitCode}: ${stderr}`);
    else if (command === 'rebuild') ledger.rebuilds++;
  }
}

/** Asked to end, a process ends in order. */
async function endAll(fleet: Fleet, ledger: Ledger): Promise<void> {
  for (const marketplace of fleet.marketplaces) {
    const ended = await marketplace.end('SIGTERM');
    if (ended !== 0)
      ledger.wrong('unexpected', `marketplace ${marketplace.name} was asked to end and ended with ${ended}`);
  }
}
