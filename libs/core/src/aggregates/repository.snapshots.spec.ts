import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Class } from '../events/class.js';
import { DefinitionError } from '../events/definition-error.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import type { Notice } from '../observability/notice.js';
import { StoreUnavailable } from '../store/errors.js';
import type { DocumentStore } from '../store/document-store.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Aggregate, Apply } from './aggregate.decorator.js';
import { FaultyEventStore } from './example/faulty-event-store.js';
import { Repository } from './repository.js';
import { SnapshotImpossible, Snapshots } from './snapshots.js';

@Event('shop.added')
class Added {
  readonly item!: string;
}
@Event('shop.noted')
class Noted {
  readonly note!: unknown;
}
@Event('shop.cleared')
class Cleared {}

const EVERY = 5;

@Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY } })
class Basket {
  items: string[] = [];
  note: unknown = 'none yet';
  latest?: { item: string } = undefined;
  count? = 0;

  @Apply(Added)
  added({ item }: Added) {
    this.items.push(item);
    this.latest = { item };
    this.count = (this.count ?? 0) + 1;
  }

  @Apply(Noted)
  noted({ note }: Noted) {
    this.note = note;
  }

  @Apply(Cleared)
  cleared() {
    this.items = [];
    this.latest = undefined;
    delete this.count;
  }
}

const STREAM = 'shop.basket-1';
const add = (...items: string[]) => items.map((item) => event(Added, { item }));
const many = (count: number) => add(...Array.from({ length: count }, (_, n) => `item ${n}`));

async function shop() {
  const store = new FaultyEventStore();
  const documents = new MemoryDocumentStore();
  const notices: Notice[] = [];
  const open = async <A extends object = Basket>(basketClass: Class = Basket, from: DocumentStore = documents) =>
    new Repository(aggregateDefinition(basketClass as Class<A>), store, {
      snapshots: await Snapshots.open(from),
      notice: (notice) => notices.push(notice),
    });
  const withoutSnapshots = new Repository(aggregateDefinition(Basket), store);
  const saved = async () =>
    (await (await documents.collection('gesta.snapshots')).get([STREAM])).get(STREAM)?.body as
      (JsonObject & { revision: number; state: JsonObject }) | undefined;
  /** How many events a fresh process reads to load the aggregate. */
  const eventsToLoad = async (basketClass: Class = Basket) => {
    store.eventsRead = 0;
    await (await open(basketClass)).load('1');
    return store.eventsRead;
  };
  return { store, documents, notices, open, withoutSnapshots, saved, eventsToLoad, baskets: await open() };
}

const undecided = (): never => {
  throw new Error('It was decided on again');
};

