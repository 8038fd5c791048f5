import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from './sqlite-database.js';

describe('the condition of an SQLite database', () => {
  let folder: string;
  let database: SqliteDatabase;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-condition-'));
    database = await SqliteDatabase.open(`sqlite:${join(folder, 'gesta.db')}`);
  });
  afterEach(async () => {
    await database.release();
    rmSync(folder, { recursive: true });
  });

  const failing = async () => (await database.condition(database.documents)).failing;
  const write = () =>
    database.documents.write((db) => db.exec('CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1)'));

  it('is good where a write would succeed, in a file and in memory', async () => {
    const changes = () => database.documents.db.prepare('SELECT * FROM event_log').all();
    const before = changes();
    expect(await database.condition(database.events)).toEqual({ failing: undefined, warnings: [] });
    expect(changes()).toEqual(before);
    await write();
    expect(await failing()).toBeUndefined();
    const inMemory = await SqliteDatabase.open('sqlite::memory:');
    expect(await inMemory.condition(inMemory.documents)).toEqual({ failing: undefined, warnings: [] });
    await inMemory.release();
  });

  it('is told by the last write: the disk is full, until one succeeds again', async () => {
    const { db } = database.documents;
    await write();
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages}`);
    const fill = () => database.documents.write((each) => each.exec(`INSERT INTO t VALUES (zeroblob(${1 << 20}))`));
    await expect(fill()).rejects.toThrow(StoreUnavailable);
    expect(await failing()).toMatch(/gesta\.db: the disk is full$/);
    db.pragma('max_page_count = 1000000');
    await fill();
    expect(await failing()).toBeUndefined();
  });

  it('is told by a small write where there was none: the file cannot be written to', async () => {
    database.documents.db.pragma('query_only = ON');
    expect(await failing()).toMatch(/this process may not write to the file/);
    database.documents.db.pragma('query_only = OFF');
  });

  it('is told by who waits: somebody holds the lock', async () => {
    const other = new Database(database.location);
    other.exec('BEGIN IMMEDIATE');
    expect(await failing()).toMatch(/another connection keeps it locked/);
    const writing = write();
    expect(await failing()).toMatch(/another connection (keeps it locked|has kept it locked for \d\.\d s)/);
    other.exec('ROLLBACK');
    other.close();
    await writing;
    expect(await failing()).toBeUndefined();
  });
});
