import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteDocumentStore } from './sqlite-document-store.js';

/** Stores with connections of their own, as those of several processes are. */
describe('several document stores on one file', () => {
  let folder: string;
  let one: SqliteDocumentStore;
  let other: SqliteDocumentStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gesta-documents-'));
    const url = `sqlite:${join(folder, 'gesta.db')}`;
    [one, other] = (await Promise.all(
      [1, 2].map(async () => new SqliteDocumentStore(await SqliteDatabase.open(url))),
    )) as [SqliteDocumentStore, SqliteDocumentStore];
  });
  afterEach(async () => {
    await Promise.all([one.close(), other.close()]);
    await rm(folder, { recursive: true });
  });

  const document = (n: number, version: bigint) => ({
    key: `key-${n}`,
    version,
    body: { n, version: String(version) },
  });

  it('make a collection once when both open it at once', async () => {
    const indexes = [{ n: 1 }, { version: 1 }] as const;
    const opened = await Promise.all([one, other, one, other].map((store) => store.collection('orders', { indexes })));
    await Promise.all(opened.map((collection, index) => collection.put([document(index, 1n)])));
    for (const collection of opened) expect(await collection.count({ n: { $gte: 0 } })).toBe(4);
    expect(await one.collections()).toEqual(['orders']);
  });

  it('converge on the greatest versions when both write at once', async () => {
    const collections = [await one.collection('orders', { indexes: [{ n: 1 }] }), await other.collection('orders')];
    const batch = (version: number) =>
      Array.from({ length: 600 }, (_, n) => document(n, BigInt((version * 7 + n) % 40)));
    await Promise.all(Array.from({ length: 40 }, (_, version) => collections[version % 2]!.put(batch(version))));
    for (const collection of collections) {
      const found = await collection.find({ n: { $gte: 0 } });
      expect(found).toHaveLength(600);
      expect(new Set(found.map(({ version }) => version))).toEqual(new Set([39n]));
    }
  });

  it('see what the other drops, makes anew and indexes', async () => {
    const mine = await one.collection('orders', { indexes: [{ n: 1 }] });
    const theirs = await other.collection('orders');
    await mine.put([document(1, 5n)]);
    expect(await theirs.count({ n: 1 })).toBe(1);
    await other.drop('orders');
    expect(await mine.find({ n: 1 }, { sort: { n: 1 } })).toEqual([]);
    const anew = await other.collection('orders', { indexes: [{ version: 1 }] });
    await anew.put([document(2, 1n)]);
    expect((await mine.find({ n: { $gt: 0 } }, { sort: { version: 1 } })).map(({ key }) => key)).toEqual(['key-2']);
    expect(await mine.put([document(1, 1n), document(2, 1n)])).toEqual(['key-2']);
  });

  it('finish what was accepted when they are closed', async () => {
    const collection = await one.collection('orders');
    const putting = collection.put(Array.from({ length: 2_000 }, (_, n) => document(n, 1n)));
    await one.close();
    expect(await putting).toEqual([]);
    expect(await (await other.collection('orders')).count({})).toBe(2_000);
  });
});
