import type { DocumentCollection } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteDocumentStore } from './sqlite-document-store.js';

const key = (n: number) => `cart-${String(n).padStart(9, '0')}`;

describe.each(['in a file', 'in memory'])('a query among tombstones %s', (where) => {
  let folder: string;
  let url: string;
  let database: SqliteDatabase;
  let store: SqliteDocumentStore;
  let carts: DocumentCollection;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-tombstones-'));
    url = where === 'in memory' ? 'sqlite::memory:' : `sqlite:${join(folder, 'gesta.db')}`;
    database = await SqliteDatabase.open(url);
    store = new SqliteDocumentStore(database);
    carts = await store.collection('carts', { indexes: [{ customer: 1 }] });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const bury = (from: number, to: number) =>
    carts.put(Array.from({ length: to - from }, (_, n) => ({ key: key(from + n), version: 1n, body: undefined })));
  const place = (from: number, to: number, version = 1n) =>
    carts.put(
      Array.from({ length: to - from }, (_, n) => ({ key: key(from + n), version, body: { at: n, customer: n % 3 } })),
    );
  const liveIndexes = () =>
    database.documents.db.prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'documents_*_live'").pluck().all();

  it.each<[string, () => Promise<unknown>, unknown]>([
    [
      'by key',
      async () => (await carts.find({}, { limit: 3 })).map((each) => each.key),
      [5_000, 5_001, 5_002].map(key),
    ],
    [
      'by a field without an index',
      async () => (await carts.find({}, { sort: { at: -1 }, limit: 2 })).map((each) => each.key),
      [5_009, 5_008].map(key),
    ],
    ['that counts', () => carts.count({}), 10],
    ['that counts what matches', () => carts.count({ at: { $gt: 3 } }), 6],
  ])('%s looks at what is alive alone from then on', async (_, query, expected) => {
    await bury(0, 5_000);
    await place(5_000, 5_010);
    expect(await query()).toEqual(expected);
    expect(liveIndexes()).toEqual(['documents_1_live']);
    expect(await query()).toEqual(expected);
    // What dies, and what comes back, is so in the index.
    await carts.put([{ key: key(5_000), version: 2n, body: undefined }]);
    await place(100, 101, 2n);
    expect((await carts.find({}, { limit: 2 })).map((each) => each.key)).toEqual([key(100), key(5_001)]);
    expect(await carts.count({})).toBe(10);
    expect((await carts.find({}, { after: key(5_007) })).map((each) => each.key)).toEqual([5_008, 5_009].map(key));
  });

  it('makes no index where most documents are alive, or few are dead', async () => {
    await place(0, 2_000);
    await bury(2_000, 5_000);
    await carts.find({ at: -1 });
    expect(await carts.count({})).toBe(2_000);
    expect(liveIndexes()).toEqual([]);
  });

  it('goes the long way where the collection is dropped meanwhile', async () => {
    await bury(0, 5_000);
    await place(5_000, 5_010);
    const [found] = await Promise.all([carts.find({ at: 1 }), store.drop('carts')]);
    expect([0, 1]).toContain(found.length);
    expect(await carts.find({ at: 1 })).toEqual([]);
    expect(liveIndexes()).toEqual([]);
  });

  if (where === 'in memory') return;

  it('counts more than one portion', async () => {
    await bury(0, 60_000);
    await place(60_000, 60_100);
    expect([await carts.count({}), await carts.count({})]).toEqual([100, 100]);
  });

  it('finds them in a file of an older version, which goes on using it', async () => {
    await bury(0, 5_000);
    await place(5_000, 5_010);
    await store.close();
    const older = new Database(database.location);
    older.exec('DROP TABLE document_live; DROP TABLE document_dropped');
    older.close();
    database = await SqliteDatabase.open(url);
    store = new SqliteDocumentStore(database);
    carts = await store.collection('carts', { indexes: [{ customer: 1 }] });
    expect(await carts.find({}, { limit: 1 })).toMatchObject([{ key: key(5_000) }]);
    const beside = new Database(database.location);
    beside.exec(`UPDATE documents_1 SET version = 2, body = '{"at":77}' WHERE key = '${key(7)}'`);
    beside.close();
    expect(await carts.find({}, { limit: 1 })).toMatchObject([{ key: key(7), body: { at: 77 } }]);
  });
});
