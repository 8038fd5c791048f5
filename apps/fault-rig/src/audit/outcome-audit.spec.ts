import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RecordedEvent } from '@gesta/core';
import { Ledger } from '../ledger.js';
import { OutcomeAudit } from './outcome-audit.js';

describe('The audit of what came of commands', () => {
  let audit: OutcomeAudit;
  let ledger: Ledger;
  let revision: number;

  beforeEach(() => {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    audit = new OutcomeAudit();
    ledger = new Ledger([]);
    revision = 0;
  });
  afterEach(() => void jest.restoreAllMocks());

  const took = (type: string, commandId?: string) =>
    audit.took({ type, commandId, streamId: 'inventory.item-1', revision: revision++ } as RecordedEvent, ledger);
  const [HAPPENED, ACCEPTED, REFUSED] = ['inventory.stock-reserved', 'gesta.command-accepted', 'gesta.command-refused'];

  it('finds nothing where each command has one outcome, be it of several events', () => {
    took(HAPPENED, 'one');
    took(HAPPENED, 'one');
    took(ACCEPTED, 'two');
    took(REFUSED, 'three');
    took(HAPPENED);
    took(HAPPENED);
    expect(ledger.count('doubled')).toBe(0);
  });

  it.each([
    ['refused and accepted', REFUSED, HAPPENED],
    ['accepted with events and with nothing to do', HAPPENED, ACCEPTED],
    ['refused twice', REFUSED, REFUSED],
  ])('finds a command that was %s', (_, first, second) => {
    took(first, 'one');
    took(second, 'one');
    expect(ledger.count('doubled')).toBe(1);
  });

  it('finds a command that was carried out again later', () => {
    took(HAPPENED, 'one');
    took(HAPPENED, 'two');
    took(HAPPENED, 'one');
    expect(ledger.count('doubled')).toBe(1);
  });
});
