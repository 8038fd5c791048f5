import { describe, expect, it } from '@jest/globals';
import { declare } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import type { StreamMetadata } from '../events/recorded-event.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Aggregate, Apply, Handle, HANDLERS, type Decision } from './aggregate.decorator.js';

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

@Event('till.opened')
class Opened {
  readonly float!: number;
}
@Event('till.sold', { aliases: ['till.rung-up'] })
class Sold {
  readonly amount!: number;
}
@Event('till.inspected')
class Inspected {}
@Event('till.elsewhere')
class Elsewhere {}

class Open {
  constructor(readonly tillId: string) {}
}
class Sell {
  constructor(
    readonly tillId: string,
    readonly amount = 1,
  ) {}
}
class Inspect {
  constructor(readonly visit: { readonly till: string }) {}
}

@Aggregate({ category: 'shop.till', id: 'tillId', events: [Inspected] })
class Till {
  total = 0;
  heard: StreamMetadata[] = [];

  @Handle(Open)
  open(): Decision {
    return event(Opened, { float: 10 });
  }

  @Handle(Sell)
  sell({ amount }: Sell): Decision {
    return amount > 0 ? [event(Sold, { amount }), event(Sold, { amount: this.total })] : undefined;
  }

  @Handle(Inspect, { id: ({ visit }) => visit.till })
  inspect(): Decision {
    return event(Inspected, {});
  }

  @Apply(Opened)
  opened({ float }: Opened) {
    this.total = float;
  }

  @Apply(Sold)
  sold({ amount }: Sold, meta: StreamMetadata) {
    this.total += amount;
    this.heard.push(meta);
  }
}

const meta = (type: string): StreamMetadata => ({
  id: '7d2c1a90-0000-4000-8000-000000000001',
  type,
  version: 1,
  streamId: 'shop.till-1',
  revision: 0,
  commandId: undefined,
  headers: {},
});

describe('aggregateDefinition', () => {
  const definition = aggregateDefinition(Till);

  it('says what the class declared', () => {
    expect(definition).toMatchObject({
      name: 'Till',
      aggregateClass: Till,
      category: 'shop.till',
      foldsWhileDeciding: false,
      snapshot: undefined,
    });
    expect(definition.handlers.map(({ command }) => command)).toEqual([Open, Sell, Inspect]);
  });

  it('knows the events that are folded and those that are listed, under every name', () => {
    const known = ['till.opened', 'till.sold', 'till.rung-up', 'till.inspected', 'till.elsewhere'];
    expect(known.map((type) => definition.registry.find(type)?.eventClass)).toEqual([
      Opened,
      Sold,
      Sold,
      Inspected,
      undefined,
    ]);
  });

  it('makes an aggregate anew each time, and folds events into it', () => {
    const till = definition.create('1');
    expect(till).toBeInstanceOf(Till);
    definition.fold(till, { float: 5 }, meta('till.opened'));
    definition.fold(till, { amount: 3 }, meta('till.sold'));
    expect(till).toEqual({ total: 8, heard: [meta('till.sold')] });
    expect(definition.create('1')).toEqual({ total: 0, heard: [] });
  });

  it('folds nothing for an event that is listed only', () => {
    const till = definition.create('1');
    definition.fold(till, {}, meta('till.inspected'));
    expect(till).toEqual(new Till());
  });

  it('declares what is no aggregate to be none', () => {
    class Plain {}
    expect(definitionErrorOf(() => aggregateDefinition(Plain))).toBe(
      'Plain is no aggregate: decorate it with @Aggregate({ category, id })',
    );
  });

  it('refuses a second @Aggregate on one class', () => {
    expect(definitionErrorOf(() => Aggregate({ category: 'shop.till', id: 'id' })(Till))).toBe(
      'Till is declared an aggregate twice',
    );
  });

  it('refuses a constructor that takes arguments', () => {
    @Aggregate({ category: 'shop.till', id: 'id' })
    class Wired {
      constructor(readonly clock: () => Date) {}
    }
    expect(definitionErrorOf(() => aggregateDefinition(Wired))).toBe(
      'Wired is constructed without arguments: an aggregate has no dependencies',
    );
  });

  it('refuses a category that no stream could have', () => {
    @Aggregate({ category: 'shop-till', id: 'id' })
    class Dashed {}
    expect(definitionErrorOf(() => aggregateDefinition(Dashed))).toBe(
      "Dashed: 'shop-till' is no category: use letters, digits, dots and underscores, no dash",
    );
  });

  it('refuses two methods that fold one event', () => {
    @Aggregate({ category: 'shop.till', id: 'id' })
    class Twice {
      @Apply(Sold)
      sold() {}
      @Apply(Sold)
      soldToo() {}
    }
    expect(definitionErrorOf(() => aggregateDefinition(Twice))).toBe(
      'Twice folds till.sold twice: in sold and in soldToo',
    );
  });

  it('refuses two methods that handle one command', () => {
    @Aggregate({ category: 'shop.till', id: 'id' })
    class Twice {
      @Handle(Sell)
      sell() {}
      @Handle(Sell)
      sellToo() {}
    }
    expect(definitionErrorOf(() => aggregateDefinition(Twice))).toBe(
      'Twice handles Sell twice: in sell and in sellToo',
    );
  });

  it('refuses a command that was not there yet when its module was read', () => {
    @Aggregate({ category: 'shop.till', id: 'id' })
    class Circular {
      sell() {}
    }
    declare(Circular.prototype, HANDLERS, { command: undefined, method: 'sell', id: undefined });
    expect(definitionErrorOf(() => aggregateDefinition(Circular))).toBe(
      'Circular.sell handles undefined, which is no class; modules that import each other see it too late',
    );
  });

  it('refuses two events of one name', () => {
    @Event('till.rung-up')
    class RungUp {}
    @Aggregate({ category: 'shop.till', id: 'id', events: [RungUp] })
    class Confused {
      @Apply(Sold)
      sold() {}
    }
    expect(definitionErrorOf(() => aggregateDefinition(Confused))).toBe(
      "Both RungUp and Sold are named 'till.rung-up'",
    );
  });

  it('refuses to fold what is no event', () => {
    class Plain {}
    @Aggregate({ category: 'shop.till', id: 'id' })
    class Folding {
      @Apply(Plain)
      plain() {}
    }
    const explained = "is no event: decorate it with @Event('context.name')";
    expect(definitionErrorOf(() => aggregateDefinition(Folding))).toBe(`Plain ${explained}`);
    @Aggregate({ category: 'shop.till', id: 'id', events: [undefined as unknown as typeof Plain] })
    class Circular {}
    expect(definitionErrorOf(() => aggregateDefinition(Circular))).toBe(`undefined ${explained}`);
  });

  it('refuses a snapshot that is never, or not quite, taken', () => {
    for (const every of [0, -1, 1.5, NaN]) {
      @Aggregate({ category: 'shop.till', id: 'id', snapshot: { every } })
      class Saved {}
      expect(definitionErrorOf(() => aggregateDefinition(Saved))).toBe(
        `Saved: snapshot.every is a number of events, at least 1, not ${every}`,
      );
    }
  });
});

