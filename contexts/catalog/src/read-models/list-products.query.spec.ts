import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  aggregateDefinition,
  Gesta,
  MemoryDocumentStore,
  MemoryEventStore,
  projectionDefinition,
  type CommandResult,
} from '@gesta/core';
import { SqliteDatabase, SqliteDocumentStore } from '@gesta/sqlite';
import fc from 'fast-check';
import { DelistProduct, ListProduct, RepriceProduct } from '../domain/product-commands.js';
import { Product } from '../domain/product.js';
import { ListProducts, ListProductsHandler, type ProductSelection } from './list-products.query.js';
import { PRODUCT_SORTS } from './product-cursor.js';
import { ProductStocks, type ProductStock } from './product-stock.projection.js';
import { Products, type ProductDocument } from './products.projection.js';

const EUR = (amount: number) => ({ amount, currency: 'EUR' });
type Fields = Partial<ConstructorParameters<typeof ListProduct>[0]>;

const stores = {
  memory: async () => new MemoryDocumentStore(),
  SQLite: async () => new SqliteDocumentStore(await SqliteDatabase.open('sqlite::memory:')),
};

describe.each(Object.entries(stores))('ListProducts, with documents in %s', (_store, opened) => {
  let gesta: Gesta;

  beforeEach(async () => {
    gesta = await Gesta.open({
      events: new MemoryEventStore(),
      documents: await opened(),
      aggregates: [aggregateDefinition(Product)],
      projections: [Products, ProductStocks].map((projectionClass) => ({
        projectionClass,
        definition: projectionDefinition(projectionClass, new projectionClass()),
      })),
    });
    gesta.start();
  });
  afterEach(() => gesta.stop());

  const list = (sku: string, fields: Fields = {}) => {
    const usual = { sku, name: sku, category: 'other' as const, price: EUR(100), weightGrams: 1 };
    return gesta.repository(Product).transact(sku, (product) => product.list(new ListProduct({ ...usual, ...fields })));
  };
  const reprice = (sku: string, amount: number) =>
    gesta
      .repository(Product)
      .transact(sku, (product) => product.reprice(new RepriceProduct({ sku, price: EUR(amount) })));
  const delist = (sku: string) =>
    gesta.repository(Product).transact(sku, (product) => product.delist(new DelistProduct({ sku })));

  async function pageAfter({ position }: Pick<CommandResult, 'position'>, selection: Partial<ProductSelection>) {
    const products = gesta.readModel<ProductDocument>(Products);
    await products.waitFor(position);
    const handler = new ListProductsHandler(products, gesta.readModel<ProductStock>(ProductStocks));
    const { items, next } = await handler.execute(new ListProducts({ limit: 50, ...selection }));
    return { skus: items.map(({ sku }) => sku), next, items };
  }

  it('lists what was listed last first, without what was delisted', async () => {
    for (const sku of ['a', 'b', 'c']) await list(sku);
    expect((await pageAfter(await delist('b'), {})).skus).toEqual(['c', 'a']);
    expect((await pageAfter(await list('b'), {})).skus).toEqual(['b', 'c', 'a']);
  });

  it('shows nothing of what it goes by', async () => {
    const { items } = await pageAfter(await list('a'), {});
    expect(items).toEqual([
      {
        sku: 'a',
        name: 'a',
        category: 'other',
        price: EUR(100),
        weightGrams: 1,
        status: 'listed',
        available: 0,
        listedAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
  });

  it('sorts by name without regard to case and accents, and by price', async () => {
    await list('1', { name: 'Zebra', price: EUR(5) });
    await list('2', { name: 'éclair', price: EUR(20) });
    await list('3', { name: 'Eclair', price: EUR(20) });
    const end = await list('4', { name: 'apple', price: EUR(100) });
    expect((await pageAfter(end, { sort: 'name' })).skus).toEqual(['4', '2', '3', '1']);
    expect((await pageAfter(end, { sort: '-name' })).skus).toEqual(['1', '3', '2', '4']);
    expect((await pageAfter(end, { sort: 'price' })).skus).toEqual(['1', '2', '3', '4']);
    expect((await pageAfter(end, { sort: '-price' })).skus).toEqual(['4', '3', '2', '1']);
  });

  it('selects by category, price and currency', async () => {
    await list('a', { category: 'toys', price: EUR(10) });
    await list('b', { category: 'toys', price: EUR(20) });
    await list('c', { category: 'books', price: EUR(30) });
    const end = await list('d', { category: 'books', price: { amount: 20, currency: 'USD' } });
    expect((await pageAfter(end, { category: 'toys' })).skus).toEqual(['b', 'a']);
    expect((await pageAfter(end, { minPrice: 20 })).skus).toEqual(['d', 'c', 'b']);
    expect((await pageAfter(end, { minPrice: 11, maxPrice: 20, currency: 'EUR' })).skus).toEqual(['b']);
    expect((await pageAfter(end, { minPrice: 31 })).skus).toEqual([]);
  });

  it('leads from page to page, whatever is listed, delisted and repriced in between', async () => {
    for (const [index, sku] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) await list(sku, { price: EUR(index) });
    const first = await pageAfter(await list('g', { price: EUR(6) }), { sort: 'price', limit: 2 });
    expect(first.skus).toEqual(['a', 'b']);
    await delist('b'); // the very one that the page ended with
    await reprice('a', 0);
    await list('aa', { price: EUR(0) });
    const second = await pageAfter(await delist('d'), { sort: 'price', limit: 2, cursor: first.next! });
    expect(second.skus).toEqual(['c', 'e']);
    const third = await pageAfter(await list('bb', { price: EUR(3) }), {
      sort: 'price',
      limit: 2,
      cursor: second.next!,
    });
    expect(third).toMatchObject({ skus: ['f', 'g'], next: undefined });
  });

  it('meets every product once in every order, whatever they are called and cost', async () => {
    const products = fc.array(
      fc.record({
        name: fc.constantFrom('Oak', 'oak', 'Öak', 'oak chair', 'oaken', 'Oak-', 'a', '😀'),
        price: fc.record({
          amount: fc.constantFrom(0, 1, 10, 9_007_199_254_740_991),
          currency: fc.constantFrom('EUR', 'JPY'),
        }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        products,
        fc.constantFrom(...PRODUCT_SORTS),
        fc.integer({ min: 1, max: 4 }),
        async (all, sort, limit) => {
          const prefix = `p${run++}-`;
          const category = 'toys' as const;
          let end = { position: 0n };
          for (const [index, fields] of all.entries()) {
            const name = sort === 'relevance' ? `${prefix.slice(0, -1)} ${fields.name}` : fields.name;
            end = await list(`${prefix}${index}`, { ...fields, name, category });
          }
          const selection = { category, sort, ...(sort === 'relevance' && { q: prefix }) };
          const whole = (await pageAfter(end, { ...selection, limit: 100 })).skus;
          const paged: string[] = [];
          for (let cursor: string | undefined, more = true; more;) {
            const { skus, next } = await pageAfter(end, {
              ...selection,
              limit,
              ...(cursor !== undefined && { cursor }),
            });
            paged.push(...skus);
            cursor = next;
            more = next !== undefined;
          }
          expect(paged).toEqual(whole);
          expect(new Set(paged)).toEqual(new Set(all.map((_, index) => `${prefix}${index}`)));
          for (const sku of paged) end = await delist(sku);
          await pageAfter(end, selection);
        },
      ),
      { numRuns: 25 },
    );
  });

  describe('asked for words', () => {
    const search = async (q: string, selection: Partial<ProductSelection> = {}) =>
      (await pageAfter({ position: 0n }, { q, ...selection })).skus;

    beforeEach(async () => {
      await list('brulee', { name: 'Crème brûlée', description: 'With a crust of burnt sugar', category: 'food' });
      await list('cream', { name: 'Cream', description: 'Sour; no crème fraîche', price: EUR(300), category: 'food' });
      await list('chair', { name: 'Oak chair', description: 'A chair of oak', price: EUR(200), category: 'furniture' });
      await list('cushion', { name: 'Cushion', description: 'For an oak chair', category: 'furniture' });
      await list('gone', { name: 'Oak chair' });
      await pageAfter(await delist('gone'), {});
    });

    it.each([
      ['creme', ['brulee', 'cream']],
      ['CRÈME', ['brulee', 'cream']],
      ['cre', ['cream', 'brulee']],
      ['oak', ['chair', 'cushion']],
      ['chair oak', ['chair', 'cushion']],
      ['oa cush', ['cushion']],
      ['oak sugar', []],
      ['akk', []],
      ['hair', []],
      ['brulee creme sugar', ['brulee']],
      ['…', []],
    ])('finds by %j %j, the most relevant first', async (q, skus) => {
      expect(await search(q)).toEqual(skus);
    });

    it('takes an empty search box for no search', async () => {
      expect(await search(' ')).toEqual(['cushion', 'chair', 'cream', 'brulee']);
    });

    it('sorts and selects what is found', async () => {
      expect(await search('c', { sort: '-price' })).toEqual(['cream', 'chair', 'cushion', 'brulee']);
      expect(await search('c', { category: 'food', maxPrice: 200 })).toEqual(['brulee']);
    });

    it('turns pages of what is found', async () => {
      const first = await pageAfter({ position: 0n }, { q: 'c', limit: 3 });
      const second = await pageAfter({ position: 0n }, { q: 'c', limit: 3, cursor: first.next! });
      expect([...first.skus, ...second.skus]).toEqual(await search('c'));
      expect(second).toMatchObject({ next: undefined });
    });
  });
});
