import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import { describe, it } from '@jest/globals';
import { Withdraw } from './account-commands.js';
import { AccountOpened, MoneyDeposited, MoneyWithdrawn } from './account-events.js';
import { Account, InsufficientFunds } from './account.js';

describe('an account', () => {
  const opened = event(AccountOpened, { owner: 'Ada' });

  it('pays out what it holds', () => {
    given(Account, opened, event(MoneyDeposited, { amount: 100 }))
      .when(new Withdraw('1', 100))
      .then(event(MoneyWithdrawn, { amount: 100 }));
  });

  it('refuses to pay out more than it holds', () => {
    given(Account, opened).when(new Withdraw('1', 1)).thenRefused(InsufficientFunds);
  });
});
