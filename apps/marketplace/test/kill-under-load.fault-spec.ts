import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sqlite } from '@gesta/sqlite';
import { RunningMarketplace } from './running-marketplace.js';
import { RunningSimulator } from './running-simulator.js';

/** More of this, and worse, is what the fault rig does. */
const SEEDS = [1];
const ORDERS = 1_000;
/** After so many the rest of the day is left in peace. */
const KILLS = 8;

describe('the marketplace under load, killed at seeded random moments', () => {
  let folder: string;
  let marketplace: RunningMarketplace | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'marketplace-'));
  });
  afterEach(async () => {
    await marketplace?.end('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it.each(SEEDS)(
    'loses no order, sells nothing twice and ends with the documents of an undisturbed run (seed %i)',
    async (seed) => {
      const events = `sqlite:${join(folder, 'gesta.db')}`;
      marketplace = await RunningMarketplace.start({ GESTA_EVENTS_URL: events, GESTA_DOCUMENTS_URL: events });
      const simulation = new RunningSimulator(marketplace.url, { seed, orders: ORDERS });

      let kills = 0;
      for (const random = chance(seed); kills < KILLS;) {
        await Promise.race([delay(300 + random() * 2_000), simulation.closed]);
        if (simulation.ended) break;
        await marketplace.end('SIGKILL');
        kills++;
        marketplace.spawn();
      }
      expect({ exitCode: await simulation.closed, output: simulation.output }).toEqual({
        exitCode: 0,
        output: expect.stringContaining('The books balance.'),
      });
      expect(kills).toBeGreaterThan(2);
      await marketplace.ready(); // the last kill may have been at the very end
      expect(await marketplace.end('SIGTERM')).toBe(0);

      // The same log, read by a marketplace that knows nothing yet.
      const undisturbed = `sqlite:${join(folder, 'undisturbed.db')}`;
      marketplace = await RunningMarketplace.start({ GESTA_EVENTS_URL: events, GESTA_DOCUMENTS_URL: undisturbed });
      expect(await marketplace.end('SIGTERM')).toBe(0);
      expect(await documentsOf(events)).toEqual(await documentsOf(undisturbed));
    },
  );
});

/** Every document that projections and process managers have made, with its version, by collection. */
async function documentsOf(url: string): Promise<Record<string, unknown>> {
  const store = await sqlite().openDocumentStore!(url, { now: () => new Date() });
  try {
    const all: Record<string, unknown> = {};
    for (const name of await store.collections()) {
      if (!/^(projection|process)\./.test(name)) continue;
      const documents = await (await store.collection(name)).find({});
      all[name] = documents.map(({ key, version, body }) => {
        // What an instance's last batch sent depends on how the log was cut into batches; what it knows does not.
        const { outbox: _outbox, ...rest } = body!;
        return [key, version, JSON.stringify(rest)];
      });
    }
    return all;
  } finally {
    await store.close();
  }
}

/** Numbers in [0, 1) by a seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}
