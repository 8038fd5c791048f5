import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { useMongoDB } from '../../test/mongodb-for-tests.js';
import { MongoConnection } from '../connection/mongodb-connection.js';
import { MongoDocumentStore } from './mongodb-document-store.js';

const mongodb = useMongoDB();

/** Stores with connections of their own, as those of several processes are. */
describe('several document stores on one MongoDB', () => {
  let one: MongoDocumentStore;
  let other: MongoDocumentStore;

  beforeEach(async () => {
    one = new MongoDocumentStore(await MongoConnection.open(mongodb.url));
    other = new MongoDocumentStore(await MongoConnection.open(mongodb.url));
  });
  afterEach(async () => {
    for (const name of await one.collections()) await one.drop(name);
    await one.close();
    await other.close();
  });

  const indexesOf = (name: string) => mongodb.client.db(mongodb.database).collection(name).indexes();
  const document = (n: number, version: bigint) => ({ key: `key-${n}`, version, body: { n, version: `${version}` } });

  it('make a collection and its indexes once when both open it at once', async () => {
    const indexes = [{ n: 1 }, { version: -1 }] as const;
    const opened = await Promise.all([one, other, one, other].map((store) => store.collection('orders', { indexes })));
    await Promise.all(opened.map((collection, index) => collection.put([document(index, 1n)])));
    for (const collection of opened) expect(await collection.count({ n: { $gte: 0 } })).toBe(4);
    expect((await indexesOf('orders')).map(({ key }) => key)).toEqual([
      { _id: 1 },
      { n: 1, _id: 1 },
      { version: -1, _id: -1 },
    ]);
  });

  it('converge on the greatest versions when both write at once', async () => {
    const collections = [await one.collection('orders', { indexes: [{ n: 1 }] }), await other.collection('orders')];
    const batch = (version: number) =>
      Array.from({ length: 100 }, (_, n) => document(n, BigInt((version * 7 + n) % 20)));
    await Promise.all(Array.from({ length: 20 }, (_, version) => collections[version % 2]!.put(batch(version))));
    for (const collection of collections) {
      const found = await collection.find({ n: { $gte: 0 } });
      expect(found).toHaveLength(100);
      expect(new Set(found.map(({ version }) => version))).toEqual(new Set([19n]));
    }
  });

  it('see what the other drops and makes anew', async () => {
    const mine = await one.collection('orders', { indexes: [{ n: 1 }] });
    const theirs = await other.collection('orders');
    await mine.put([document(1, 5n)]);
    expect(await theirs.count({ n: 1 })).toBe(1);
    await other.drop('orders');
    expect(await mine.find({ n: 1 }, { sort: { n: 1 } })).toEqual([]);
    await (await other.collection('orders')).put([document(2, 1n)]);
    expect(await mine.put([document(1, 1n), document(2, 1n)])).toEqual(['key-2']);
  });

  it('make the indexes anew with the collection that they dropped', async () => {
    const handle = await one.collection('orders', { indexes: [{ n: 1 }] });
    await one.drop('orders');
    await handle.put([document(1, 1n)]);
    expect((await indexesOf('orders')).map(({ key }) => key)).toEqual([{ _id: 1 }, { n: 1, _id: 1 }]);
  });

  it('take an index for theirs that somebody made under another name', async () => {
    const native = mongodb.client.db(mongodb.database).collection('orders');
    await native.createIndex({ n: 1, _id: 1 }, { name: 'mine' });
    const orders = await one.collection('orders', { indexes: [{ n: 1 }, { version: 1 }] });
    await orders.put([document(1, 1n)]);
    expect((await indexesOf('orders')).map(({ name }) => name)).toEqual(['_id_', 'mine', 'version_1__id_1']);
  });

  it('give indexes names that are not too long', async () => {
    const path = Array.from({ length: 30 }, (_, n) => `part${n}`).join('.');
    await one.collection('orders', { indexes: [{ [path]: 1 }, { [`${path}.a`]: 1 }, { [`${path}.b`]: 1 }] });
    const names = (await indexesOf('orders')).map(({ name }) => name!);
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(80);
  });

  it('refuse names that take more bytes than MongoDB allows', async () => {
    await expect(one.collection('日'.repeat(120))).rejects.toThrow(/more than the 255 bytes/);
    await expect(one.collection('x'.repeat(120))).resolves.toBeDefined();
  });

  it('finish what was accepted when they are closed', async () => {
    const collection = await one.collection('orders');
    const putting = collection.put(Array.from({ length: 2_000 }, (_, n) => document(n, 1n)));
    const closing = one.close();
    expect(await putting).toEqual([]);
    await closing;
    expect(await (await other.collection('orders')).count({})).toBe(2_000);
    one = new MongoDocumentStore(await MongoConnection.open(mongodb.url));
  });
});
