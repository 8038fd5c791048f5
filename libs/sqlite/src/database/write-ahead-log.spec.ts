import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from './sqlite-database.js';

const MB = 2 ** 20;
const BODY = 'x'.repeat(100_000);

describe('the write-ahead log', () => {
  let folder: string;
  let database: SqliteDatabase;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-log-'));
    database = await SqliteDatabase.open(`sqlite:${join(folder, 'gesta.db')}`);
    await database.documents.write((db) => db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)'));
    for (let n = 0; n < 50; n++) await write(n);
  });
  afterEach(async () => {
    await database.release();
    rmSync(folder, { recursive: true });
  });

  const write = (n: number) =>
    database.documents.write((db) => db.prepare('INSERT OR REPLACE INTO t VALUES (?, ?)').run(n % 50, BODY));
  const warnings = async () => (await database.condition(database.documents)).warnings;
  const size = () => statSync(`${database.location}-wal`).size;

  it('is bounded while there is always some reader in the middle of something', async () => {
    const readers = Array.from({ length: 3 }, () => new Database(database.location, { readonly: true }));
    // One begins before the other ends: the log is never without a reader.
    for (const reader of readers) reader.exec('BEGIN; SELECT count(*) FROM t');
    let turn = 0;
    const reading = setInterval(() => readers[turn++ % 3]!.exec('COMMIT; BEGIN; SELECT count(*) FROM t'), 2);
    let largest = 0;
    for (let n = 0; n < 2_000; n++) {
      await write(n);
      largest = Math.max(largest, size());
    }
    expect(largest).toBeLessThan(160 * MB); // of 200 MB written, on a machine that has other things to do
    expect(await warnings()).toEqual([]);
    clearInterval(reading);
    for (const reader of readers) reader.close();
  });

  it('is told of where a transaction that somebody forgot holds it, and is emptied behind that', async () => {
    const forgotten = new Database(database.location);
    forgotten.exec('BEGIN; SELECT count(*) FROM t');
    for (let n = 0; n < 400; n++) await write(n);
    expect(size()).toBeGreaterThan(30 * MB);
    const [warning] = await warnings();
    expect(warning).toMatch(
      /gesta\.db-wal has grown to \d+ MB and cannot be emptied: somebody keeps a transaction open/,
    );

    forgotten.close();
    expect(await warnings()).toEqual([]);
    expect(size()).toBeLessThan(MB);
    for (let n = 0; n < 50; n++) await write(n);
    expect(size()).toBeLessThan(20 * MB);
  });

  it('does not keep a database from being closed', async () => {
    const forgotten = new Database(database.location);
    forgotten.exec('BEGIN; SELECT count(*) FROM t');
    for (let n = 0; n < 250; n++) await write(n);
    await Promise.all([warnings(), database.release()]);
    forgotten.close();
    database = await SqliteDatabase.open(`sqlite:${database.location}`);
    expect(await warnings()).toEqual([]);
  });
});
