import type { Money } from '@marketplace/values';

/** An amount in the currency's main unit, as PayPal and Authorize.net write it: `19.99`, or `1999` where there are no smaller units. */
export function decimalAmount({ amount, currency }: Money): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  if (digits === 0) return String(amount);
  const text = String(amount).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