describe('a command handler', () => {
  const [open, sell, inspect] = aggregateDefinition(Till).handlers;

  it('takes the id from the field that the aggregate names, or from where the handler says', () => {
    expect(sell!.idOf(new Sell('7'))).toBe('7');
    expect(inspect!.idOf(new Inspect({ till: '8' }))).toBe('8');
  });

  it('refuses a command that names no aggregate', () => {
    const refusalOf = (id: unknown) => () => open!.idOf(new Open(id as string));
    expect(refusalOf(undefined)).toThrow(new TypeError('Open names no aggregate: tillId is undefined'));
    expect(refusalOf(null)).toThrow(new TypeError('Open names no aggregate: tillId is null'));
    expect(refusalOf('')).toThrow(new TypeError('Open names no aggregate: tillId is empty'));
    expect(refusalOf(7)).toThrow(new TypeError('Open names no aggregate: tillId is 7'));
    expect(() => inspect!.idOf(new Inspect({ till: '' }))).toThrow(
      new TypeError('Inspect names no aggregate: its id is empty'),
    );
  });

  it('decides on the state of the aggregate', () => {
    const till = new Till();
    till.total = 3;
    expect(sell!.decide(till, new Sell('1', 2))).toEqual([event(Sold, { amount: 2 }), event(Sold, { amount: 3 })]);
  });
});

describe('the events that a decision states', () => {
  const definition = aggregateDefinition(Till);
  const stated = (returned: unknown) => definition.stated(new Till(), returned);
  const sold = event(Sold, { amount: 1 });

  it('are one, several or none', () => {
    expect(stated(sold)).toEqual([sold]);
    expect(stated([sold, sold])).toEqual([sold, sold]);
    for (const nothing of [undefined, null, []]) expect(stated(nothing)).toEqual([]);
  });

  it('are stated at once, not promised', () => {
    expect(() => stated(Promise.resolve(sold))).toThrow(
      new TypeError('Till: a decision is synchronous; it returned a promise'),
    );
  });

  it('are events, and nothing else', () => {
    for (const other of [
      true,
      'sold',
      new Sold(),
      [undefined],
      { type: 'till.sold' },
      { type: 'till.sold', data: null },
    ]) {
      expect(() => stated(other)).toThrow('Till: a decision returns events, made by event(…), or nothing; not ');
    }
  });

  it('are known to the aggregate, which has to fold them later', () => {
    expect(() => stated(event(Elsewhere, {}))).toThrow(
      new TypeError(
        'Till states till.elsewhere but would not know it again: fold it with @Apply(Elsewhere) or list it in @Aggregate({ events })',
      ),
    );
  });
});

