import { memory, type EventStore } from '@gesta/core';
import { configureHttp, EVENT_STORE, GestaModule } from '@gesta/nestjs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { BankModule } from './examples/bank/bank.module.js';

/** What the page says of HTTP, with and without `configureHttp`. */
describe('the bank over HTTP', () => {
  let app: INestApplication;
  afterEach(() => app.close());

  async function listening(configured: boolean) {
    const gesta = GestaModule.forRoot({ adapters: [memory()], events: 'memory:', documents: 'memory:' });
    const module = await Test.createTestingModule({ imports: [gesta, BankModule] }).compile();
    app = module.createNestApplication({ logger: false });
    if (configured) configureHttp(app);
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    return {
      get: (path: string) => fetch(url + path),
      post: (path: string, body: object) =>
        fetch(url + path, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
    };
  }

  it('answers 201, 409 and 400, and positions as decimal texts', async () => {
    const { get, post } = await listening(true);
    const opened = await post('/accounts/1', { owner: 'Ada' });
    expect(opened.status).toBe(201);
    const { position, ...rest } = (await opened.json()) as { position: string };
    expect(position).toMatch(/^\d+$/);
    expect(rest).toEqual({ streamId: 'bank.account-1', revision: 0 });
    expect(await (await get(`/accounts/1?after=${position}`)).json()).toMatchObject({ owner: 'Ada', balance: 0 });

    const refused = await post('/accounts/1/withdrawals', { amount: 5 });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ name: 'InsufficientFunds', detail: 'Account 1 holds 0, not 5' });

    for (const amount of ['five', -5]) {
      const invalid = await post('/accounts/1/withdrawals', { amount });
      expect(invalid.status).toBe(400);
      expect(await invalid.json()).toMatchObject({ violations: [{ field: 'amount' }] });
    }
  });

  it('answers what was recorded without configureHttp too, and 500 to the rest', async () => {
    const { post } = await listening(false);
    const opened = await post('/accounts/1', { owner: 'Ada' });
    expect([opened.status, await opened.json()]).toEqual([
      201,
      expect.objectContaining({ position: expect.stringMatching(/^\d+$/) }),
    ]);
    const recorded = await Array.fromAsync(
      app.get<EventStore>(EVENT_STORE, { strict: false }).readStream('bank.account-1'),
    );
    expect(recorded.flat()).toHaveLength(1);
    for (const amount of [5, -5]) expect((await post('/accounts/1/withdrawals', { amount })).status).toBe(500);
  });
});
