import { StoreUnavailable, WrongExpectedRevision } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GroupCommit } from './group-commit.js';

describe('group commit', () => {
  let folder: string;
  let db: Database.Database;
  let other: Database.Database;
  let group: GroupCommit;
  let commits: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-group-'));
    const file = join(folder, 'group.db');
    db = new Database(file, { timeout: 0 });
    db.pragma('journal_mode = WAL');
    db.exec('CREATE TABLE t (a INTEGER NOT NULL UNIQUE, filling TEXT)');
    other = new Database(file, { timeout: 0 });
    group = new GroupCommit(db, 'group.db', 30);
    commits = 0;
    group.onCommit(() => commits++);
  });

  afterEach(() => {
    db.close();
    other.close();
    rmSync(folder, { recursive: true });
  });

  const insert = (a: number) => (on: Database.Database) => {
    on.prepare('INSERT INTO t (a) VALUES (?)').run(a);
    return a;
  };
  const stored = (): unknown => other.prepare('SELECT a FROM t ORDER BY a').pluck().all();
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
  };

  it('commits the writes of one turn together', async () => {
    const results = await Promise.all([1, 2, 3].map((a) => group.write(insert(a))));
    expect(results).toEqual([1, 2, 3]);
    expect(commits).toBe(1);
    expect(stored()).toEqual([1, 2, 3]);
  });

  it('answers only when others can see what was written', async () => {
    for (let a = 1; a <= 20; a++) {
      await group.write(insert(a));
      expect(other.prepare('SELECT max(a) FROM t').pluck().get()).toBe(a);
    }
    expect(commits).toBe(20);
  });

  it('lets a mismatch reject itself alone, and commits the others', async () => {
    const mismatch = new WrongExpectedRevision('a-1', 1, 2);
    const outcomes = await Promise.allSettled([
      group.write(insert(1)),
      group.write(() => {
        throw mismatch;
      }),
      group.write(insert(2)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: mismatch });
    expect(stored()).toEqual([1, 2]);
    expect(commits).toBe(1);
  });

  it.each([
    ['an SQLite error', (on: Database.Database) => void insert(1)(on), 'UNIQUE'],
    [
      'an error of the program',
      () => {
        throw new TypeError('Oops');
      },
      'Oops',
    ],
  ])('undoes all of a write that ends with %s, and does the others without it', async (_, fail, message) => {
    const outcomes = await Promise.allSettled([
      group.write(insert(1)),
      group.write((on) => {
        insert(50)(on);
        fail(on);
      }),
      group.write(insert(2)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(String((outcomes[1] as PromiseRejectedResult).reason)).toContain(message);
    expect(stored()).toEqual([1, 2]);
  });

  it('ends a group after some milliseconds, so that others get their turn', async () => {
    let turned = 0;
    const spin = () => {
      const until = performance.now() + 4;
      while (performance.now() < until);
      return turned;
    };
    const writes = Promise.all(Array.from({ length: 30 }, () => group.write(spin)));
    const turning = setInterval(() => turned++, 0);
    await writes;
    clearInterval(turning);
    expect(commits).toBeGreaterThanOrEqual(8);
    expect(new Set(await writes).size).toBeGreaterThanOrEqual(8);
  });

  it('ends a group after some number of writes', async () => {
    await Promise.all(Array.from({ length: 2_500 }, () => group.write(() => 1)));
    expect(commits).toBeGreaterThanOrEqual(3);
  });

  it('waits for a lock without stopping the event loop', async () => {
    other.exec('BEGIN IMMEDIATE');
    group = new GroupCommit(db, 'group.db', 60_000);
    let settled = false;
    const write = group.write(insert(1)).finally(() => (settled = true));
    await turns(200);
    expect(settled).toBe(false);
    other.exec('COMMIT');
    expect(await write).toBe(1);
  });

  it('refuses when a lock stays, and goes on when it is gone', async () => {
    other.exec('BEGIN IMMEDIATE');
    const refusal = (await group.write(insert(1)).catch((error: unknown) => error)) as Error;
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    expect(refusal.message).toContain('locked');
    expect(refusal.cause).toMatchObject({ code: 'SQLITE_BUSY' });
    other.exec('COMMIT');
    expect(await group.write(insert(2))).toBe(2);
    expect(stored()).toEqual([2]);
  });

  it('refuses when the disk is full, keeps what it answered for, and goes on when there is space', async () => {
    db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 3}`);
    const big = (a: number) => (on: Database.Database) => {
      on.prepare('INSERT INTO t (a, filling) VALUES (?, ?)').run(a, 'x'.repeat(3000));
      return a;
    };
    const acknowledged: number[] = [];
    const refusals: Error[] = [];
    for (let a = 1; refusals.length === 0; a++) {
      await group.write(big(a)).then(
        () => acknowledged.push(a),
        (error: Error) => refusals.push(error),
      );
    }
    const [refusal] = refusals as [Error];
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    expect(refusal.message).toContain('the disk is full');
    expect(refusal.cause).toMatchObject({ code: 'SQLITE_FULL' });
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(stored()).toEqual(acknowledged);
    db.pragma('max_page_count = 1000000');
    expect(await group.write(big(100))).toBe(100);
    expect(stored()).toEqual([...acknowledged, 100]);
  });

  it('refuses the group, not the process, when the connection was closed under it', async () => {
    const writes = [group.write(insert(1)), group.write(insert(2))];
    db.close();
    for (const outcome of await Promise.allSettled(writes)) {
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(StoreUnavailable);
    }
  });

  it('finishes what it accepted when it is closed, and accepts no more', async () => {
    const accepted = [1, 2, 3].map((a) => group.write(insert(a)));
    await group.close();
    expect(stored()).toEqual([1, 2, 3]);
    expect(await Promise.all(accepted)).toEqual([1, 2, 3]);
    await expect(group.write(insert(4))).rejects.toThrow('is closed');
  });

  it('finishes what it accepted also when a lock is in its way', async () => {
    other.exec('BEGIN IMMEDIATE');
    group = new GroupCommit(db, 'group.db', 60_000);
    const accepted = group.write(insert(1));
    let closed = false;
    const closing = group.close().then(() => (closed = true));
    await turns(50);
    expect(closed).toBe(false);
    other.exec('COMMIT');
    await closing;
    expect(await accepted).toBe(1);
  });
});
