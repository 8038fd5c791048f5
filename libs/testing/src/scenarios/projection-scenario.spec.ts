import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Event, event, Project, Projection, UnknownEvent, type EventMetadata } from '@gesta/core';
import { given } from './given.js';
import { at, due, old, on, withHeaders } from './happenings.js';

@Event('ordering.order-placed', {
  version: 2,
  upcast: { 1: ({ sku }: { sku: string }) => ({ skus: [sku] }) },
})
class OrderPlaced {
  readonly skus!: string[];
}
@Event('ordering.order-confirmed')
class OrderConfirmed {}
@Event('ordering.order-dropped')
class OrderDropped {}
@Event('ordering.orders-merged')
class OrdersMerged {
  readonly into!: string;
  readonly from!: string[];
}
@Event('payment.paid')
class Paid {}

interface Summary {
  skus: string[];
  status: string;
  by?: unknown;
  since?: Date;
}

@Projection({ name: 'order-summary' })
class OrderSummaries {
  @Project(OrderPlaced)
  placed({ skus }: OrderPlaced, _before: Summary | undefined, { recordedAt, headers }: EventMetadata): Summary {
    return { skus, status: 'placed', since: recordedAt, by: headers.userId };
  }

  @Project(OrderConfirmed)
  confirmed(_event: OrderConfirmed, summary?: Summary): Summary | undefined {
    return summary && { ...summary, status: 'confirmed' };
  }

  @Project(OrderDropped)
  dropped() {
    return undefined;
  }

  @Project(OrdersMerged, ({ into, from }) => [into, ...from])
  merged(_event: OrdersMerged, summary?: Summary): Summary | undefined {
    return summary?.status === 'placed' ? { ...summary, status: 'merged' } : undefined;
  }
}

const one = 'ordering.order-1';
const two = 'ordering.order-2';
const placed = event(OrderPlaced, { skus: ['shoe'] });
const summary = { skus: ['shoe'], status: 'placed', since: '2026-01-01T00:00:00.000Z' };

function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail');
}

const failureOf = (call: () => unknown) => stripVTControlCharacters(errorOf(call).message);

describe('given a projection', () => {
  it('passes when the events led to the expected documents', () => {
    given(OrderSummaries, on(one, placed))
      .when(on(one, event(OrderConfirmed, {})))
      .then({ '1': { ...summary, status: 'confirmed' } });
    given(OrderSummaries).when(on(one, placed), on(two, placed)).then({ '1': summary, '2': summary });
  });

  it('puts an event that no stream is named for on one with the id 1', () => {
    given(OrderSummaries, placed)
      .when(event(OrderConfirmed, {}))
      .then({ '1': { ...summary, status: 'confirmed' } });
  });

  it('passes when a document is gone as expected', () => {
    given(OrderSummaries, placed).when(event(OrderDropped, {})).then({ '1': undefined });
  });

  it('lets it be said of any key that there is no document', () => {
    given(OrderSummaries).when(on(one, placed)).then({ '1': summary, '2': undefined });
  });

  it('does not ask for a key where there was nothing and is nothing', () => {
    given(OrderSummaries).when(event(OrderConfirmed, {})).then({});
    given(OrderSummaries).when(event(OrderConfirmed, {})).then({ '1': undefined });
  });

  it('leaves out documents that the events left alone', () => {
    given(OrderSummaries, on(one, placed), on(two, placed))
      .when(on(two, event(OrderDropped, {})))
      .then({ '2': undefined });
  });

  it('compares as JSON', () => {
    given(OrderSummaries)
      .when(placed)
      .then({ '1': { ...summary, since: new Date('2026-01-01'), by: undefined } });
  });

  it('folds an event into several documents where it has several keys', () => {
    given(OrderSummaries, on(one, placed), on(two, placed, event(OrderConfirmed, {})))
      .when(event(OrdersMerged, { into: '1', from: ['2', '3'] }))
      .then({ '1': { ...summary, status: 'merged' }, '2': undefined });
  });

  it('lifts events that were given in an old version', () => {
    given(OrderSummaries)
      .when(old('ordering.order-placed', 1, { sku: 'shoe' }))
      .then({ '1': summary });
  });

  it('records events when and with what is written around them', () => {
    given(OrderSummaries)
      .when(
        withHeaders(
          { userId: 'alice' },
          at('2026-03-04', on(one, placed), withHeaders({ userId: 'bob' }, on(two, placed))),
        ),
      )
      .then({
        '1': { ...summary, since: '2026-03-04T00:00:00.000Z', by: 'alice' },
        '2': { ...summary, since: '2026-03-04T00:00:00.000Z', by: 'bob' },
      });
  });

  it('lets time stand still after the last event that says when it was', () => {
    given(OrderSummaries, at(new Date('2026-03-04'), on(one, placed)))
      .when(on(two, placed))
      .then({ '2': { ...summary, since: '2026-03-04T00:00:00.000Z' } });
  });

  it('passes over earlier events that the projection is never given', () => {
    given(OrderSummaries, placed, event(Paid, {})).when(event(OrderDropped, {})).then({ '1': undefined });
  });

  it('takes an instance where the constructor takes dependencies', () => {
    @Projection({ name: 'priced' })
    class Priced {
      constructor(private readonly prices: Record<string, number>) {}

      @Project(OrderPlaced)
      placed({ skus }: OrderPlaced) {
        return { total: skus.reduce((sum, sku) => sum + (this.prices[sku] ?? 0), 0) };
      }
    }
    given(new Priced({ shoe: 5 }))
      .when(placed)
      .then({ '1': { total: 5 } });
    expect(failureOf(() => given(Priced))).toBe(
      'Priced is constructed with dependencies; pass an instance: given(new Priced(…))',
    );
  });
});

