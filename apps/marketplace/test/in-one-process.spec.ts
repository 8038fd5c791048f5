import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marketplaceBehaviour } from './marketplace-behaviour.js';
import { RunningMarketplace } from './running-marketplace.js';
import { waitUntil } from './wait-until.js';

interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema?: object }> }>;
}

describe('the marketplace in one process, in an SQLite file', () => {
  let marketplace: RunningMarketplace;
  marketplaceBehaviour(async (folder) => {
    const store = `sqlite:${join(folder, 'data', 'gesta.db')}`;
    return (marketplace = await RunningMarketplace.start({ GESTA_EVENTS_URL: store, GESTA_DOCUMENTS_URL: store }));
  });

  it('describes itself', async () => {
    expect((await marketplace.get('/docs')).status).toBe(200);
    const { body } = await marketplace.get('/docs-json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/api/ordering/orders', '/api/inventory/items/{sku}/receipts']),
    );
  });

  it('says of every error what it looks like', async () => {
    const { body } = await marketplace.get('/docs-json');
    const described = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
      ([path, operations]) =>
        Object.entries(operations).flatMap(([method, { responses }]) =>
          Object.entries(responses).map(([status, { content = {} }]) => ({
            what: `${method} ${path} ${status}`,
            status,
            content,
          })),
        ),
    );
    const errors = described.filter(({ status }) => /^[45]/.test(status));
    expect(errors.length).toBeGreaterThan(described.length / 2);
    const without = errors.filter(({ content }) => !Object.values(content).some(({ schema }) => schema));
    expect(without.map(({ what }) => what)).toEqual([]);
  });

  it('does not say what it is made with', async () => {
    const { headers } = await fetch(`${marketplace.url}/health/live`);
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('ends, with nothing left behind, when npm is told to end', async () => {
    const npm = spawn('npm', ['start', '--ignore-scripts'], {
      cwd: fileURLToPath(new URL('../../../', import.meta.url)),
      env: { ...process.env, PORT: '0', GESTA_EVENTS_URL: 'memory:', GESTA_DOCUMENTS_URL: 'memory:' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (text) => (printed += String(text)));
    const address = () => /open at (http:\S+),/.exec(printed)?.[1];
    await waitUntil('it says where it is', async () => address() !== undefined);
    npm.kill('SIGTERM');
    const answers = () =>
      fetch(`${address()}/health/live`).then(
        () => true,
        () => false,
      );
    await waitUntil('nobody answers there any more', async () => !(await answers()));
  }, 30_000);
});
