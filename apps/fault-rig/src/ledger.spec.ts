import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Ledger, WRONGS } from './ledger.js';

describe('The ledger', () => {
  beforeEach(() => void jest.spyOn(console, 'log').mockImplementation(() => undefined));
  afterEach(() => void jest.restoreAllMocks());

  it('balances when something was acknowledged and nothing went wrong', () => {
    const ledger = new Ledger(['kill']);
    expect(ledger.balances).toBe(false); // nothing was tried
    ledger.acknowledged = 1;
    expect(ledger.balances).toBe(true);
  });

  it.each(WRONGS)('does not balance when something is %s', (wrong) => {
    const ledger = new Ledger(['kill']);
    ledger.acknowledged = 1;
    ledger.wrong(wrong, 'order 1');
    expect(ledger.balances).toBe(false);
    expect(ledger.line(1)).toContain(`${wrong} 1`);
  });

  it('tells of all in one line, of faults that did not happen too', () => {
    const ledger = new Ledger(['kill', 'pause']);
    ledger.acknowledged = 7;
    ledger.minutes = 0.52;
    ledger.fault('kill');
    ledger.fault('kill');
    expect(ledger.line(3)).toBe(
      'ledger: acknowledged 7, lost 0, doubled 0, stuck 0, differing 0, unexpected 0; refused 0, unheard 0, restarts 0, rebuilds 0, looks 0, peak memory 0 MB; faults 2 (kill 2, pause 0); seed 3, 0.5 min',
    );
  });

  it('tells of faults that cannot happen here', () => {
    expect(new Ledger(['kill'], ['disk-full']).line(1)).toContain('faults 0 (kill 0, disk-full not possible here)');
  });

  it('counts on where it does not tell any more', () => {
    const ledger = new Ledger([]);
    for (let count = 0; count < 100; count++) ledger.wrong('lost', 'order');
    expect(ledger.count('lost')).toBe(100);
    expect(jest.mocked(console.log).mock.calls.length).toBeLessThan(30);
  });
});
