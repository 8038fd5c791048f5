import { memory, type EventStore, type ReadModel } from '@gesta/core';
import { configureHttp, EVENT_STORE, GestaModule, readModelToken } from '@gesta/nestjs';
import { describe, expect, it } from '@jest/globals';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Balances, type Balance } from '../bank/balances.js';
import { BankModule } from '../bank/bank.module.js';
import { HealthModule } from './health.controller.js';
import { until } from './until.js';

interface AuthenticatedRequest {
  user?: { readonly id: string };
}

/** Stands for a guard that looks at a token. */
class Tokens implements CanActivate {
  canActivate(context: ExecutionContext) {
    context.switchToHttp().getRequest<AuthenticatedRequest>().user = { id: 'ann' };
    return true;
  }
}

describe('the bank over HTTP', () => {
  it('records who asked, shows what was done once it is settled, and is ready', async () => {
    const gesta = GestaModule.forRoot({ adapters: [memory()], events: 'memory:', documents: 'memory:' });
    const testing = await Test.createTestingModule({ imports: [gesta, BankModule, HealthModule] }).compile();
    const app = testing.createNestApplication();
    app.useGlobalGuards(new Tokens());
    configureHttp(app, { userId: ({ user }: AuthenticatedRequest) => user?.id });
    await app.listen(0, '127.0.0.1');
    try {
      const url = await app.getUrl();
      const answer = await fetch(`${url}/accounts/1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ owner: 'Ada' }),
      });
      expect(answer.status).toBe(201);

      const store = app.get<EventStore>(EVENT_STORE, { strict: false });
      const [opened] = (await Array.fromAsync(store.readStream('bank.account-1'))).flat();
      expect(opened!.headers.userId).toBe('ann');

      const balances = app.get<ReadModel<Balance>>(readModelToken(Balances), { strict: false });
      await balances.waitFor((await store.head()).position);
      expect(await balances.findById('1')).toMatchObject({ owner: 'Ada' });

      await until('it is ready', async () => (await fetch(`${url}/health/ready`)).status === 200);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});
