import { describe, expect, it } from '@jest/globals';
import { ValidationFailed } from '@gesta/core';
import { classValidatorValidator } from '@gesta/nestjs';
import { PlaceOrder } from './order-commands.js';

const line = { sku: 'chair', quantity: 1, unitPrice: { amount: 4_950, currency: 'EUR' } };
const order = { orderId: 'order-1', customerId: 'ada', lines: [line] };
const validate = classValidatorValidator();

async function fieldsRefused(fields: object): Promise<string[]> {
  try {
    await validate(PlaceOrder, { ...order, ...fields });
    return [];
  } catch (error) {
    if (error instanceof ValidationFailed) return error.violations.map(({ field }) => field);
    throw error;
  }
}

describe('PlaceOrder', () => {
  it('takes 1 to 100 lines', async () => {
    const lines = Array.from({ length: 101 }, (_, index) => ({ ...line, sku: `sku-${index}` }));
    expect(await fieldsRefused({ lines: lines.slice(1) })).toEqual([]);
    expect(await fieldsRefused({ lines })).toEqual(['lines']);
    expect(await fieldsRefused({ lines: [] })).toEqual(['lines']);
    expect(await fieldsRefused({ lines: undefined })).toEqual(['lines']);
  });

  it('takes each sku once', async () => {
    expect(await fieldsRefused({ lines: [line, { ...line, quantity: 2 }] })).toEqual(['lines']);
  });

  it('takes one currency, by its ISO code', async () => {
    const priced = (currency: unknown, sku = 'table') => ({ ...line, sku, unitPrice: { amount: 1, currency } });
    expect(await fieldsRefused({ lines: [line, priced('USD')] })).toEqual(['lines']);
    for (const currency of ['EURO', 'ABC', 'eur', '', 978]) {
      expect(await fieldsRefused({ lines: [priced(currency)] })).toEqual(['lines[0].unitPrice.currency']);
    }
  });

  it.each([0, -1, 1.5, 1_000_001, '1', NaN, null])('takes no %p units', async (quantity) => {
    expect(await fieldsRefused({ lines: [{ ...line, quantity }] })).toEqual(['lines[0].quantity']);
  });

  it.each([-1, 0.5, 2 ** 53, '1', null])('takes no price of %p', async (amount) => {
    expect(await fieldsRefused({ lines: [{ ...line, unitPrice: { amount, currency: 'EUR' } }] })).toContain(
      'lines[0].unitPrice.amount',
    );
  });

  it('takes no total past what a number holds exactly', async () => {
    const unitPrice = { amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' };
    expect(await fieldsRefused({ lines: [{ ...line, unitPrice }] })).toEqual([]);
    expect(await fieldsRefused({ lines: [{ ...line, unitPrice, quantity: 2 }] })).toEqual(['lines']);
  });

  it.each([[[]], [null], ['chair'], [[line]]])('takes no line that is %j', async (wrong) => {
    expect(await fieldsRefused({ lines: [wrong] })).toContain('lines');
  });

  it.each([[], [line.unitPrice], null, 'free', undefined].map((price) => ({ price })))(
    'takes no unit price like $price',
    async ({ price }) => {
      expect(await fieldsRefused({ lines: [{ ...line, unitPrice: price }] })).toContain('lines[0].unitPrice');
    },
  );

  it.each(['', '-a', 'a b', 'a/b', 'ä', 'a'.repeat(65), '.', '../x', 7, null, undefined])(
    'takes no %p for an id',
    async (id) => {
      expect(await fieldsRefused({ orderId: id, customerId: id, lines: [{ ...line, sku: id }] })).toEqual([
        'orderId',
        'customerId',
        'lines[0].sku',
      ]);
    },
  );

  it.each(['a', '0', 'A.b_c-9', 'a'.repeat(64), 'constructor'])('takes %p for an id', async (id) => {
    expect(await fieldsRefused({ orderId: id, customerId: id, lines: [{ ...line, sku: id }] })).toEqual([]);
  });
});
