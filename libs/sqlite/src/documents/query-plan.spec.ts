import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { explicitFilter, findWindow, type DocumentCollection, type Filter, type FindOptions } from '@gesta/core';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { DocumentTables } from './document-tables.js';
import { countSql, rowsSql } from './index-scan.js';
import { planQuery } from './query-plan.js';
import { SqliteDocumentStore } from './sqlite-document-store.js';

const COUNT = 100_000;
const STATUSES = ['placed', 'paid', 'shipped', 'cancelled'];
const WORD = 'order-summaries';

describe('a query on 100,000 documents', () => {
  let database: SqliteDatabase;
  let store: SqliteDocumentStore;
  let collection: DocumentCollection;

  beforeAll(async () => {
    database = await SqliteDatabase.open('sqlite::memory:');
    store = new SqliteDocumentStore(database);
    collection = await store.collection(WORD, {
      indexes: [{ status: 1 }, { customer: 1, placedAt: -1 }, { 'total.amount': 1 }, { placedAt: 1 }],
    });
    const documents = Array.from({ length: COUNT }, (_, n) => ({
      key: `order-${n}`,
      version: BigInt(n),
      body: {
        status: STATUSES[n % 4]!,
        customer: `customer-${n % 1_000}`,
        placedAt: `2026-${String(n).padStart(6, '0')}`,
        total: { amount: (n * 7_919) % COUNT, currency: 'EUR' },
      },
    }));
    await collection.put(documents);
  }, 60_000);
  afterAll(() => store.close());

  /** The statements of a query, and how SQLite goes about each. */
  async function explained(filter: Filter, options?: FindOptions | 'count'): Promise<string[]> {
    const tables = await DocumentTables.open(database.documents);
    const table = tables.find(WORD)!;
    const window = options === 'count' ? undefined : findWindow(options);
    const none = () => 0;
    return planQuery(table, tables.indexes(table), explicitFilter(filter), window, none).flatMap((run) =>
      run.segments.flatMap((segment) => {
        const { sql, parameters } =
          options === 'count' && run.exact ? countSql(run.path, segment) : rowsSql(run.path, segment, 10);
        const steps = database.documents.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as {
          detail: string;
        }[];
        return steps.map(({ detail }) => detail.replace(/documents_\d+_?/g, ''));
      }),
    );
  }

  /** How many bodies a query looks into. */
  async function looksInto<T>(query: () => Promise<T>): Promise<{ result: T; bodies: number }> {
    const parse = jest.spyOn(JSON, 'parse');
    try {
      const result = await query();
      const bodies = parse.mock.calls.filter(([text]) => text.startsWith('{"status"')).length;
      return { result, bodies };
    } finally {
      parse.mockRestore();
    }
  }

  const searched = (index: string, by: string) => `SEARCH  USING INDEX index_${index} (${by})`;

  it('searches an index for an equality, and the arrays beside', async () => {
    const search = searched('1', '<expr>=?');
    expect(await explained({ status: 'placed' })).toEqual([search, search]);
    expect(await explained({ status: 'placed', unknown: { $ne: 1 } })).toEqual([search, search]);
    expect(await explained({ $and: [{ 'total.currency': 'EUR' }, { status: { $eq: 'paid' } }] })).toEqual([
      search,
      search,
    ]);
  });

  it('searches an index for each value of $in and $or', async () => {
    const search = searched('1', '<expr>=?');
    expect(await explained({ status: { $in: ['placed', 'paid', null] } })).toEqual(Array(4).fill(search));
    expect(await explained({ $or: [{ status: 'placed' }, { status: 'paid', customer: 'x' }] })).toEqual(
      Array(3).fill(search),
    );
  });

  it('searches an index for a range, a prefix and a nested field', async () => {
    const range = (index: string) => [searched(index, '<expr>>? AND <expr><?'), searched(index, '<expr>=?')];
    expect(await explained({ 'total.amount': { $gte: 10, $lt: 20 } })).toEqual(range('3'));
    expect(await explained({ 'total.amount': { $gt: 10 } })).toEqual(range('3'));
    expect(await explained({ placedAt: /^2026-0001/ })).toEqual(range('4'));
  });

  it('searches an index by several fields', async () => {
    expect(await explained({ customer: 'customer-7', placedAt: { $gte: '2026-05' } })).toEqual([
      searched('2', '<expr>=? AND <expr>>? AND <expr><?'),
      searched('2', '<expr>=? AND <expr>=?'),
      searched('2', '<expr>=? AND <expr>>? AND <expr><?'),
      searched('2', '<expr>=? AND <expr>=?'),
    ]);
  });

  it('reads an index in the order of the sort, either way, and sorts nothing itself', async () => {
    for (const direction of [1, -1] as const) {
      const steps = await explained({}, { sort: { placedAt: direction }, limit: 10 });
      expect(steps).toHaveLength(3); // null, the rest, and the irregular ones
      expect(steps.join()).not.toMatch(/TEMP B-TREE|SCAN(?!  USING INDEX irregular_4)/);
      const latest = await explained({ customer: 'customer-7' }, { sort: { placedAt: direction }, limit: 10 });
      expect(latest).toHaveLength(3);
      expect(latest[0]).toMatch(/^SEARCH  USING INDEX index_2 \(<expr>=\?/);
      expect(latest.join()).not.toMatch(/TEMP B-TREE/);
    }
  });

  it('counts from the index alone where the index says it all', async () => {
    expect((await explained({ status: 'placed' }, 'count'))[0]).toBe(searched('1', '<expr>=?'));
    const { result, bodies } = await looksInto(() => collection.count({ status: { $in: ['placed', 'paid'] } }));
    expect(result).toBe(COUNT / 2);
    expect(bodies).toBe(0);
    expect((await looksInto(() => collection.count({ 'total.amount': { $gte: 1_000, $lt: 1_500 } }))).result).toBe(500);
    expect((await looksInto(() => collection.count({}))).bodies).toBe(0);
  });

  it('looks into few documents but those that it finds', async () => {
    const one = await looksInto(() => collection.find({ 'total.amount': 7_919 }));
    expect(one.result.map(({ key }) => key)).toEqual(['order-1']);
    expect(one.bodies).toBe(1);
    const hundred = await looksInto(() => collection.find({ customer: 'customer-7', status: 'cancelled' }));
    expect(hundred.result).toHaveLength(100);
    expect(hundred.bodies).toBe(100);
  });

  it('stops when it has as many as are asked for', async () => {
    const latest = await looksInto(() => collection.find({}, { sort: { placedAt: -1 }, skip: 5, limit: 10 }));
    expect(latest.result[0]!.key).toBe('order-99994');
    expect(latest.bodies).toBe(15);
    const first = await looksInto(() => collection.find({ status: 'paid' }, { limit: 10 }));
    expect(first.result.map(({ key }) => key).slice(0, 3)).toEqual(['order-1', 'order-10001', 'order-10005']);
    expect(first.bodies).toBe(10);
    const some = await looksInto(() => collection.find({}, { limit: 10 }));
    expect(some.bodies).toBe(10);
  });

  it('lets others have their turn where it has to look into all of them', async () => {
    let turns = 0;
    let running = true;
    const others = () => {
      turns++;
      if (running) setImmediate(others);
    };
    setImmediate(others);
    const { result, bodies } = await looksInto(() => collection.count({ 'total.currency': 'USD' }));
    running = false;
    expect(result).toBe(0);
    expect(bodies).toBe(COUNT);
    expect(turns).toBeGreaterThan(20);
  });

  it('lets others have their turn between reads that are awaited one after the other', async () => {
    let turned = false;
    setImmediate(() => (turned = true));
    let reads = 0;
    for (; !turned && reads < 1_000_000; reads++) await collection.get(['order-5']);
    expect(turned).toBe(true);
  });
});
