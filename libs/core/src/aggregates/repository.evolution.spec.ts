import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { event } from '../events/domain-event.js';
import { UnknownEvent, UpcastFailed } from '../events/event-registry.js';
import { Event } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { StreamMetadata } from '../events/recorded-event.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice, UnknownEventPolicy } from '../observability/notice.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Aggregate, Apply } from './aggregate.decorator.js';
import { Repository } from './repository.js';

@Event('shop.priced', {
  version: 3,
  aliases: ['shop.price-set'],
  upcast: {
    1: ({ price }: { price: number }) => {
      if (typeof price !== 'number') throw new Error('no price');
      return { amount: price };
    },
    2: ({ amount }: { amount: number }) => ({ amount, currency: 'EUR' }),
  },
})
class Priced {
  readonly amount!: number;
  readonly currency!: string;
}

@Aggregate({ category: 'shop.article', id: 'articleId' })
class Article {
  prices: string[] = [];
  versions: string[] = [];

  @Apply(Priced)
  priced({ amount, currency }: Priced, { type, version }: StreamMetadata) {
    this.prices.push(`${amount} ${currency}`);
    this.versions.push(`${type} ${version}`);
  }
}

const STREAM = 'shop.article-1';

async function opened(unknownEvents?: UnknownEventPolicy) {
  const store = new MemoryEventStore();
  const notices: Notice[] = [];
  const notice = (heard: Notice) => notices.push(heard);
  const articles = new Repository(aggregateDefinition(Article), store, { unknownEvents, notice });
  const record = (type: string, version: number, data: JsonObject, commandId?: string) =>
    store.append(STREAM, [{ id: randomUUID(), type, version, headers: {}, data, commandId }], { expected: 'any' });
  return { store, articles, notices, record };
}

const undecided = (): never => {
  throw new Error('It was decided on again');
};

describe('old events', () => {
  it('are folded in their present shape and under their present name', async () => {
    const { articles, record } = await opened();
    await record('shop.price-set', 1, { price: 1 });
    await record('shop.priced', 2, { amount: 2 });
    await record('shop.priced', 3, { amount: 3, currency: 'USD' });
    const { aggregate, revision } = await articles.load('1');
    expect(aggregate.prices).toEqual(['1 EUR', '2 EUR', '3 USD']);
    expect(aggregate.versions).toEqual(Array(3).fill('shop.priced 3'));
    expect(revision).toBe(2);
  });

  it('that another process wrote are lifted also into what is in memory', async () => {
    const { articles, record } = await opened();
    const price = () => event(Priced, { amount: 9, currency: 'USD' });
    await articles.transact('1', price);
    await record('shop.price-set', 1, { price: 1 });
    const prices: string[][] = [];
    await articles.transact('1', (article) => {
      prices.push([...article.prices]);
      return price();
    });
    expect(prices).toEqual([['9 USD'], ['9 USD', '1 EUR']]);
  });

  it('that cannot be lifted fail the command, which says where', async () => {
    const { articles, record } = await opened('skip');
    await record('shop.priced', 1, { prize: 1 });
    const failing = articles.transact('1', () => undefined);
    await expect(failing).rejects.toThrow(UpcastFailed);
    await expect(failing).rejects.toThrow('shop.priced from version 1 failed at revision 0 of shop.article-1');
  });
});

describe('events that this code does not know', () => {
  it.each([undefined, 'park', 'fail'] as const)('fail the command (policy: %s)', async (policy) => {
    const { store, articles, record, notices } = await opened(policy);
    await record('shop.praised', 1, {});
    const failing = articles.transact('1', () => event(Priced, { amount: 1, currency: 'EUR' }));
    await expect(failing).rejects.toThrow(UnknownEvent);
    await expect(failing).rejects.toThrow('shop.praised at revision 0 of shop.article-1');
    expect((await store.head()).position).toBe(1n);
    expect(notices).toEqual([]);
  });

  it('are such also where only their version is too new', async () => {
    const { articles, record } = await opened();
    await record('shop.priced', 4, { amount: 1, currency: 'EUR' });
    await expect(articles.load('1')).rejects.toThrow('has version 4; this code knows versions up to 3');
  });

  it('are left out with a notice where the policy is to skip them', async () => {
    const { articles, record, notices } = await opened('skip');
    await record('shop.praised', 1, {}, 'c1');
    await record('shop.priced', 3, { amount: 3, currency: 'USD' });
    await record('shop.priced', 4, { total: 3 });
    const result = await articles.transact('1', ({ prices }) =>
      event(Priced, { amount: prices.length, currency: prices[0]! }),
    );
    expect(result.revision).toBe(3);
    expect((await articles.load('1')).aggregate.prices).toEqual(['3 USD', '1 3 USD']);
    expect(notices.slice(0, 2)).toEqual(
      [0, 2].map((revision) => ({
        kind: 'unknown-event',
        reader: 'Article',
        event: expect.objectContaining({ revision }),
        policy: 'skip',
      })),
    );
    expect(await articles.transact('1', undecided, { commandId: 'c1' })).toMatchObject({
      revision: 0,
    });
  });

  it('fail the command also when they come while the aggregate is in memory, which then is not used again', async () => {
    const { articles, record } = await opened();
    const price = () => event(Priced, { amount: 1, currency: 'EUR' });
    await articles.transact('1', price);
    await record('shop.priced', 3, { amount: 2, currency: 'EUR' });
    await record('shop.praised', 1, {});
    for (const _ of [1, 2]) await expect(articles.transact('1', price)).rejects.toThrow(UnknownEvent);
  });
});
