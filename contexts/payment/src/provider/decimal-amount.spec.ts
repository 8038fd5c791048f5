import { expect, it } from '@jest/globals';
import { decimalAmount } from './decimal-amount.js';

it.each([
  [1_999, 'EUR', '19.99'],
  [5, 'EUR', '0.05'],
  [0, 'EUR', '0.00'],
  [1_999, 'JPY', '1999'],
  [1_999, 'KWD', '1.999'],
  [Number.MAX_SAFE_INTEGER, 'EUR', '90071992547409.91'],
])('writes %i of %s as %s', (amount, currency, text) => {
  expect(decimalAmount({ amount, currency })).toBe(text);
});