describe('a projection that does otherwise', () => {
  it('shows the story and the difference between the documents', () => {
    const failure = failureOf(() =>
      given(OrderSummaries, on(one, placed), on(two, at('2026-02-02', placed)))
        .when(on(one, event(OrderConfirmed, {})))
        .then({ '1': { ...summary, status: 'paid' } }),
    );
    expect(failure).toBe(`OrderSummaries folded otherwise

Given:
  ordering.order-placed {"skus":["shoe"]} on ordering.order-1
  ordering.order-placed {"skus":["shoe"]} on ordering.order-2 at 2026-02-02T00:00:00.000Z

When:
  ordering.order-confirmed {} on ordering.order-1

- Expected
+ Folded

  Object {
    "1": Object {
      "since": "2026-01-01T00:00:00.000Z",
      "skus": Array [
        "shoe",
      ],
-     "status": "paid",
+     "status": "confirmed",
    },
  }`);
  });

  it('shows a document that was touched but not expected, and one that is gone', () => {
    const failure = failureOf(() =>
      given(OrderSummaries, on(two, placed))
        .when(on(one, placed), on(two, event(OrderDropped, {})))
        .then({ '1': summary }),
    );
    expect(failure).toMatch(/\n\+ {3}"2": undefined,\n/);
  });

  it('shows a document that was expected to be gone', () => {
    const failure = failureOf(() =>
      given(OrderSummaries, on(two, placed)).when(on(one, placed)).then({ '1': summary, '2': undefined }),
    );
    expect(failure).toMatch(/\n- {3}"2": undefined,\n\+ {3}"2": Object \{/);
  });

  it('says when an expected document is there, but the events left it alone', () => {
    const failure = failureOf(() =>
      given(OrderSummaries, on(two, placed)).when(on(one, placed)).then({ '1': summary, '2': summary }),
    );
    expect(failure).toMatch(/\n- {3}"2": Object \{[^]*\n\nThere, but left alone by these events:\n {2}2$/);
  });
});

describe('a projection scenario that cannot take place', () => {
  it('wants events that the projection is given', () => {
    expect(failureOf(() => given(OrderSummaries).when(event(Paid, {})))).toBe(
      'OrderSummaries is never given payment.paid {}; it projects ordering.order-placed, ordering.order-confirmed, ordering.order-dropped, ordering.orders-merged',
    );
  });

  it('refuses deadlines', () => {
    expect(failureOf(() => given(OrderSummaries).when(due('x')))).toBe(
      'OrderSummaries is a projection: refusals and deadlines are for process managers',
    );
  });

  it('is not awaited', async () => {
    const waiting = async () => await (given(OrderSummaries).when(placed) as unknown as Promise<void>);
    await expect(waiting()).rejects.toThrow('A scenario is not awaited');
  });

  describe('of a projection that reads categories', () => {
    @Projection({ name: 'by-category', categories: ['ordering.order', 'ordering.basket'] })
    class ByCategory {
      @Project(OrderPlaced)
      placed(_event: OrderPlaced, _before: unknown, { streamId }: EventMetadata) {
        return { streamId };
      }
    }

    it('puts events on the first category, and takes them from each', () => {
      given(ByCategory)
        .when(placed)
        .then({ '1': { streamId: 'ordering.order-1' } });
      given(ByCategory)
        .when(on('ordering.basket-7', placed))
        .then({ '7': { streamId: 'ordering.basket-7' } });
    });

    it('refuses events of another category', () => {
      expect(failureOf(() => given(ByCategory).when(on('shop-1', placed)))).toBe(
        'ByCategory is never given ordering.order-placed {"skus":["shoe"]} on shop-1; it reads the categories ordering.order, ordering.basket',
      );
    });

    it('refuses an event of an unknown type in its categories, as the reader does', () => {
      expect(errorOf(() => given(ByCategory, event(Paid, {})).when(placed))).toBeInstanceOf(UnknownEvent);
    });
  });
});

describe('a projection that is not pure', () => {
  interface Count {
    count: number;
  }

  function projecting(
    fold: (event: OrderPlaced, before: Count | undefined, meta: EventMetadata) => object | undefined,
  ) {
    @Projection({ name: 'impure' })
    class Impure {
      @Project(OrderPlaced)
      placed(placing: OrderPlaced, before: Count | undefined, meta: EventMetadata): object | undefined {
        return fold(placing, before, meta);
      }
    }
    return failureOf(() => given(Impure, placed).when(placed));
  }

  it('fails when a fold changes its event, its metadata or the document before', () => {
    const explained =
      'while it folded ordering.order-placed; a fold returns a new document and leaves the event and the document before as they are';
    expect(projecting(({ skus }) => ({ last: skus.pop() }))).toBe(
      `Impure changed event.data.skus[0] from 'shoe' to undefined ${explained}`,
    );
    expect(projecting((_event, _before, { headers }) => (headers.userId = 'me') as unknown as object)).toMatch(
      /^Impure failed on /, // it returned a text
    );
    expect(projecting((_event, _before, { headers }) => Object.assign(headers, { userId: 'me' }))).toBe(
      `Impure changed event.headers.userId from undefined to 'me' ${explained}`,
    );
    expect(
      projecting((_event, before) => {
        if (!before) return { count: 1 };
        before.count++;
        return before;
      }),
    ).toBe(`Impure changed before.count from 1 to 2 ${explained}`);
  });

  it('fails when a fold looks at the clock, however coarsely', () => {
    expect(projecting(() => ({ at: Date.now() }))).toMatch(
      /^Impure folds ordering.order-placed differently on another day/,
    );
    expect(projecting(() => ({ at: new Date() }))).toMatch(
      /^Impure folds ordering.order-placed differently on another day/,
    );
    expect(projecting(() => ({ at: Date() }))).toMatch(
      /^Impure folds ordering.order-placed differently on another day/,
    );
    expect(stripVTControlCharacters(projecting(() => ({ year: new Date().getFullYear() })))).toMatch(
      /^Impure folds ordering\.order-placed differently on another day; a fold knows neither the clock nor chance\n\n- Expected\n\+ Folded again\n\n {2}Object \{\n- {3}"year": \d+,\n\+ {3}"year": \d+,\n {2}\}$/,
    );
  });

  it('fails when a fold takes a chance, or remembers beside the document', () => {
    expect(projecting(() => ({ dice: Math.random() }))).toMatch(/differently on another day/);
    let count = 0;
    expect(projecting(() => ({ count: count++ }))).toMatch(/differently on another day/);
    expect(projecting(() => (count++ % 2 ? {} : undefined))).toMatch(/differently on another day/);
  });

  it('lets a fold work with dates that come from the event', () => {
    @Projection({ name: 'by-day' })
    class ByDay {
      @Project(OrderPlaced)
      placed(_event: OrderPlaced, _before: unknown, { recordedAt }: EventMetadata) {
        const day = new Date(recordedAt);
        day.setUTCHours(0, 0, 0, 0);
        return {
          day: day.toISOString(),
          isDate: recordedAt instanceof Date && day instanceof Date,
          parsed: new Date(Date.parse('2026-01-02')),
          utc: new Date(Date.UTC(2026, 0, 3)),
          parts: new Date(2026, 0, 4).getDate(),
        };
      }
    }
    given(ByDay)
      .when(at('2026-03-04T05:06:07Z', placed))
      .then({
        '1': {
          day: '2026-03-04T00:00:00.000Z',
          isDate: true,
          parsed: '2026-01-02T00:00:00.000Z',
          utc: '2026-01-03T00:00:00.000Z',
          parts: 4,
        },
      });
  });

  it('leaves the clock as it was', () => {
    const clock = Date;
    projecting(() => {
      throw new Error('no');
    });
    projecting(() => ({ at: new Date() }));
    expect(Date).toBe(clock);
  });

  it('fails when a fold throws, with the error as the cause', () => {
    const error = errorOf(() => given(OrderSummaries).when(event(OrdersMerged, { into: '1', from: [''] })));
    expect(error.message).toBe(
      'OrderSummaries failed on ordering.orders-merged {"into":"1","from":[""]}: TypeError: A key for ordering.orders-merged is a string that is not empty, not ',
    );
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(
      projecting(() => {
        throw new RangeError('too far');
      }),
    ).toBe('Impure failed on ordering.order-placed {"skus":["shoe"]}: RangeError: too far');
  });
});
