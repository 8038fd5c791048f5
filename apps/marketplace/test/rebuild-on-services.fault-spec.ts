import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { eventStoreDB } from '@gesta/eventstoredb';
import { waitUntil } from './wait-until.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ORDERS = 20_000;
const options = { now: () => new Date() };

describe('a projection of events in EventStoreDB and documents in MongoDB', () => {
  let folder: string;
  const running: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rebuild-'));
  });
  afterEach(async () => {
    for (const child of running.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(folder, { recursive: true });
  });

  /** Starts a script; `said` is everything it has printed. */
  function start(script: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [join(ROOT, script), ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    const started = { child, said: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (started.said += String(text)));
    return started;
  }

  /** The URL that a script says it is open at. */
  async function openAt(started: { said: string; child: ChildProcess }): Promise<string> {
    const url = () => /open at (\S+?),/.exec(started.said)?.[1];
    await waitUntil('it says where it is open', async () => {
      if (started.child.exitCode !== null) throw new Error(started.said);
      return url() !== undefined;
    });
    return url()!;
  }

  it('is rebuilt by the command, killed in the middle and run again, while nobody who reads notices', async () => {
    const server = (name: string) =>
      openAt(start(`apps/distributed/dist/servers/${name}.js`, ['0', join(folder, name)]));
    const stores = {
      GESTA_EVENTS_URL: await server('eventstoredb'),
      GESTA_DOCUMENTS_URL: `${await server('mongodb')}marketplace`,
    };
    await appendOrders(stores.GESTA_EVENTS_URL);
    const url = await openAt(start('apps/ordering/dist/query.js', [], stores));
    await waitUntil('the read side is ready', async () => (await fetch(`${url}/health/ready`)).ok, 60_000);
    const order = async (id: number) => (await fetch(`${url}/api/ordering/orders/order-${id}`)).text();
    const sample = [0, 1, ORDERS / 2, ORDERS - 1];
    const before = await Promise.all(sample.map(order));
    expect(before.map((text) => (JSON.parse(text) as { orderId: string }).orderId)).toEqual(
      sample.map((id) => `order-${id}`),
    );

    const reading = { goesOn: true, reads: 0, noticed: [] as string[] };
    const reader = (async () => {
      for (; reading.goesOn; reading.reads++) {
        const at = reading.reads % sample.length;
        const now = await order(sample[at]!);
        if (now !== before[at]) reading.noticed.push(now);
      }
    })();

    const rebuild = () => start('libs/cli/bin/gesta.js', ['projections', 'rebuild', 'order-summary'], stores);
    const killed = rebuild();
    await waitUntil('it has begun', async () => /\d events/.test(killed.said));
    await delay(200);
    killed.child.kill('SIGKILL');
    const again = rebuild();
    const [exitCode] = (await once(again.child, 'close')) as [number];
    expect({ exitCode, said: again.said }).toMatchObject({ exitCode: 0 });
    await waitUntil('it is read from the new generation, and a while longer', async () => reading.reads > 1_000);
    reading.goesOn = false;
    await reader;
    expect(reading.noticed).toEqual([]);

    const list = start('libs/cli/bin/gesta.js', ['--json', 'projections', 'list'], stores);
    await once(list.child, 'close');
    expect(list.said).toMatch(/"order-summary"[^}]*"live":2/);
  }, 180_000);
});

async function appendOrders(url: string): Promise<void> {
  const store = await eventStoreDB().openEventStore!(url, options);
  const append = (id: number) => {
    const price = { amount: 100, currency: 'EUR' };
    const data = {
      orderId: `order-${id}`,
      customerId: 'ada',
      lines: [{ sku: 'tea', quantity: 1, unitPrice: price }],
      total: price,
    };
    const event = { id: randomUUID(), type: 'ordering.order-placed', version: 1, headers: {}, data };
    return store.append(`ordering.order-order-${id}`, [event], { expected: 'no-stream' });
  };
  let next = 0;
  const appendAll = async () => {
    while (next < ORDERS) await append(next++);
  };
  await Promise.all(Array.from({ length: 64 }, appendAll));
  await store.close();
}
