import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DefinitionError } from '../events/definition-error.js';
import { Event } from '../events/event.decorator.js';
import { Command } from '../messaging/command.decorator.js';
import { cancelDeadline, complete, deadline, send, type Duration } from './effects.js';

/** What a DefinitionError says; any other error is a failure of the test. */
function definitionErrorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  throw new Error('It was not refused');
}

@Command('inventory.reserve-stock')
class ReserveStock {
  readonly sku!: string;
}
@Event('inventory.stock-reserved')
class StockReserved {
  readonly sku!: string;
}
class Local {
  readonly sku!: string;
}

describe('send', () => {
  it('names the command as it travels', () => {
    expect(send(ReserveStock, { sku: 'shoe' })).toEqual({
      kind: 'send',
      type: 'inventory.reserve-stock',
      data: { sku: 'shoe' },
      commandClass: ReserveStock,
    });
  });

  it('refuses a class that has no name to travel by', () => {
    class Unnamed extends ReserveStock {}
    for (const cannot of [Local, StockReserved, Unnamed]) {
      expect(definitionErrorOf(() => send(cannot, { sku: 'shoe' }))).toBe(
        `${cannot.name} cannot be sent: name it with @Command('context.name')`,
      );
    }
  });
});

describe('deadline', () => {
  it('adds up the parts of its duration', () => {
    const all = { days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 };
    expect(deadline('payment', all)).toEqual({ kind: 'deadline', name: 'payment', afterMs: 93_784_005 });
    expect(deadline('payment', { minutes: 90 })).toEqual(deadline('payment', { hours: 1, minutes: 30 }));
    expect(deadline('payment', { hours: 1, minutes: -30 })).toEqual(deadline('payment', { minutes: 30 }));
    expect(deadline('at once', {}).afterMs).toBe(0);
  });

  it('is later the longer any part of it is', () => {
    const part = fc.nat(1_000);
    const duration = fc.record({ days: part, hours: part, minutes: part, seconds: part, milliseconds: part });
    const unit = fc.constantFrom('days', 'hours', 'minutes', 'seconds', 'milliseconds');
    fc.assert(
      fc.property(duration, unit, (shorter, longerBy) => {
        const longer: Duration = { ...shorter, [longerBy]: shorter[longerBy] + 1 };
        expect(deadline('x', longer).afterMs).toBeGreaterThan(deadline('x', shorter).afterMs);
      }),
    );
  });

  it('refuses a duration that is negative or no number, naming the deadline', () => {
    expect(() => deadline('payment', { minutes: -1 })).toThrow(
      new RangeError(`deadline 'payment': the duration is a number of at least 0, not {"minutes":-1}`),
    );
    for (const wrong of [NaN, Infinity, -Infinity, 'soon' as unknown as number]) {
      expect(() => deadline('payment', { seconds: wrong })).toThrow(RangeError);
    }
  });
});

describe('cancelDeadline and complete', () => {
  it('say what they do', () => {
    expect(cancelDeadline('payment')).toEqual({ kind: 'cancel-deadline', name: 'payment' });
    expect(complete()).toEqual({ kind: 'complete' });
  });
});
