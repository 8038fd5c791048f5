import { DocumentRefused, type DocumentCollection, type JsonObject, type StoredDocument } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BulkWriteOptions, Collection, ReplaceOneModel } from 'mongodb';
import { useMongoDB } from '../../test/mongodb-for-tests.js';
import { MongoConnection } from '../connection/mongodb-connection.js';
import { writeGuarded } from './guarded-writes.js';
import { MongoDocumentStore } from './mongodb-document-store.js';
import { toWrite, type ReadModelDocument } from './read-model-document.js';

const mongodb = useMongoDB();

describe('putting documents into MongoDB', () => {
  let store: MongoDocumentStore;
  let orders: DocumentCollection;

  beforeEach(async () => {
    store = new MongoDocumentStore(await MongoConnection.open(mongodb.url));
    orders = await store.collection('orders');
  });
  afterEach(async () => {
    await store.drop('orders');
    await store.close();
  });

  const native = () =>
    mongodb.client.db(mongodb.database).collection<{ _id: string; [field: string]: unknown }>('orders');
  const document = (key: string, version: bigint, body: StoredDocument['body'] = {}): StoredDocument => ({
    key,
    version,
    body,
  });

  it('tells a unique index that is broken from a key that is ahead', async () => {
    await native().createIndex({ number: 1 }, { unique: true });
    await orders.put([document('a', 1n, { number: 1 }), document('b', 5n, { number: 2 })]);
    const refusal = await orders
      .put([document('b', 4n, { number: 3 }), document('c', 1n, { number: 1 }), document('d', 1n, { number: 4 })])
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DocumentRefused);
    expect(refusal).toMatchObject({
      key: 'c',
      cause: { code: 11_000 },
      message: expect.stringMatching(/orders: the document c is refused: E11000.*number_1/),
    });
    expect(await orders.get(['b', 'c', 'd'])).toEqual(
      new Map([
        ['b', document('b', 5n, { number: 2 })],
        ['d', document('d', 1n, { number: 4 })],
      ]),
    );
    expect(await orders.put([document('b', 4n, { number: 3 }), document('d', 1n, { number: 4 })])).toEqual(['b', 'd']);
  });

  it('replaces what another writer puts at a smaller version between the server’s look and its insert', async () => {
    const { native: collection } = orders as unknown as { native: Collection<ReadModelDocument> };
    const written = (version: bigint) =>
      ['a', 'b'].map((key) => toWrite({ key, version, body: { at: Number(version) } }).document);
    const unbounded = { call: <T>(work: () => Promise<T>) => work(), read: <T>(work: () => Promise<T>) => work() };
    /** A collection in which somebody else comes in between once. */
    const contended = (theirs: bigint) => {
      let first = true;
      return Object.assign(Object.create(collection) as typeof collection, {
        bulkWrite: async (
          operations: { replaceOne: ReplaceOneModel<ReadModelDocument> }[],
          options: BulkWriteOptions,
        ) => {
          if (!first) return collection.bulkWrite(operations, options);
          first = false;
          await collection.insertOne(written(theirs)[0]!);
          return collection.bulkWrite(
            operations.map(({ replaceOne }) => ({
              insertOne: { document: replaceOne.replacement as ReadModelDocument },
            })),
            options,
          );
        },
      });
    };
    expect(await writeGuarded(contended(1n), written(2n), unbounded)).toEqual([]);
    expect(await orders.get(['a', 'b'])).toEqual(new Map(['a', 'b'].map((key) => [key, document(key, 2n, { at: 2 })])));
    await collection.deleteMany({});
    expect(await writeGuarded(contended(3n), written(2n), unbounded)).toEqual(['a']);
    expect([...(await orders.get(['a', 'b'])).values()].map(({ version }) => version)).toEqual([3n, 2n]);
  });

  it('takes tens of thousands at once', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => document(`order-${n}`, 1n, { n, status: 'placed' }));
    expect(await orders.put(many)).toEqual([]);
    expect(await orders.count({})).toBe(20_000);
    const again = many.slice(0, 2_000).map((each, n) => ({ ...each, version: n % 10 === 0 ? 1n : 2n }));
    expect(await orders.put(again)).toHaveLength(200);
    expect((await orders.get(many.map(({ key }) => key))).size).toBe(20_000);
    expect(await orders.find({ n: { $lt: 1_000 } }, { sort: { n: -1 }, limit: 2 })).toMatchObject([
      { key: 'order-999', version: 2n },
      { key: 'order-998', version: 2n },
    ]);
  });

  it('refuses a document that is too large for MongoDB, and stores nothing', async () => {
    const large = { text: 'x'.repeat(16 * 1024 * 1024) };
    const refusal = await orders.put([document('a', 1n), document('b', 1n, large)]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DocumentRefused);
    expect((refusal as DocumentRefused).key).toBe('b');
    expect((refusal as Error).message).toMatch(
      /^orders: the document b takes 1677\d{4} bytes, and MongoDB holds fewer/,
    );
    expect(await orders.get(['a', 'b'])).toEqual(new Map());
  });

  it.each([
    [185, 'stores no such thing'],
    [199, 'does not even read the write'],
  ])('names a document that is nested %i levels deep, of which the server %s', async (levels) => {
    let body: JsonObject = {};
    for (let level = 1; level < levels; level++) body = { in: body };
    const some = Array.from({ length: 9 }, (_, n) => document(`fine-${n}`, 1n));
    const refusal = await orders.put(some.toSpliced(4, 0, document('deep', 1n, body))).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DocumentRefused);
    expect(refusal).toMatchObject({
      key: 'deep',
      message: expect.stringMatching(/^orders: the document deep is refused: .*depth/),
    });
    await orders.put(some);
    expect([...(await orders.get([...some.map(({ key }) => key), 'deep'])).keys()].sort()).toEqual(
      some.map(({ key }) => key),
    );
  });

  it('keeps fields named like what every object has', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'length'];
    const body = Object.fromEntries(names.map((name) => [name, { list: [{}, { [name]: [{ n: 1 }] }] }]));
    await orders.put([document('a', 1n, { ...body, body })]);
    expect(JSON.stringify((await orders.get(['a'])).get('a')!.body)).toBe(JSON.stringify({ ...body, body }));
  });

  it('stores documents nearly as large, however many', async () => {
    const some = Array.from({ length: 2 }, (_, n) =>
      document(`large-${n}`, 1n, { text: 'x'.repeat(15 * 1024 * 1024) }),
    );
    expect(await orders.put(some)).toEqual([]);
    expect(await orders.get(some.map(({ key }) => key))).toEqual(new Map(some.map((each) => [each.key, each])));
  });

  it('leaves documents alone that are not Gesta’s', async () => {
    await native().insertOne({ _id: 'theirs', status: 'by hand' });
    expect(await orders.put([document('theirs', 9n, { status: 'ours' })])).toEqual(['theirs']);
    expect(await native().findOne({ _id: 'theirs' })).toEqual({ _id: 'theirs', status: 'by hand' });
  });
});