describe('an aggregate that extends another', () => {
  class Close {
    constructor(readonly tillId: string) {}
  }

  @Aggregate({ category: 'shop.closing', id: 'tillId' })
  class ClosingTill extends Till {
    closed = false;

    @Handle(Close)
    close(): Decision {
      return event(Inspected, {});
    }

    override sell(): Decision {
      return undefined;
    }

    @Apply(Sold)
    override sold() {
      this.total = -1;
    }

    @Apply(Inspected)
    inspected() {
      this.closed = true;
    }
  }

  it('handles and folds what its parent does, and its own', () => {
    const definition = aggregateDefinition(ClosingTill);
    expect(definition.handlers.map(({ command }) => command)).toEqual([Open, Sell, Inspect, Close]);
    const till = definition.create('1');
    definition.fold(till, { float: 5 }, meta('till.opened'));
    expect(till.total).toBe(5);
    definition.fold(till, {}, meta('till.inspected'));
    expect(till.closed).toBe(true);
  });

  it('may override what its parent does, with or without declaring it again', () => {
    const definition = aggregateDefinition(ClosingTill);
    const till = definition.create('1');
    expect(definition.handlers[1]!.decide(till, new Sell('1'))).toBeUndefined();
    definition.fold(till, { amount: 1 }, meta('till.sold'));
    expect(till.total).toBe(-1);
  });

  it('adds nothing to its parent', () => {
    expect(aggregateDefinition(Till).handlers).toHaveLength(3);
    expect(aggregateDefinition(Till).category).toBe('shop.till');
  });

  it('may not do by another method what its parent does', () => {
    @Aggregate({ category: 'shop.other', id: 'tillId' })
    class Other extends Till {
      @Handle(Sell)
      sellDifferently() {}
    }
    expect(() => aggregateDefinition(Other)).toThrow('Other handles Sell twice: in sell and in sellDifferently');
  });

  it('is no aggregate when only its parent is declared one', () => {
    class Undeclared extends Till {}
    expect(() => aggregateDefinition(Undeclared)).toThrow('Undeclared is no aggregate');
  });
});

describe('the fingerprint of a snapshot', () => {
  const fingerprintOf = (fold: 'adds' | 'subtracts', version?: number) => {
    @Aggregate({ category: 'shop.saved', id: 'id', snapshot: { every: 5, ...(version !== undefined && { version }) } })
    class Adding {
      total = 0;
      @Apply(Sold)
      sold({ amount }: Sold) {
        this.total += amount;
      }
    }
    @Aggregate({ category: 'shop.saved', id: 'id', snapshot: { every: 5 } })
    class Subtracting {
      total = 0;
      @Apply(Sold)
      sold({ amount }: Sold) {
        this.total -= amount;
      }
    }
    return aggregateDefinition<object>(fold === 'adds' ? Adding : Subtracting).snapshot;
  };

  it('stays the same while the fold does', () => {
    expect(fingerprintOf('adds')).toEqual({ every: 5, fingerprint: expect.stringMatching(/^.{20,}$/) });
    expect(fingerprintOf('adds')).toEqual(fingerprintOf('adds'));
    expect(fingerprintOf('adds', 1)).toEqual(fingerprintOf('adds'));
  });

  it('changes with the fold, and with the version', () => {
    expect(fingerprintOf('subtracts')).not.toEqual(fingerprintOf('adds'));
    expect(fingerprintOf('adds', 2)).not.toEqual(fingerprintOf('adds'));
  });

  it('changes with a fold that is inherited', () => {
    const inheriting = (by: number) => {
      class Base {
        total = 0;
        sold() {
          this.total += 1;
        }
      }
      class OtherBase {
        total = 0;
        sold() {
          this.total += 2;
        }
      }
      const parent = by === 1 ? Base : OtherBase;
      Apply(Sold)(parent.prototype, 'sold', Object.getOwnPropertyDescriptor(parent.prototype, 'sold')!);
      @Aggregate({ category: 'shop.saved', id: 'id', snapshot: { every: 5 } })
      class Child extends parent {}
      return aggregateDefinition(Child).snapshot!.fingerprint;
    };
    expect(inheriting(1)).toBe(inheriting(1));
    expect(inheriting(1)).not.toBe(inheriting(2));
  });
});
