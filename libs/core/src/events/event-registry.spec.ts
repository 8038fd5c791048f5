import { describe, expect, it } from '@jest/globals';
import { DefinitionError } from './definition-error.js';
import { EventRegistry, UnknownEvent, UpcastFailed } from './event-registry.js';
import { Event } from './event.decorator.js';
import type { RecordedEvent } from './recorded-event.js';

@Event('shop.opened')
class Opened {
  readonly at!: string;
}

@Event('shop.price-set', {
  version: 4,
  aliases: ['shop.price-changed', 'PriceSet'],
  upcast: {
    1: ({ price }: { price: number }) => ({ amount: price }),
    2: (data: { amount: number }) => ({ ...data, currency: 'EUR' }),
    3: ({ amount, currency }: { amount: number; currency: string }) => ({ price: { amount, currency } }),
  },
})
class PriceSet {
  readonly price!: { amount: number; currency: string };
}

const recorded = (fields: Partial<RecordedEvent>): RecordedEvent => ({
  id: '7d2c1a90-0000-4000-8000-000000000001',
  type: 'shop.opened',
  version: 1,
  streamId: 'shop.shop-1',
  revision: 3,
  position: 42n,
  recordedAt: new Date(0),
  commandId: 'c',
  headers: { userId: 'u' },
  data: { at: 'noon' },
  ...fields,
});

const refusalOf = (call: () => unknown): Error => {
  try {
    call();
  } catch (refusal) {
    return refusal as Error;
  }
  throw new Error('It was not refused');
};

describe('EventRegistry', () => {
  const registry = new EventRegistry([Opened, PriceSet]);

  it('gives an event of the present name and version back as it is', () => {
    const event = recorded({});
    expect(registry.lift(event)).toBe(event);
  });

  it('lifts an old version through every step to the present one', () => {
    const shape = (version: number, data: RecordedEvent['data']) =>
      registry.lift<PriceSet>(recorded({ type: 'shop.price-set', version, data }));
    const present = { price: { amount: 5, currency: 'EUR' } };
    expect(shape(1, { price: 5 }).data).toEqual(present);
    expect(shape(2, { amount: 5 }).data).toEqual(present);
    expect(shape(3, { amount: 5, currency: 'EUR' }).data).toEqual(present);
    expect(shape(4, present).data).toBe(present);
    expect(shape(1, { price: 5 }).version).toBe(4);
  });

  it('keeps everything else that is known of a lifted event, and does not touch the recorded one', () => {
    const event = recorded({ type: 'shop.price-set', version: 2, data: { amount: 5 } });
    const before = structuredClone(event);
    const lifted = registry.lift(event);
    expect(event).toEqual(before);
    expect(lifted).toEqual({ ...event, version: 4, data: { price: { amount: 5, currency: 'EUR' } } });
  });

  it('reads events recorded under a former name, and gives them their present one', () => {
    for (const alias of ['shop.price-changed', 'PriceSet']) {
      const data = { price: { amount: 5, currency: 'EUR' } };
      const same = registry.lift(recorded({ type: alias, version: 4, data }));
      expect(same).toMatchObject({ type: 'shop.price-set', version: 4, revision: 3, position: 42n, data });
      expect(registry.lift(recorded({ type: alias, version: 1, data: { price: 5 } }))).toMatchObject({
        type: 'shop.price-set',
        version: 4,
        data,
      });
    }
  });

  it('refuses an event whose name it does not know, saying where it is', () => {
    const event = recorded({ type: 'shop.closed' });
    const refusal = refusalOf(() => registry.lift(event));
    expect(refusal).toBeInstanceOf(UnknownEvent);
    expect(refusal).toMatchObject({ event });
    expect(refusal.message).toContain('shop.closed at revision 3 of shop.shop-1');
  });

  it('refuses an event of a newer version than its class, saying both versions', () => {
    const refusal = refusalOf(() => registry.lift(recorded({ type: 'shop.price-changed', version: 5 })));
    expect(refusal).toBeInstanceOf(UnknownEvent);
    expect(refusal.message).toMatch(/has version 5; .* up to 4/);
  });

  it.each([null, 'text', 7, true, [{ amount: 5 }], { $binary: 'AQID' }])(
    'refuses %j as data: nothing folds it',
    (data) => {
      for (const version of [1, 4]) {
        const refusal = refusalOf(() =>
          registry.lift(recorded({ type: 'shop.price-set', version, data: data as never })),
        );
        expect(refusal).toBeInstanceOf(UnknownEvent);
        expect(refusal.message).toMatch(/shop.price-set at revision 3 .* data that is no JSON object/);
      }
    },
  );

  it('says which step failed, and why', () => {
    @Event('shop.failing', { version: 2, upcast: { 1: ({ lines }) => ({ count: (lines as unknown[]).length }) } })
    class Failing {}
    const refusal = refusalOf(() =>
      new EventRegistry([Failing]).lift(recorded({ type: 'shop.failing', version: 1, data: { lines: null } })),
    );
    expect(refusal).toBeInstanceOf(UpcastFailed);
    expect(refusal.message).toContain('shop.failing from version 1');
    expect(refusal.message).toContain('revision 3 of shop.shop-1');
    expect(refusal.cause).toBeInstanceOf(TypeError);
  });

  it('finds the class by its name and by its former names', () => {
    expect(registry.find('shop.opened')?.eventClass).toBe(Opened);
    expect(registry.find('PriceSet')?.eventClass).toBe(PriceSet);
    expect(registry.find('shop.price-set')?.version).toBe(4);
    expect(registry.find('Opened')).toBeUndefined();
    expect(registry.find('constructor')).toBeUndefined();
  });

  it('lists every name under which events of some classes may be found', () => {
    expect(EventRegistry.namesOf([Opened, PriceSet])).toEqual([
      'shop.opened',
      'shop.price-set',
      'shop.price-changed',
      'PriceSet',
    ]);
  });

  it('takes the same class twice', () => {
    const twice = new EventRegistry([Opened, Opened]);
    twice.add(Opened);
    expect(twice.find('shop.opened')?.eventClass).toBe(Opened);
  });

  it('refuses two classes of one name, present or former, naming both and keeping the first', () => {
    @Event('shop.opened')
    class OpenedToo {}
    @Event('shop.begun', { aliases: ['shop.opened'] })
    class Begun {}
    @Event('PriceSet')
    class Named {}
    for (const [second, first, name] of [
      [OpenedToo, Opened, 'shop.opened'],
      [Begun, Opened, 'shop.opened'],
      [Named, PriceSet, 'PriceSet'],
    ] as const) {
      const mine = new EventRegistry([Opened, PriceSet]);
      const refusal = refusalOf(() => mine.add(second));
      expect(refusal).toBeInstanceOf(DefinitionError);
      expect(refusal.message).toBe(`Both ${first.name} and ${second.name} are named '${name}'`);
      expect(mine.find(name)?.eventClass).toBe(first);
      expect(mine.find('shop.begun')).toBeUndefined();
    }
  });

  it('refuses a class that is no event, also when its parent is one', () => {
    class Plain {}
    class Reopened extends Opened {}
    for (const notAnEvent of [Plain, Reopened]) {
      const refusal = refusalOf(() => new EventRegistry([notAnEvent]));
      expect(refusal).toBeInstanceOf(DefinitionError);
      expect(refusal.message).toContain(notAnEvent.name);
    }
  });
});
