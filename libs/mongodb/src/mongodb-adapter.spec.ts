import { afterEach, describe, expect, it } from '@jest/globals';
import type { DocumentStore } from '@gesta/core';
import { useMongoDB } from '../test/mongodb-for-tests.js';
import { mongoDB } from './mongodb-adapter.js';

const mongodb = useMongoDB();

describe('the MongoDB adapter', () => {
  const stores: DocumentStore[] = [];
  const open = async (url: string) => {
    const store = await mongoDB().openDocumentStore!(url, { now: () => new Date() });
    stores.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
  });

  it('opens documents and no events', () => {
    expect(mongoDB()).toMatchObject({ scheme: 'mongodb', example: 'mongodb://localhost:27017/gesta' });
    expect(mongoDB().openEventStore).toBeUndefined();
  });

  it('opens stores of one database that are closed each on its own', async () => {
    const [one, other] = [await open(mongodb.url), await open(mongodb.url)];
    await (await one.collection('orders')).put([{ key: 'a', version: 1n, body: { n: 1 } }]);
    await one.close();
    expect((await (await other.collection('orders')).get(['a'])).size).toBe(1);
  });

  it('reads from the primary whatever the URL prefers', async () => {
    const orders = await (await open(`${mongodb.url}&readPreference=secondary`)).collection('orders');
    await orders.put([{ key: 'b', version: 1n, body: {} }]);
    expect((await orders.get(['b'])).size).toBe(1);
    const { native } = orders as unknown as { native: { readPreference?: { mode: string } } };
    expect(native.readPreference?.mode).toBe('primary');
  });

  it('refuses a URL of another form, and shows a right one', async () => {
    await expect(open('mongodb://localhost:27017')).rejects.toThrow(mongoDB().example);
  });

  it('lists its collections until they are dropped', async () => {
    const store = await open(mongodb.url);
    await store.collection('some');
    expect(await store.collections()).toContain('some');
    const names = await store.collections();
    for (const name of names) await store.drop(name);
    expect(await store.collections()).toEqual([]);
  });
});