describe('a long stream', () => {
  it('is loaded from its saved state and what came after', async () => {
    const { baskets, withoutSnapshots, eventsToLoad, open } = await shop();
    for (let n = 0; n < 13; n++) await baskets.transact('1', () => add(`item ${n}`));
    expect(await eventsToLoad()).toBe(4); // the one it was saved at, and three more
    const { aggregate, revision } = await (await open()).load('1');
    expect(revision).toBe(12);
    expect(aggregate).toStrictEqual((await withoutSnapshots.load('1')).aggregate);
    expect(aggregate).toBeInstanceOf(Basket);
  });

  it('is not saved before it is long enough', async () => {
    const { baskets, saved } = await shop();
    await baskets.transact('1', () => many(EVERY - 1));
    expect(await saved()).toBeUndefined();
    await baskets.transact('1', () => many(1));
    expect(await saved()).toMatchObject({ revision: EVERY - 1 });
  });

  it('is saved also where a commit of several events leaps over the mark', async () => {
    const { baskets, saved, eventsToLoad } = await shop();
    for (const expected of [undefined, 7, 7, 15]) {
      await baskets.transact('1', () => many(4));
      expect((await saved())?.revision).toBe(expected);
    }
    expect(await eventsToLoad()).toBe(1);
  });

  it('is saved by a process that only comes across it', async () => {
    const { withoutSnapshots, baskets, saved } = await shop();
    await withoutSnapshots.transact('1', () => many(EVERY));
    await baskets.transact('1', () => undefined);
    expect(await saved()).toMatchObject({ revision: EVERY - 1 });
  });

  it('is saved no sooner because it was loaded in between', async () => {
    const { baskets, open, saved } = await shop();
    await baskets.transact('1', () => many(EVERY));
    for (let n = 1; n < EVERY; n++) await (await open()).transact('1', () => add('more'));
    expect(await saved()).toMatchObject({ revision: EVERY - 1 });
    await (await open()).transact('1', () => add('more'));
    expect(await saved()).toMatchObject({ revision: 2 * EVERY - 1 });
  });

  it('is decided on from its saved state as from its events', async () => {
    const { baskets, open } = await shop();
    await baskets.transact('1', () => many(6));
    const result = await (await open()).transact('1', ({ items }) => add(`number ${items.length}`));
    expect(result).toEqual({ streamId: STREAM, revision: 6, position: 7n });
    const nothing = await (await open()).transact('1', () => undefined);
    expect(nothing).toEqual(result);
  });

  it('remembers the answers to its commands in the saved state', async () => {
    const { baskets, open, eventsToLoad } = await shop();
    const first = await baskets.transact('1', () => add('a', 'b'), { commandId: 'c1' });
    await baskets.transact('1', () => many(8));
    const second = await baskets.transact('1', () => add('c'), { commandId: 'c2' });
    expect(await eventsToLoad()).toBeLessThan(8);
    const restarted = await open();
    const repeat = (commandId: string) => restarted.transact('1', undecided, { commandId });
    expect(await repeat('c1')).toEqual(first);
    expect(await repeat('c2')).toEqual(second);
  });

  it('loads the same state with and without snapshots, whatever happened', async () => {
    const happening = fc.oneof(
      fc.string().map((item) => event(Added, { item })),
      fc.jsonValue().map((note) => event(Noted, { note })),
      fc.constant(event(Noted, { note: undefined })),
      fc.constant(event(Cleared, {})),
    );
    const commit = fc.record({
      events: fc.array(happening, { minLength: 1, maxLength: 7 }),
      restart: fc.boolean(),
      commandId: fc.option(fc.uuid(), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(commit, { maxLength: 8 }), async (commits) => {
        const { open, withoutSnapshots, notices } = await shop();
        let baskets = await open();
        for (const { events, restart, commandId } of commits) {
          if (restart) baskets = await open();
          await baskets.transact('1', () => events, { commandId });
        }
        const [from, of] = [await (await open()).load('1'), await withoutSnapshots.load('1')];
        expect(from).toStrictEqual(of);
        await baskets.transact('1', (basket) => void expect(basket).toStrictEqual(of.aggregate));
        expect(notices).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what is saved', () => {
  it('has fields that are undefined, and lacks those that are not there', async () => {
    const { baskets, open } = await shop();
    await baskets.transact('1', () => [...many(5), event(Cleared, {}), event(Noted, { note: undefined })]);
    const { aggregate } = await (await open()).load('1');
    expect(Object.entries(aggregate)).toEqual([
      ['items', []],
      ['note', undefined],
      ['latest', undefined],
    ]);
  });

  it('is the state at that revision, whatever becomes of the aggregate then', async () => {
    const { documents, baskets, open, saved } = await shop();
    const slow = Promise.withResolvers<void>();
    const collection = await documents.collection('gesta.snapshots');
    const later = await open(Basket, {
      ...documents,
      collection: async () => ({
        ...collection,
        get: (keys: readonly string[]) => collection.get(keys),
        put: async (given: Parameters<typeof collection.put>[0]) => {
          await slow.promise;
          return collection.put(given);
        },
      }),
    } as unknown as DocumentStore);
    await later.transact('1', () => many(EVERY));
    await later.transact('1', () => add('more'));
    expect(await saved()).toBeUndefined();
    slow.resolve();
    await baskets.transact('2', () => undefined);
    expect(await saved()).toMatchObject({ revision: 4, state: { items: { length: 5 }, latest: { item: 'item 4' } } });
  });

  it('is not overwritten by a process that is behind', async () => {
    const { baskets, open, saved } = await shop();
    const behind = await open();
    await baskets.transact('1', () => many(EVERY));
    const loaded = await behind.load('1');
    await baskets.transact('1', () => many(EVERY));
    expect(loaded.revision).toBe(4);
    await (await open()).transact('1', () => undefined);
    expect(await saved()).toMatchObject({ revision: 9 });
  });
});

describe('a saved state is not taken up', () => {
  it('when another fold made it', async () => {
    const { store, baskets, open, eventsToLoad, saved } = await shop();
    await baskets.transact('1', () => many(7));

    @Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY } })
    class CountingBasket {
      items = 0;
      @Apply(Added)
      added() {
        this.items++;
      }
    }
    expect(await eventsToLoad(CountingBasket)).toBe(7);
    const counting = await open<CountingBasket>(CountingBasket);
    expect((await counting.load('1')).aggregate).toStrictEqual(Object.assign(new CountingBasket(), { items: 7 }));
    await counting.transact('1', () => many(1)); // now its own state is saved
    expect(await saved()).toMatchObject({ revision: 7, state: { items: 8 } });
    store.eventsRead = 0;
    expect((await (await open()).load('1')).aggregate.items).toHaveLength(8);
    expect(store.eventsRead).toBe(8);
  });

  it('when the fold was given another version', async () => {
    const versioned = (version: number) => {
      @Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY, version } })
      class Versioned {
        last = '';
        @Apply(Added)
        added({ item }: Added) {
          this.last = item;
        }
      }
      return Versioned;
    };
    const { open, eventsToLoad } = await shop();
    await (await open(versioned(1))).transact('1', () => many(6));
    expect(await eventsToLoad(versioned(1))).toBe(1);
    expect(await eventsToLoad(versioned(2))).toBe(6);
  });

  it('when its events have another shape by now, or are lifted to it in another way', () => {
    const fingerprint = (upcast?: (old: { price: number }) => object, version = upcast ? 2 : 1) => {
      @Event('shop.priced', { version, ...(upcast && { upcast: { 1: upcast } }) })
      class Priced {}
      @Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY } })
      class Keeping {
        last: unknown;
      }
      Apply(Priced)(Keeping.prototype, 'fold' as never, {} as never);
      return aggregateDefinition(Keeping).snapshot!.fingerprint;
    };
    const inEuro = ({ price }: { price: number }) => ({ euro: price });
    const inCents = ({ price }: { price: number }) => ({ cents: price });
    expect(fingerprint(inEuro)).toBe(fingerprint(inEuro));
    expect(new Set([fingerprint(), fingerprint(inEuro), fingerprint(inCents)]).size).toBe(3);
  });

  it('when its methods fold other events', () => {
    const fingerprint = (folded: Class) => {
      @Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY } })
      class Counting {
        count = 0;
        counted() {
          this.count++;
        }
      }
      Apply(folded)(Counting.prototype, 'counted', Object.getOwnPropertyDescriptor(Counting.prototype, 'counted')!);
      return aggregateDefinition(Counting).snapshot!.fingerprint;
    };
    expect(fingerprint(Added)).toBe(fingerprint(Added));
    expect(fingerprint(Added)).not.toBe(fingerprint(Noted));
  });

  it('when a parent of the class begins with another state', () => {
    const fingerprint = (Parent: Class) => {
      @Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY } })
      class Child extends (Parent as new () => object) {}
      return aggregateDefinition(Child).snapshot!.fingerprint;
    };
    const small = class {
      limit = 10;
    };
    const large = class {
      limit = 20;
    };
    expect(fingerprint(small)).toBe(fingerprint(small));
    expect(fingerprint(small)).not.toBe(fingerprint(large));
  });

  it('when the stream was deleted', async () => {
    const { store, baskets, open } = await shop();
    await baskets.transact('1', () => many(6), { commandId: 'c1' });
    await store.deleteStream(STREAM, { expected: 'any' });
    expect(await (await open()).load('1')).toEqual({ aggregate: new Basket(), revision: -1 });
    expect(await (await open()).transact('1', () => add('new'), { commandId: 'c1' })).toMatchObject({ revision: 6 });
  });

  it('when the stream was deleted and begun anew', async () => {
    const { store, baskets, open, saved, eventsToLoad } = await shop();
    await baskets.transact('1', () => many(6));
    await store.deleteStream(STREAM, { expected: 'any' });
    const restarted = await open();
    await restarted.transact('1', () => add('new'));
    expect((await (await open()).load('1')).aggregate.items).toEqual(['new']);
    expect(await saved()).toMatchObject({ revision: 6, state: { items: ['new'] } });
    for (const each of 'abcde') await restarted.transact('1', () => add(each));
    expect(await saved()).toMatchObject({ state: { items: ['new', 'a', 'b', 'c', 'd', 'e'] } });
    expect(await eventsToLoad()).toBe(1);
  });

  it('when the stream was cut behind it', async () => {
    const { store, baskets, open } = await shop();
    await baskets.transact('1', () => many(5));
    await baskets.transact('1', () => add('kept'));
    await store.truncateStream(STREAM, 5);
    expect(await (await open()).load('1')).toMatchObject({ aggregate: { items: ['kept'] }, revision: 5 });
  });

  it('when the log is another one than it was', async () => {
    const { documents, baskets } = await shop();
    await baskets.transact('1', () => many(6));
    const restored = new FaultyEventStore();
    const elsewhere = new Repository(aggregateDefinition(Basket), restored);
    await elsewhere.transact('1', () => many(2));
    const reopened = new Repository(aggregateDefinition(Basket), restored, {
      snapshots: await Snapshots.open(documents),
    });
    expect(await reopened.load('1')).toMatchObject({ aggregate: { count: 2 }, revision: 1 });
    await elsewhere.transact('1', () => many(8));
    expect(await reopened.load('1')).toMatchObject({ aggregate: { count: 10 }, revision: 9 });
  });

  it('but is where the stream was cut before it', async () => {
    const { store, baskets, open } = await shop();
    await baskets.transact('1', () => many(6));
    await store.truncateStream(STREAM, 5);
    expect(await (await open()).load('1')).toMatchObject({ aggregate: { count: 6 }, revision: 5 });
  });
});

