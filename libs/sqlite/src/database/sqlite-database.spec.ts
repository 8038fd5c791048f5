import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { APPLICATION_ID, checkSqliteVersion, SCHEMA_VERSION } from './database-schema.js';
import { OpenDatabases } from './open-databases.js';
import { locationOf, SqliteDatabase } from './sqlite-database.js';

describe('an SQLite database', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-database-'));
    file = join(folder, 'gesta.db');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const refusalToOpen = async (path: string): Promise<Error> => {
    const refusal: unknown = await SqliteDatabase.open(`sqlite:${path}`).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    return refusal as Error;
  };

  it('is a file by its path, relative or absolute, or is in memory', () => {
    expect(locationOf('sqlite:./data/gesta.db')).toBe(resolve('data/gesta.db'));
    expect(locationOf('sqlite:gesta.db')).toBe(resolve('gesta.db'));
    expect(locationOf('sqlite:/var/lib/gesta.db')).toBe('/var/lib/gesta.db');
    expect(locationOf('sqlite:///var/lib/gesta.db')).toBe('/var/lib/gesta.db');
    expect(locationOf('sqlite::memory:')).toBe(':memory:');
  });

  it.each(['sqlite:', 'sqlite', 'mongodb://host/db', 'sqlite://data/gesta.db', './gesta.db'])('is not at %s', (url) => {
    expect(() => locationOf(url)).toThrow(RangeError);
    expect(() => locationOf(url)).toThrow('sqlite:./data/gesta.db');
  });

  it('is made with its folder when it is not there', async () => {
    const path = join(folder, 'a', 'b', 'gesta.db');
    const database = await SqliteDatabase.open(`sqlite:${path}`);
    expect(existsSync(path)).toBe(true);
    await database.release();
  });

  it('says which folder cannot be made', async () => {
    writeFileSync(join(folder, 'in-the-way'), '');
    const refusal = await refusalToOpen(join(folder, 'in-the-way', 'gesta.db'));
    expect(refusal.message).toContain(`The folder ${join(folder, 'in-the-way')}`);
    expect(refusal.cause).toBeDefined();
  });

  (process.platform === 'linux' ? it : it.skip)('says so where no folder can be made at all', async () => {
    expect((await refusalToOpen('/proc/not-there/nor-here/gesta.db')).message).toContain('/proc/not-there');
  });

  it('says so when the path is a folder', async () => {
    expect((await refusalToOpen(folder)).message).toContain(folder);
  });

  it('flushes events at every commit, and leaves documents to the next flush of events', async () => {
    const database = await SqliteDatabase.open(`sqlite:${file}`);
    const [FULL, NORMAL] = [2, 1];
    expect(database.events.db.pragma('synchronous', { simple: true })).toBe(FULL);
    expect(database.documents.db.pragma('synchronous', { simple: true })).toBe(NORMAL);
    for (const { db } of [database.events, database.documents]) {
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(db.pragma('busy_timeout', { simple: true })).toBe(0);
    }
    await database.release();
  });

  it('has one connection for both in memory', async () => {
    const database = await SqliteDatabase.open('sqlite::memory:');
    expect(database.events).toBe(database.documents);
    await database.release();
  });

  it('carries the stamp of its application and its schema', async () => {
    const database = await SqliteDatabase.open(`sqlite:${file}`);
    await database.release();
    const plain = new Database(file);
    expect(plain.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(plain.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    plain.close();
  });

  it("refuses another application's database, and leaves it as it was", async () => {
    const foreign = new Database(file);
    foreign.exec('CREATE TABLE customer (name TEXT)');
    foreign.close();
    const before = readFileSync(file);
    expect((await refusalToOpen(file)).message).toBe(
      `${file} is another application's SQLite database: give Gesta a file of its own`,
    );
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  it('refuses a file that is no database', async () => {
    writeFileSync(file, 'Dear diary, '.repeat(1000));
    expect((await refusalToOpen(file)).message).toBe(`${file} is no SQLite database: give Gesta a file of its own`);
  });

  it('refuses a file that a newer version has written, and says what to do', async () => {
    await (await SqliteDatabase.open(`sqlite:${file}`)).release();
    const plain = new Database(file);
    plain.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    plain.close();
    const { message } = await refusalToOpen(file);
    expect(message).toContain(`schema ${SCHEMA_VERSION + 1}, this one knows ${SCHEMA_VERSION}`);
    expect(message).toContain('upgrade');
  });

  it('refuses an SQLite that several processes cannot safely share a file with', () => {
    for (const version of ['3.51.2', '3.50.10', '2.9.9']) {
      expect(() => checkSqliteVersion(version)).toThrow(`SQLite ${version}`);
    }
    for (const version of ['3.51.3', '3.52.0', '4.0.0']) checkSqliteVersion(version);
  });

  it('is opened many times at once, also when it is only just made', async () => {
    const databases = await Promise.all(Array.from({ length: 8 }, () => SqliteDatabase.open(`sqlite:${file}`)));
    await Promise.all(
      databases.map(({ documents }, n) => documents.write((db) => db.exec(`CREATE TABLE t${n} (a INTEGER)`))),
    );
    for (const database of databases) await database.release();
  });

  it('is opened once it is no longer locked', async () => {
    await (await SqliteDatabase.open(`sqlite:${file}`)).release();
    const other = new Database(file);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN IMMEDIATE; CREATE TABLE t (a INTEGER)');
    let opened = false;
    const opening = SqliteDatabase.open(`sqlite:${file}`).finally(() => (opened = true));
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    expect(opened).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    await (await opening).release();
  });

  it('stays open until its last user has let go', async () => {
    const database = await SqliteDatabase.open(`sqlite:${file}`);
    expect(database.retain()).toBe(true);
    await database.release();
    expect(await database.events.read((db) => db.prepare('SELECT 1').pluck().get())).toBe(1);
    await database.release();
    expect(database.retain()).toBe(false);
    await expect(database.events.read(() => 1)).rejects.toThrow(StoreUnavailable);
    await expect(database.documents.write(() => 1)).rejects.toThrow(StoreUnavailable);
  });

  it('finishes what was asked of it before it closes', async () => {
    const database = await SqliteDatabase.open(`sqlite:${file}`);
    const written = database.documents.write((db) => void db.exec('CREATE TABLE t (a INTEGER)'));
    await Promise.all([database.release(), written]);
    const plain = new Database(file);
    expect(plain.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 't'").pluck().get()).toBe(1);
    plain.close();
  });

  it('is one and the same for the stores of one URL, and opened anew after its last user', async () => {
    const databases = new OpenDatabases();
    const [first, second] = await Promise.all([databases.open(`sqlite:${file}`), databases.open(`sqlite:${file}`)]);
    expect(second).toBe(first);
    expect(await databases.open('sqlite::memory:')).not.toBe(first);
    await first.release();
    await second.release();
    const again = await databases.open(`sqlite:${file}`);
    expect(again).not.toBe(first);
    await again.release();
  });

  it('is tried again after it could not be opened', async () => {
    writeFileSync(file, 'no database'.repeat(1000));
    const databases = new OpenDatabases();
    await expect(databases.open(`sqlite:${file}`)).rejects.toThrow('is no SQLite database');
    rmSync(file);
    await (await databases.open(`sqlite:${file}`)).release();
  });
});
