import { event } from '@gesta/core';
import { at, given, on } from '@gesta/testing';
import { describe, it } from '@jest/globals';
import { AccountOpened, MoneyDeposited } from '../bank/account-events.js';
import { Balances } from '../bank/balances.js';

describe('balances', () => {
  const opened = at('2026-01-01', on('bank.account-1', event(AccountOpened, { owner: 'Ada' })));

  it('add what is deposited', () => {
    given(Balances, opened)
      .when(on('bank.account-1', event(MoneyDeposited, { amount: 100 })))
      .then({ '1': { owner: 'Ada', balance: 100, openedAt: '2026-01-01T00:00:00.000Z' } });
  });

  it('do not begin with a deposit', () => {
    given(Balances)
      .when(on('bank.account-2', event(MoneyDeposited, { amount: 100 })))
      .then({ '2': undefined });
  });
});
