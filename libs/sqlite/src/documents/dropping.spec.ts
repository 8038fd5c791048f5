import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteDocumentStore } from './sqlite-document-store.js';

const MANY = 20_000;

describe('dropping a large collection', () => {
  let folder: string;
  let database: SqliteDatabase;
  let store: SqliteDocumentStore;

  const open = async () => {
    database = await SqliteDatabase.open(`sqlite:${join(folder, 'gesta.db')}`);
    store = new SqliteDocumentStore(database);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-dropping-'));
    await open();
    const orders = await store.collection('orders', { indexes: [{ n: 1 }] });
    await orders.put(Array.from({ length: MANY }, (_, n) => ({ key: `order-${n}`, version: 1n, body: { n } })));
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const left = () => {
    const { db } = database.documents;
    const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'documents_1'").get();
    return isThere ? (db.prepare('SELECT count(*) FROM documents_1').pluck().get() as number) : undefined;
  };

  it('shows nobody anything of it at once, and clears it away in portions, others in between', async () => {
    const dropping = store.drop('orders');
    while ((await store.collections()).includes('orders')) await nextTurn();
    const seen = new Set<number>();
    let isDropped = false;
    void dropping.then(() => (isDropped = true));
    const again = await store.collection('orders');
    expect(await again.count({})).toBe(0);
    for (let n = 1n; !isDropped; n++) {
      const rows = left();
      if (rows !== undefined) seen.add(rows);
      expect(await again.put([{ key: 'a', version: n, body: {} }])).toEqual([]);
      await nextTurn();
    }
    expect(seen.size).toBeGreaterThan(5);
    expect(left()).toBeUndefined();
    expect(await again.count({})).toBe(1);
    expect(await store.collections()).toEqual(['orders']);
  });

  it('goes on with it after a crash, or when it was closed in the middle', async () => {
    const dropping = store.drop('orders');
    while (left() === MANY) await nextTurn();
    await store.close();
    await dropping;
    await open();
    expect(left()).toBeGreaterThan(0);
    expect(await store.collections()).toEqual([]);
    while (left() !== undefined) await nextTurn();
  });

  it('does so in several processes at once', async () => {
    const other = new SqliteDocumentStore(await SqliteDatabase.open(`sqlite:${database.location}`));
    await Promise.all([store.drop('orders'), other.drop('orders')]);
    await other.close();
    while (left() !== undefined) await nextTurn();
    expect(database.documents.db.prepare('SELECT count(*) FROM document_dropped').pluck().get()).toBe(0);
  });
});
