import { ValidationFailed, type Class } from '@gesta/core';
import { classValidatorValidator } from '@gesta/nestjs';
import { describe, expect, it } from '@jest/globals';
import { Withdraw } from './account-commands.js';
import { MoneyWithdrawn } from './account-events.js';

describe('the rules of a withdrawal', () => {
  const check = async (schema: Class, data: object) => classValidatorValidator()(schema, data);

  it('let an amount above 0 through', async () => {
    await check(Withdraw, new Withdraw('1', 100));
    await check(MoneyWithdrawn, { amount: 100 });
  });

  it('refuse a negative amount, in the command and in the event', async () => {
    await expect(check(Withdraw, new Withdraw('1', -5))).rejects.toThrow(ValidationFailed);
    await expect(check(MoneyWithdrawn, { amount: -5 })).rejects.toThrow(ValidationFailed);
  });
});