describe('a state that cannot be saved', () => {
  class Money {
    constructor(readonly amount: number) {}
  }

  it.each<[string, unknown, string]>([
    ['a date', new Date(0), 'Keeping.kept is a Date'],
    ['a map', new Map([[1, 2]]), 'Keeping.kept is a Map'],
    ['an instance of a class', { in: [new Money(1)] }, 'Keeping.kept.in[0] is a Money'],
    ['a bigint', { cents: 5n }, 'Keeping.kept.cents is a bigint'],
    ['no number', [1, NaN], 'Keeping.kept[1] is NaN'],
    ['an undefined field within a field', { a: { b: undefined } }, 'Keeping.kept.a.b is undefined'],
    ['a hole', [1, , 3], 'Keeping.kept[1] is undefined'], // oxlint-disable-line no-sparse-arrays
    ['a function', () => 1, 'Keeping.kept is a function'],
  ])('because a field holds %s is noticed, and loading goes on from the events', async (_, kept, message) => {
    @Aggregate({ category: 'shop.basket', id: 'basketId', snapshot: { every: EVERY } })
    class Keeping {
      kept: unknown;
      count = 0;
      @Apply(Added)
      added() {
        this.kept = kept;
        this.count++;
      }
    }
    const { open, notices, eventsToLoad, saved } = await shop();
    const keeping = await open<Keeping>(Keeping);
    for (let n = 0; n < 2 * EVERY + 1; n++) await keeping.transact('1', () => add('item'));
    expect(await saved()).toBeUndefined();
    expect(await eventsToLoad(Keeping)).toBe(11);
    expect((await keeping.load('1')).aggregate.count).toBe(11);
    const failed = { kind: 'snapshot-failed', streamId: STREAM, error: expect.any(SnapshotImpossible) };
    expect(notices).toEqual([failed, failed]); // once each time it is due, not with every command
    expect((notices[0] as { error: Error }).error.message).toContain(message);
  });

  it('because nobody else can see a field is refused at start', () => {
    const declared = (aggregateClass: Class, snapshot?: { every: number }) => {
      Aggregate({ category: 'shop.basket', id: 'basketId', ...(snapshot && { snapshot }) })(aggregateClass);
      return aggregateDefinition(aggregateClass);
    };
    class Parent {
      #items: string[] = [];
      count() {
        return this.#items.length;
      }
    }
    const every = { every: EVERY };
    expect(() => declared(class extends Parent {}, every)).toThrow(DefinitionError);
    expect(() => declared(class Hiding extends Parent {}, every)).toThrow(
      'Hiding has snapshots, but nobody else can see its field #items',
    );
    expect(() => declared(class extends Parent {})).not.toThrow();
    class Method {
      items: string[] = ['#1', '{ #not = a field; }'.slice(1)];
      #count() {
        return this.items.length;
      }
      count() {
        return this.#count();
      }
    }
    expect(() => declared(Method, every)).not.toThrow();
  });

  it('because the documents are away is noticed, and so is a saved one that cannot be read', async () => {
    const { documents, baskets, open, notices } = await shop();
    const others = await open();
    await documents.close();
    await baskets.transact('1', () => many(6));
    expect(await others.transact('1', ({ items }) => add(`number ${items.length}`))).toMatchObject({ revision: 6 });
    const failed = { kind: 'snapshot-failed', streamId: STREAM, error: expect.any(StoreUnavailable) };
    expect(notices).toEqual(expect.arrayContaining([failed, failed]));
    expect(notices.length).toBeGreaterThanOrEqual(3);
  });

  it('keeps no command from its answer while the saving takes its time', async () => {
    const { documents, open } = await shop();
    const collection = await documents.collection('gesta.snapshots');
    const never = { get: (keys: readonly string[]) => collection.get(keys), put: () => new Promise(() => undefined) };
    const baskets = await open(Basket, { collection: async () => never } as unknown as DocumentStore);
    expect(await baskets.transact('1', () => many(6))).toMatchObject({ revision: 5 });
    expect(await baskets.transact('1', () => many(6))).toMatchObject({ revision: 11 });
  });
});
