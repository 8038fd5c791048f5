import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { JsonObject, RecordedEvent } from '@gesta/core';
import { Ledger, WRONGS } from '../ledger.js';
import { StockAudit } from './stock-audit.js';

describe('The audit of the stock', () => {
  let audit: StockAudit;
  let ledger: Ledger;

  beforeEach(() => {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    audit = new StockAudit();
    ledger = new Ledger([]);
  });
  afterEach(() => void jest.restoreAllMocks());

  const took = (type: string, data: JsonObject) =>
    audit.took({ type: `inventory.stock-${type}`, data: { sku: 'chair', ...data } } as unknown as RecordedEvent);
  const order = (type: string, orderId: string, quantity = 2) => took(type, { orderId, quantity });
  const wrongs = (ends: Readonly<Record<string, string>>, acknowledged: [string, number][] = []) => {
    audit.close(new Map(acknowledged), (orderId) => ends[orderId], ledger);
    return WRONGS.filter((wrong) => ledger.count(wrong) > 0);
  };

  it('finds nothing where all adds up', () => {
    took('received', { quantity: 4 });
    for (const step of ['reserved', 'committed']) order(step, 'one');
    for (const step of ['reserved', 'released']) order(step, 'two');
    for (const step of ['reserved', 'committed', 'returned']) order(step, 'three');
    expect(wrongs({ one: 'confirmed', two: 'rejected', three: 'cancelled' }, [['chair', 4]])).toEqual([]);
  });

  it('finds units that are held for ever', () => {
    took('received', { quantity: 4 });
    order('reserved', 'one');
    expect(wrongs({ one: 'rejected' })).toEqual(['stuck']);
  });

  it('finds units that stay with an order that was cancelled', () => {
    took('received', { quantity: 4 });
    for (const step of ['reserved', 'committed']) order(step, 'one');
    expect(wrongs({ one: 'cancelled' })).toEqual(['stuck']);
  });

  it('finds units that are sold twice', () => {
    took('received', { quantity: 3 });
    for (const orderId of ['one', 'two']) for (const step of ['reserved', 'committed']) order(step, orderId);
    expect(wrongs({ one: 'confirmed', two: 'confirmed' })).toEqual(['doubled']);
  });

  it('finds a receipt that is gone, and one that is there twice', () => {
    expect(wrongs({}, [['chair', 3]])).toEqual(['lost']);
    took('received', { quantity: 3 });
    took('received', { quantity: 3 });
    expect(wrongs({}, [['chair', 3]])).toEqual(['lost', 'doubled']);
  });

  it('finds a confirmed order that did not get its goods', () => {
    took('received', { quantity: 4 });
    for (const step of ['reserved', 'released']) order(step, 'one');
    expect(wrongs({ one: 'confirmed' })).toEqual(['lost']);
  });
});
