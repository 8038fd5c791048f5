import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@marketplace/simulator';
import { tearTail } from './torn-tail.js';
import { WriteAheadLog } from './write-ahead-log.js';

describe('A write-ahead log whose processes were killed', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'torn-'));
    file = join(folder, 'killed.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Copies what a connection has open, as a process that is killed leaves it. */
  const leaveAsKilled = (work: (db: Database.Database) => void) => {
    const alive = join(folder, 'alive.db');
    for (const end of ['', '-wal', '-shm']) rmSync(alive + end, { force: true });
    const db = new Database(alive);
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE event (position INTEGER PRIMARY KEY, data TEXT); CREATE TABLE document (body TEXT)');
    work(db);
    for (const end of ['', '-wal', '-shm']) copyFileSync(alive + end, file + end);
    db.close();
  };
  const events = (db: Database.Database, count: number) => {
    for (let number = 0; number < count; number++)
      db.prepare('INSERT INTO event (data) VALUES (?)').run('x'.repeat(300));
  };
  const documents = (db: Database.Database, count: number) => {
    for (let number = 0; number < count; number++) db.prepare('INSERT INTO document VALUES (?)').run('y'.repeat(300));
  };
  const found = () => {
    const db = new Database(file);
    try {
      const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
      return {
        events: count('event'),
        documents: count('document'),
        check: db.pragma('integrity_check', { simple: true }),
      };
    } finally {
      db.close();
    }
  };

  it('is read as SQLite has written it', () => {
    leaveAsKilled((db) => events(db, 10));
    const log = new WriteAheadLog(readFileSync(`${file}-wal`));
    expect(log.pageSize).toBe(4_096);
    expect(log.frames.filter(({ commits }) => commits)).toHaveLength(12); // the tables, and each insert
    expect(log.frames.at(-1)!.end).toBe(readFileSync(`${file}-wal`).length);
  });

  it('is given frames that SQLite would take for its own, were they whole', () => {
    leaveAsKilled((db) => events(db, 10));
    const bytes = readFileSync(`${file}-wal`);
    const log = new WriteAheadLog(bytes);
    const page = readFileSync(`${file}-wal`).subarray(bytes.length - log.pageSize); // again what is there already
    const header = bytes.subarray(bytes.length - log.pageSize - 24, bytes.length - log.pageSize);
    const next = log.nextHeader(header.readUInt32BE(0), header.readUInt32BE(4), page);
    writeFileSync(`${file}-wal`, Buffer.concat([bytes, next, page]));
    expect(new WriteAheadLog(readFileSync(`${file}-wal`)).frames).toHaveLength(log.frames.length + 1);
    expect(found()).toEqual({ events: 10, documents: 0, check: 'ok' });
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'loses nothing but documents behind the last event when its tail is torn (seed %i)',
    (seed) => {
      leaveAsKilled((db) => {
        documents(db, 3);
        events(db, 20);
        documents(db, 10);
      });
      const tear = tearTail(file, new Random(seed));
      expect(tear).toMatchObject({ position: 20 });
      const left = found();
      expect(left).toMatchObject({ events: 20, check: 'ok' });
      expect(left.documents).toBe(13 - tear!.transactions);
    },
  );

  it('is torn in every way, and documents go with it', () => {
    const tears = Array.from({ length: 20 }, (_, seed) => {
      leaveAsKilled((db) => {
        events(db, 5);
        documents(db, 20);
      });
      return tearTail(file, new Random(seed))!;
    });
    expect(new Set(tears.map(({ how }) => how)).size).toBe(5);
    expect(tears.some(({ transactions }) => transactions > 0)).toBe(true);
  });

  it('is not torn where it was carried over into the file already', () => {
    leaveAsKilled((db) => {
      events(db, 5);
      documents(db, 20);
      db.pragma('wal_checkpoint(PASSIVE)');
    });
    for (let seed = 0; seed < 10; seed++) tearTail(file, new Random(seed));
    expect(found()).toEqual({ events: 5, documents: 20, check: 'ok' });
  });

  it('may not be there at all', () => {
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(tearTail(file, new Random(1))).toBeUndefined();
  });
});
