import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sqlite } from '@gesta/sqlite';
import { AccountLog } from '../src/accounts/account-log.js';
import type { Balance } from '../src/accounts/balances.projection.js';
import { AccountService, RunningGesta } from './account-service.js';

const log = new AccountLog(2_000);
let folder: string;
let url: string;
let service: AccountService | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paused-'));
  url = `sqlite:${join(folder, 'gesta.db')}`;
});
afterEach(async () => {
  await service?.end();
  await rm(folder, { recursive: true });
});

it('a process that stood still while its documents were rebuilt and the old ones pruned shows no reader that they are gone', async () => {
  service = await AccountService.start(url);
  await service.post(`/log?events=${log.events}`);
  const account = (number: number) => log.accountOf(number);
  const expected = Array.from({ length: log.accounts }, (_, number) => log.expected(account(number)));

  service.pause();
  const asked = expected.map((_, number) => service!.get<Balance>(`/accounts/${account(number)}`));
  for (const command of ['rebuild', 'prune'])
    expect((await new RunningGesta(url, ['projections', command, 'balance']).ended).exitCode).toBe(0);
  service.resume();

  expect(await Promise.all(asked)).toEqual(expected);
  for (const until = performance.now() + 1_000; performance.now() < until; await delay(5)) {
    expect(await service.get('/accounts')).toEqual({ count: log.accounts });
  }

  // And what it still had in hand brought nothing back.
  const store = await sqlite().openDocumentStore!(url, { now: () => new Date() });
  expect(await store.collections()).not.toContain('projection.balance.v1.g1');
  await store.close();
});
