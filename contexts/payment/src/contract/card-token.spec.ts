import { describe, expect, it } from '@jest/globals';
import { ValidationFailed } from '@gesta/core';
import { classValidatorValidator } from '@gesta/nestjs';
import { AuthorisePayment } from './payment-commands.js';

const validate = classValidatorValidator();

async function isTaken(token: unknown): Promise<boolean> {
  try {
    await validate(AuthorisePayment, { orderId: 'a', amount: { amount: 1, currency: 'EUR' }, token });
    return true;
  } catch (error) {
    if (!(error instanceof ValidationFailed)) throw error;
    expect(error.violations.map(({ field }) => field)).toEqual(['token']);
    if (String(token).length > 12) expect(error.message).not.toContain(String(token)); // it may be a card's number
    return false;
  }
}

describe('A card token', () => {
  it.each([
    'tok_ok',
    'pm_1NirD82eZvKYlo2CIvbtLWuY',
    '5O190127TN364715T',
    '550e8400-e29b-41d4-a716-446655440000',
    'eyJjb2RlIjoiNTBfMl8wNjAwMDUyN0JEODE4RjQxOUEyRjhGQkIxMkY0MzdGQjAxQUIwRTY2NjhFNEFCN0VENzE4NTUwMjlGRUU0M0JFMENERUIwQzM2M0ExOUEwMDAz==',
  ])('is what a provider calls a card: %s', async (token) => {
    expect(await isTaken(token)).toBe(true);
  });

  it.each(['4242424242424242', '4242-4242-4242-4242', '4242_4242_4242_4242', '378282246310005', '3782-822463-10005'])(
    'is no card number: %s',
    async (token) => {
      expect(await isTaken(token)).toBe(false);
    },
  );

  it.each(['card_4242424242424242', 'tok_5555-5555-5555-4444', 'x6011111111111117y'])(
    'holds no card number: %s',
    async (token) => {
      expect(await isTaken(token)).toBe(false);
    },
  );

  it('may hold digits that are no card number by their check digit', async () => {
    expect(await isTaken('card_4242424242424241')).toBe(true);
  });

  it.each(['', '1', '12-34', 'with space', '4242 4242 4242 4242', '4242.4242.4242.4242', 'x'.repeat(513), null, 7, {}])(
    'is not %j',
    async (token) => {
      expect(await isTaken(token)).toBe(false);
    },
  );
});
