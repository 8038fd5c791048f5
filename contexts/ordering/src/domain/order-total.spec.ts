import { describe, expect, it } from '@jest/globals';
import { MixedCurrencies, TotalTooLarge } from './order-errors.js';
import { orderTotal } from './order-total.js';

const line = (quantity: number, amount: number, currency = 'EUR') => ({
  sku: 'chair',
  quantity,
  unitPrice: { amount, currency },
});

describe('orderTotal', () => {
  it('adds up what the lines cost', () => {
    expect(orderTotal([line(2, 4_950), line(3, 1), line(1, 0)])).toEqual({ amount: 9_903, currency: 'EUR' });
  });

  it('is right up to the greatest sum that a number holds exactly, and refuses one past it', () => {
    expect(orderTotal([line(1, Number.MAX_SAFE_INTEGER - 1), line(1, 1)]).amount).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => orderTotal([line(1, Number.MAX_SAFE_INTEGER), line(1, 1)])).toThrow(TotalTooLarge);
  });

  it('refuses a product that floating point would round back into range', () => {
    // 3 × 3002399751580331 is one more than is safe; as floating-point numbers they make 9007199254740992.
    expect(() => orderTotal([line(3, 3_002_399_751_580_331)])).toThrow(TotalTooLarge);
    expect(() => orderTotal([line(1_000_000, Number.MAX_SAFE_INTEGER)])).toThrow(TotalTooLarge);
  });

  it('does not add up different currencies', () => {
    expect(() => orderTotal([line(1, 1, 'EUR'), line(1, 1, 'USD')])).toThrow(MixedCurrencies);
  });
});
