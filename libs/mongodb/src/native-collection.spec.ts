import { MemoryDocumentStore, type DocumentCollection } from '@gesta/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { useMongoDB } from '../test/mongodb-for-tests.js';
import { MongoConnection } from './connection/mongodb-connection.js';
import { MongoDocumentStore } from './documents/mongodb-document-store.js';
import { nativeCollection, NO_TOMBSTONE } from './native-collection.js';

interface Order {
  status: string;
  total: { amount: number };
}

const mongodb = useMongoDB();

describe('the driver’s own collection', () => {
  let store: MongoDocumentStore;
  let orders: DocumentCollection;

  beforeAll(async () => {
    store = new MongoDocumentStore(await MongoConnection.open(mongodb.url));
    orders = await store.collection('orders');
    await orders.put([
      { key: 'a', version: 1n, body: { status: 'placed', total: { amount: 5 } } },
      { key: 'b', version: 2n, body: { status: 'shipped', total: { amount: 7 } } },
      { key: 'c', version: 3n, body: { status: 'placed', total: { amount: 9 } } },
      { key: 'd', version: 4n, body: undefined },
    ]);
  });
  afterAll(() => store.close());

  it('has the fields of read models at the top', async () => {
    const found = await nativeCollection<Order>(orders)
      .find({ status: 'placed', 'total.amount': { $gt: 5 } })
      .toArray();
    expect(found).toEqual([{ _id: 'c', _gesta: { version: 3 }, status: 'placed', total: { amount: 9 } }]);
  });

  it('holds tombstones, which a condition leaves out', async () => {
    const native = nativeCollection<Order>(orders);
    expect(await native.countDocuments({})).toBe(4);
    expect(await native.countDocuments({ status: { $ne: 'placed' } })).toBe(2);
    expect(await native.countDocuments({ status: { $ne: 'placed' }, ...NO_TOMBSTONE })).toBe(1);
    expect(await native.findOne({ _id: 'd' })).toEqual({ _id: 'd', _gesta: { version: 4, deleted: true } });
  });

  it('aggregates', async () => {
    const sums = await nativeCollection<Order>(orders)
      .aggregate([
        { $match: NO_TOMBSTONE },
        { $group: { _id: '$status', amount: { $sum: '$total.amount' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(sums).toEqual([
      { _id: 'placed', amount: 14 },
      { _id: 'shipped', amount: 7 },
    ]);
  });

  it('is not to be had from another store', async () => {
    const elsewhere = await new MemoryDocumentStore().collection('orders');
    expect(() => nativeCollection(elsewhere)).toThrow(new TypeError('The collection orders is not in MongoDB'));
  });
});
