import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeadLetter } from '@gesta/core';
import { AccountLog } from '../src/accounts/account-log.js';
import type { Balance } from '../src/accounts/balances.projection.js';
import { AccountService, RunningGesta } from './account-service.js';

/** `GESTA_FAULT_EVENTS=1000000 npm run test:faults -- one-poisoned-key` takes some minutes. */
const EVENTS = Number(process.env.GESTA_FAULT_EVENTS ?? 50_000);
const POISONED = EVENTS / 2 + 7;

describe(`a projection that throws on one of ${EVENTS.toLocaleString('en')} events`, () => {
  let folder: string;
  let url: string;
  let service: AccountService | undefined;
  const log = new AccountLog(EVENTS, POISONED);
  const key = log.accountOf(POISONED);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'poisoned-'));
    url = `sqlite:${join(folder, 'gesta.db')}`;
  });
  afterEach(async () => {
    await service?.end();
    await rm(folder, { recursive: true });
  });

  const gesta = async (args: readonly string[], options?: { bug: boolean }) => {
    const { exitCode, stdout, stderr } = await new RunningGesta(url, args, options).ended;
    return { exitCode, stderr, answer: (stdout === '' ? undefined : JSON.parse(stdout)) as unknown };
  };
  const balance = (account: string) => service!.get<Balance>(`/accounts/${account}`);
  /** Every account but the poisoned one is as it should be, however it is looked at. */
  const expectOthersDone = async () => {
    for (let number = 0; number < log.accounts; number += Math.ceil(log.accounts / 500)) {
      const account = log.accountOf(number);
      if (account !== key) expect(await balance(account)).toEqual(log.expected(account));
    }
    expect(await service!.get('/accounts')).toEqual({ count: log.accounts });
  };

  it('does the others, tells of the key with its event, error and stack, and makes it whole when it is retried after the fix', async () => {
    service = await AccountService.start(url, { bug: true });
    await service.post(`/log?events=${EVENTS}&poisoned=${POISONED}`);
    await expectOthersDone();
    expect(await balance(key)).toEqual(log.expected(key, POISONED));

    const { answer } = await gesta(['dead-letters', 'list']);
    expect(answer).toMatchObject([{ reader: 'projection.balance.v1.g1', kind: 'key', key }]);
    const [letter] = answer as [DeadLetter];
    expect(await gesta(['dead-letters', 'show', letter.id])).toMatchObject({
      exitCode: 0,
      answer: {
        event: { id: log.event(POISONED).id, streamId: `accounts.account-${key}`, data: log.event(POISONED).data },
        error: {
          name: 'TypeError',
          message: expect.stringContaining("'units'"),
          stack: expect.stringContaining('balances.projection'),
        },
      },
    });
    expect(await gesta(['dead-letters', 'retry', letter.id, '--wait'])).toMatchObject({ exitCode: 1 });

    await service.end();
    service = await AccountService.start(url);
    expect(await gesta(['dead-letters', 'retry', letter.id, '--wait'])).toMatchObject({ exitCode: 0 });
    expect(await balance(key)).toEqual(log.expected(key));
    expect(await gesta(['dead-letters', 'list'])).toMatchObject({ answer: [] });
  });

  it('keeps a rebuild from becoming live until its key is whole too', async () => {
    service = await AccountService.start(url);
    await service.post(`/log?events=${EVENTS}&poisoned=${POISONED}`);

    const withBug = { bug: true };
    expect(await gesta(['projections', 'rebuild', 'balance'], withBug)).toMatchObject({
      exitCode: 1,
      answer: { generation: 2, outcome: 'parked', parked: 1 },
    });
    await expectOthersDone();
    expect(await balance(key)).toEqual(log.expected(key)); // of the generation before

    const [letter] = (await gesta(['dead-letters', 'list'])).answer as [DeadLetter];
    await gesta(['dead-letters', 'retry', letter.id]);
    expect(await gesta(['projections', 'rebuild', 'balance'])).toMatchObject({
      exitCode: 0,
      answer: { generation: 2, outcome: 'switched', parked: 0 },
    });
    while (!(await liveIs(2))) await delay(50);
    await expectOthersDone();
    expect(await balance(key)).toEqual(log.expected(key));
  });

  const liveIs = async (generation: number) =>
    ((await gesta(['projections', 'status', 'balance'])).answer as { live: number }).live === generation;
});
