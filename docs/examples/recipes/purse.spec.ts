import { event } from '@gesta/core';
import { given, old } from '@gesta/testing';
import { describe, it } from '@jest/globals';
import { MoneyTakenOut, Purse, PurseIsEmpty, TakeOut } from './purse.js';

describe('a purse', () => {
  it('counts what was paid in under the earlier name', () => {
    given(Purse, old('bank.money-deposited', 1, { amount: 5 }))
      .when(new TakeOut('1', 5))
      .then(event(MoneyTakenOut, { amount: 5 }));
    given(Purse).when(new TakeOut('1', 5)).thenRefused(PurseIsEmpty);
  });
});
