import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openEvents } from '../storage/open-stores.js';
import type { Fault, Surroundings } from './fault.js';
import { inWords, loudness } from './loudness.js';

const ON = ['servers', 'services'] as const;
/** What is said of a log that is not the one that documents were made from. */
const SAYS = /another log|another state|older than the documents/i;
const READY_WITHIN_MS = 60_000;
const QUIET_MS = 1_000;
const QUIET_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;

/** How often it has happened, for names that nothing else bears. */
let times = 0;

/** The way to the log leads to another one under the running marketplaces, and back: an older copy, or one of others. */
export const swappedLog: Fault = {
  kind: 'swapped-log',
  on: ON,
  alone: true,
  async strike(surroundings, random) {
    const { folder, customers } = surroundings;
    const { links, lateBeginnings } = folder.servers!;
    const isCopy = random.chance(0.5);
    const name = `log-${++times}`;
    const data = isCopy ? folder.servers!.copyOfLog(name) : folder.servers!.emptyFolder(name);
    const other = await folder.servers!.another(data);
    if (isCopy) await delay(random.integer(1_000, 3_000)); // meanwhile the log goes on without it
    const events = random.chance(0.5)
      ? 0
      : await outgrown(folder.eventsUrl, `esdb://127.0.0.1:${other.port}?tls=false`);
    const heard = await customers.closedDuring(async () => {
      await quiet(folder.eventsUrl);
      links.events.leadTo(other.port);
      try {
        return await loudness(surroundings.fleet.marketplaces, SAYS);
      } finally {
        links.events.leadTo(lateBeginnings.port);
        await backToWork(surroundings);
        await other.kill();
      }
    });
    return `${isCopy ? 'an older copy of the log' : 'another log'} with ${events} events more: ${inWords(heard)}`;
  },
};

/** The server of the log, or that of the documents, is started without its data, and later with it. */
export const emptied: Fault = {
  kind: 'emptied',
  on: ON,
  alone: true,
  async strike(surroundings, random) {
    const { folder, customers } = surroundings;
    const servers = folder.servers!;
    const data = servers.emptyFolder(`empty-${++times}`);
    const downMs = random.chance(0.5) ? 0 : random.integer(100, 3_000);
    const heard = await customers.closedDuring(async () => {
      await quiet(folder.eventsUrl);
      await servers.events.kill();
      await delay(downMs);
      await servers.events.start(data);
      try {
        return await loudness(surroundings.fleet.marketplaces, SAYS);
      } finally {
        await servers.events.kill();
        await servers.events.start(servers.dataOf('eventstoredb'));
        await backToWork(surroundings);
      }
    });
    return `the log was started empty after ${downMs} ms: ${inWords(heard)}`;
  },
};

/** Appends events of nobody's until the other log has outgrown this one. @returns how many */
async function outgrown(url: string, otherUrl: string): Promise<number> {
  const [log, other] = await Promise.all([openEvents(url), openEvents(otherUrl)]);
  try {
    const { position: end } = await log.head();
    let events = 0;
    while ((await other.head()).position <= end + 1_000_000n) {
      const data = { filling: 'x'.repeat(2_000) };
      const some = Array.from({ length: 200 }, () => ({
        id: randomUUID(),
        type: 'rig.filled',
        version: 1,
        headers: {},
        data,
      }));
      await other.append(`rig.filler-${randomUUID()}`, some, { expected: 'no-stream' });
      events += some.length;
    }
    return events;
  } finally {
    await Promise.all([log.close(), other.close()]);
  }
}

/** Waits until nothing is appended, as nobody is served any more. */
async function quiet(url: string): Promise<void> {
  const log = await openEvents(url);
  const until = performance.now() + QUIET_WITHIN_MS;
  try {
    let [last, since] = [-1n, performance.now()];
    while (performance.now() < until && performance.now() - since < QUIET_MS) {
      const { position } = await log.head();
      if (position !== last) [last, since] = [position, performance.now()];
      await delay(LOOK_EVERY_MS);
    }
  } finally {
    await log.close();
  }
}

/** With the right log again, all go on; where one does not, it is started again. */
async function backToWork({ fleet, ledger }: Surroundings): Promise<void> {
  const all = await Promise.all(fleet.marketplaces.map((marketplace) => marketplace.isReadyWithin(READY_WITHIN_MS)));
  for (const [index, isReady] of all.entries()) {
    if (isReady) continue;
    const marketplace = fleet.marketplaces[index]!;
    ledger.wrong('stuck', `marketplace ${marketplace.name} has its log again, and is not ready`);
    await marketplace.end('SIGKILL');
    fleet.restart(marketplace);
  }
}
