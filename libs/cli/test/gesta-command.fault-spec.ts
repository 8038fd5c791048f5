import { sqlite } from '@gesta/sqlite';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { sale } from './in-process.js';
import { Installed } from './installed.js';

const CONFIG =
  'export default defineConfig({ adapters: [sqlite()], aggregates: [shop.Till], projections: [shop.Takings] });';

// Processes are started, on machines that may be busy.
jest.setTimeout(60_000);

let app: Installed;
beforeEach(() => {
  app = new Installed(CONFIG);
});
afterEach(() => app.remove());

/** Records so many sales at tills of a hundred each. */
async function sell(count: number, database = app.database): Promise<void> {
  const store = await sqlite().openEventStore!(`sqlite:${database}`, { now: () => new Date() });
  const appends: Promise<unknown>[] = [];
  for (let till = 0; till * 100 < count; till++) {
    const sales = Array.from({ length: Math.min(100, count - till * 100) }, (_, price) =>
      sale({ price, currency: 'EUR' }),
    );
    appends.push(store.append(`shop.till-${till}`, sales, { expected: 'no-stream' }));
  }
  await Promise.all(appends);
  await store.close();
}

describe('the gesta command', () => {
  it('tells how an application is, and ends with 1 when it is not well', async () => {
    const empty = await app.gesta('doctor').ended;
    expect(empty.code).toBe(1);
    expect(empty.out).toMatch(/^ok {5}versions {7}gesta 0\.1\.0, node \S+, sqlite 3\.\d+\.\d+$/m);
    expect(empty.out).toMatch(/^WRONG {2}events .* There is no database .*gesta\.db/m);
    expect(existsSync(app.database)).toBe(false);

    await sell(3);
    expect((await app.gesta('doctor --patience 0').ended).code).toBe(1);
    expect((await app.gesta('projections rebuild takings').ended).code).toBe(0);
    const { code, out, err } = await app.gesta('doctor --json').ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ healthy: true, readers: [{ lag: '0', parked: 0 }] });
  });

  it('takes a configuration in TypeScript, and URLs from the environment', async () => {
    const other = new Installed(
      `const adapters: object[] = [sqlite()];\nexport default { adapters };`,
      'gesta.config.ts',
    );
    try {
      await sell(1, `${other.folder}/other.db`);
      const { code, out } = await other.gesta('events tail --no-follow', { GESTA_EVENTS_URL: 'sqlite:other.db' }).ended;
      expect(code).toBe(0);
      expect(out).toContain('shop.till-0');
    } finally {
      other.remove();
    }
  });

  it('says what is wrong with a configuration that cannot be loaded', async () => {
    app.write('gesta.config.js', "import '@gesta/nowhere';");
    const { code, err } = await app.gesta('streams show shop.till-0').ended;
    expect(code).toBe(1);
    expect(err).toMatch(
      /gesta\.config\.js cannot be loaded: Cannot find package .* Is everything installed and built\?\n$/,
    );
    expect((await app.gesta('doctor --config nowhere.js').ended).code).toBe(1);
    expect((await app.gesta('events tail --config nowhere.js').ended).code).toBe(2);
  });

  it('never shows a password', async () => {
    for (const command of ['doctor', 'doctor --json', 'events tail', 'projections list']) {
      const env = { GESTA_EVENTS_URL: 'esdb://ada:s3cr3t@host', GESTA_DOCUMENTS_URL: 'sqlite:/ada:s3cr3t@host' };
      const { code, out, err } = await app.gesta(command, env).ended;
      expect(code).toBe(1);
      expect(out + err).toContain('esdb://***@host');
      expect(out + err).not.toContain('s3cr3t');
    }
  });

  it('follows the log until Ctrl-C, which is a good end', async () => {
    await sell(1);
    const tail = app.gesta('events tail --from beginning --json');
    await once(tail.child.stdout!, 'data');
    tail.interrupt();
    expect(await tail.ended).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(tail.out)).toMatchObject({ position: '1', streamId: 'shop.till-0' });
  });

  it('ends when nobody reads on', async () => {
    await sell(20_000);
    const tail = app.gesta('events tail --no-follow');
    await once(tail.child.stdout!, 'data');
    tail.child.stdout!.destroy();
    expect(await tail.ended).toMatchObject({ code: 0, err: '' });
  });

  describe('rebuilding', () => {
    it('stops after the batch in hand at Ctrl-C, and resumes', async () => {
      await sell(60_000);
      const rebuild = app.gesta('projections rebuild takings');
      await rebuild.said('events');
      rebuild.interrupt(2); // one key press, which npm hands on once more
      const stopped = await rebuild.ended;
      expect(stopped).toMatchObject({ code: 130, out: '' });
      expect(stopped.err).toContain('Stopping after the batch in hand. Ctrl-C again ends at once.\nStopped.');

      const status = JSON.parse((await app.gesta('projections status takings --json').ended).out) as Status;
      const [, building] = status.generations;
      expect(building).toMatchObject({ number: 2, state: 'building' });
      const resumed = JSON.parse((await app.gesta('projections rebuild takings --json').ended).out) as object;
      const events = 60_000 - Number(building!.position);
      expect(resumed).toMatchObject({ generation: 2, outcome: 'switched', events });
    });

    it('can be cancelled after it was interrupted, whoever did it', async () => {
      await sell(60_000);
      const rebuild = app.gesta('projections rebuild takings');
      await rebuild.said('events');
      rebuild.interrupt();
      expect((await rebuild.ended).code).toBe(130);
      expect((await app.gesta('projections cancel takings').ended).code).toBe(0);
      const status = JSON.parse((await app.gesta('projections status takings --json').ended).out) as Status;
      expect(status.generations).toMatchObject([{ number: 1, state: 'live' }]);
    });
  });
});

interface Status {
  readonly generations: readonly { readonly number: number; readonly state: string; readonly position: string }[];
}
