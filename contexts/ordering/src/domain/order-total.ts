import { DomainError } from '@gesta/core';
import { isArray, isString, ValidateBy } from 'class-validator';
import type { Money } from '@marketplace/values';
import type { OrderLine } from '../contract/order-line.js';
import { MixedCurrencies, TotalTooLarge } from './order-errors.js';

/**
 * What the lines cost together, to the last cent.
 * @throws {MixedCurrencies} when the lines are in different currencies
 * @throws {TotalTooLarge} when the sum is past what a number holds exactly
 */
export function orderTotal(lines: readonly OrderLine[]): Money {
  const currencies = new Set(lines.map(({ unitPrice }) => unitPrice.currency));
  const [currency] = currencies;
  if (currency === undefined || currencies.size > 1) throw new MixedCurrencies(currencies);
  // Products of two numbers may be past what a number holds; a bigint holds any.
  const amount = lines.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice.amount), 0n);
  if (amount > Number.MAX_SAFE_INTEGER) throw new TotalTooLarge();
  return { amount: Number(amount), currency };
}

/** The field's lines add up: the same rules as {@link orderTotal}, among those that a request is checked by. */
export function HasTotal(): PropertyDecorator {
  return ValidateBy({
    name: 'hasTotal',
    validator: {
      validate: (lines) => whyNot(lines) === undefined,
      defaultMessage: (checked) => whyNot(checked?.value) ?? '',
    },
  });
}

/** Why the lines have no total; for anything but well-made lines, other rules have the word. */
function whyNot(lines: unknown): string | undefined {
  const isPriced = (line?: Partial<OrderLine>) => isString(line?.unitPrice?.currency);
  if (!isArray<OrderLine>(lines) || lines.length === 0 || !lines.every(isPriced)) return undefined;
  try {
    orderTotal(lines);
    return undefined;
  } catch (error) {
    return error instanceof DomainError ? error.message : undefined;
  }
}
