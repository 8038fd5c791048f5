import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AS_SERVICES, RunningMarketplace } from './running-marketplace.js';
import { RunningSimulator } from './running-simulator.js';
import { waitUntil } from './wait-until.js';

const PAUSE_MS = 1_500;
/** Longer than a lease lasts, so that another replica takes over while its owner is paused. */
const PAST_THE_LEASE_MS = 12_000;

describe('the marketplace as separate services under load', () => {
  let folder: string;
  let marketplace: RunningMarketplace | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'services-'));
  });
  afterEach(async () => {
    await marketplace?.end('SIGKILL');
    await rm(folder, { recursive: true });
  });

  const start = async () => {
    const stores = {
      GESTA_EVENTS_URL: process.env.GESTA_TEST_EVENTSTOREDB_URL,
      GESTA_DOCUMENTS_URL: process.env.GESTA_TEST_MONGODB_URL,
    };
    const command = [AS_SERVICES, '--data', join(folder, 'data'), '--read-replicas', '2'];
    return (marketplace = await RunningMarketplace.start(stores, command));
  };

  it.each([
    ['kill -9', 1],
    ['a pause', 2],
  ] as const)('balances its books though every service and every server meets %s in turn', async (fault, seed) => {
    const services = await start();
    const { url } = services;
    const names = [...services.parts.keys()];
    expect(names).toEqual(expect.arrayContaining(['ordering-command', 'ordering-query-1', 'inventory-query-2']));
    let day = 0;
    let simulation = new RunningSimulator(url, { seed, orders: 300 });
    const nextDay = async () => {
      expect({ exitCode: await simulation.closed, output: simulation.output }).toEqual({
        exitCode: 0,
        output: expect.stringContaining('The books balance.'),
      });
    };
    for (const [index, name] of names.entries()) {
      if (simulation.ended) {
        await nextDay();
        simulation = new RunningSimulator(url, { seed: seed + 10 * ++day, orders: 300 });
      }
      await delay(300); // into the middle of the day
      const pid = services.parts.get(name)!;
      if (fault === 'kill -9') {
        process.kill(pid, 'SIGKILL');
        await waitUntil(`${name} was started again`, async () => services.parts.get(name) !== pid);
      } else {
        process.kill(pid, 'SIGSTOP');
        await delay(index === names.indexOf('ordering-query-1') ? PAST_THE_LEASE_MS : PAUSE_MS);
        process.kill(pid, 'SIGCONT');
      }
      await services.ready();
    }
    await nextDay();
    expect(await services.end('SIGTERM')).toBe(0);
  });
});
