import { StoreUnavailable, WrongExpectedRevision, type EventToAppend, type RecordedEvent } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteEventStore } from './sqlite-event-store.js';

describe('an event log in an SQLite file', () => {
  let folder: string;
  let file: string;
  let database: SqliteDatabase;
  let store: SqliteEventStore;

  const open = async (path = file) => {
    database = await SqliteDatabase.open(`sqlite:${path}`);
    return (store = new SqliteEventStore(database));
  };
  const anEvent = (filling = '', type = 'test.happened'): EventToAppend => ({
    id: randomUUID(),
    type,
    version: 1,
    headers: {},
    data: { filling },
  });
  const some = (count: number, type?: string) => Array.from({ length: count }, () => anEvent('', type));
  const everything = async (): Promise<RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for await (const batch of store.readAll()) events.push(...batch.events);
    return events;
  };
  const batchesOf = async <T>(reading: AsyncIterable<T>): Promise<T[]> => {
    const batches: T[] = [];
    for await (const batch of reading) batches.push(batch);
    return batches;
  };
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-log-'));
    file = join(folder, 'gesta.db');
    await open();
  });

  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses to append when the disk is full, keeps what it answered for, and goes on when there is space', async () => {
    const { db } = database.events;
    db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 20}`);
    const acknowledged: EventToAppend[] = [];
    const refused: { event: EventToAppend; error: Error }[] = [];
    while (refused.length === 0) {
      const events = Array.from({ length: 4 }, () => anEvent('x'.repeat(2_000)));
      await Promise.all(
        events.map((event) =>
          store.append(`test-${event.id}`, [event], { expected: 'no-stream' }).then(
            () => acknowledged.push(event),
            (error: Error) => refused.push({ event, error }),
          ),
        ),
      );
    }
    const [{ event, error }] = refused as [{ event: EventToAppend; error: Error }];
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error.cause).toMatchObject({ code: 'SQLITE_FULL' });
    expect(acknowledged.length).toBeGreaterThan(4);
    expect((await everything()).map(({ id }) => id)).toEqual(acknowledged.map(({ id }) => id));

    db.pragma('max_page_count = 1000000');
    expect(await store.append(`test-${event.id}`, [event], { expected: 'no-stream' })).toMatchObject({ revision: 0 });
    expect(await everything()).toHaveLength(acknowledged.length + 1);
  });

  it.each([0, 1, 24, 4_096, 10_000, 60_000])(
    'loses nothing but its last appends when %i bytes are torn off the end of the write-ahead log',
    async (bytes) => {
      const appended: string[] = [];
      for (let n = 0; n < 40; n++) {
        const event = anEvent('x'.repeat(n * 20));
        await store.append(`test-${n % 3}`, [event], { expected: 'any' });
        appended.push(event.id);
      }
      // As after a power cut: the file and its log, without the closing that would have joined them.
      const torn = join(folder, 'torn.db');
      copyFileSync(file, torn);
      copyFileSync(`${file}-wal`, `${torn}-wal`);
      truncateSync(`${torn}-wal`, statSync(`${torn}-wal`).size - bytes);
      await store.close();
      await open(torn);

      const left = (await everything()).map(({ id }) => id);
      expect(left).toEqual(appended.slice(0, left.length));
      expect(left.length).toBeGreaterThan(bytes < 20_000 ? 30 : 5);
      expect(left.length === appended.length).toBe(bytes === 0);
      const next = new Map<string, number>();
      for (const { streamId, revision } of await everything()) {
        expect(revision).toBe(next.get(streamId) ?? 0);
        next.set(streamId, revision + 1);
      }
      const expected = next.get('test-0')! - 1;
      expect(await store.append('test-0', some(2), { expected })).toMatchObject({ revision: expected + 2 });
    },
  );

  it("waits for another connection's lock, and the event loop goes on meanwhile", async () => {
    const other = new Database(file, { timeout: 0 });
    other.exec('BEGIN IMMEDIATE');
    let settled = false;
    const append = store.append('test-1', some(1), { expected: 'no-stream' }).finally(() => (settled = true));
    await turns(300);
    expect(settled).toBe(false);
    expect(await everything()).toEqual([]); // readers are not in a writer's way
    other.exec('COMMIT');
    other.close();
    expect(await append).toEqual({ revision: 0, position: 1n });
  });

  it('commits the others of a group in which one append mismatches', async () => {
    const outcomes = await Promise.allSettled([
      store.append('test-1', some(2), { expected: 'no-stream' }),
      store.append('test-1', some(1), { expected: 'no-stream' }),
      store.append('test-1', some(1), { expected: 1 }),
      store.append('test-2', some(1), { expected: 7 }),
      store.append('test-2', some(1), { expected: 'no-stream' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[1]).toMatchObject({ reason: new WrongExpectedRevision('test-1', 'no-stream', 1) });
    expect((await everything()).map(({ streamId, revision }) => [streamId, revision])).toEqual([
      ['test-1', 0],
      ['test-1', 1],
      ['test-1', 2],
      ['test-2', 0],
    ]);
  });

  it('appends nothing of what SQLite cannot take, and the rest of the group', async () => {
    const broken = { ...anEvent(), data: undefined as never };
    const outcomes = await Promise.allSettled([
      store.append('test-1', some(1), { expected: 'no-stream' }),
      store.append('test-2', [anEvent(), broken], { expected: 'no-stream' }),
      store.append('test-3', some(1), { expected: 'no-stream' }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await everything()).map(({ streamId }) => streamId)).toEqual(['test-1', 'test-3']);
  });

  it('learns the names that another store has added', async () => {
    const other = new SqliteEventStore(await SqliteDatabase.open(`sqlite:${file}`));
    await store.append('test-1', some(1, 'test.first'), { expected: 'any' });
    await other.append('other-1', some(1, 'test.second'), { expected: 'any' });
    await store.append('third-1', some(1, 'test.second'), { expected: 'any' });
    await other.append('third-1', some(1, 'test.third'), { expected: 'any' });
    await other.close();
    expect((await everything()).map(({ type }) => type)).toEqual([
      'test.first',
      'test.second',
      'test.second',
      'test.third',
    ]);
    const ofThird: string[] = [];
    for await (const { events } of store.readAll({ filter: { categories: ['third'] } })) {
      ofThird.push(...events.map(({ type }) => type));
    }
    expect(ofThird).toEqual(['test.second', 'test.third']);
  });

  it('forgets a name that was not committed', async () => {
    const { db } = database.events;
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`);
    const tooBig = anEvent('x'.repeat(100_000), 'test.big');
    await expect(store.append('big-1', [tooBig], { expected: 'any' })).rejects.toThrow(StoreUnavailable);
    db.pragma('max_page_count = 1000000');
    await store.append('small-1', some(1, 'test.small'), { expected: 'any' });
    await store.append('big-1', [tooBig], { expected: 'any' });
    await store.close();
    await open();
    expect((await everything()).map(({ type, streamId }) => [type, streamId])).toEqual([
      ['test.small', 'small-1'],
      ['test.big', 'big-1'],
    ]);
  });

  it('never gives the position of a deleted event again', async () => {
    let last = 0n;
    for (let round = 0; round < 4; round++) {
      const { position } = await store.append('test-gone', some(3), { expected: 'no-stream' });
      expect(position > last).toBe(true);
      if (round % 2 === 0) await store.append('test-before', some(1), { expected: 'any' });
      await store.deleteStream('test-gone', { expected: 'stream-exists' });
      last = (await store.head()).position;
      expect(last >= position).toBe(true);
      await store.close();
      await open();
      expect((await store.head()).position).toBe(last);
    }
    expect((await everything()).map(({ streamId }) => streamId)).toEqual(['test-before', 'test-before']);
    const [first] = await batchesOf(store.readStream('test-before', { limit: 1 }));
    expect(first).toHaveLength(1);
  });

  it('tells a checkpoint of another file from its own', async () => {
    await store.append('test-1', some(3), { expected: 'any' });
    const { checkpoint } = await store.head();
    await store.close();
    await open(join(folder, 'another.db'));
    await store.append('test-1', some(5), { expected: 'any' });
    await expect(batchesOf(store.readAll({ after: checkpoint }))).rejects.toThrow(
      'is no checkpoint of this event store',
    );
  });

  it('refuses a checkpoint from the future, as there is after an older state of the file was put back', async () => {
    await store.append('test-1', some(3), { expected: 'any' });
    await store.close();
    const older = join(folder, 'older.db');
    copyFileSync(file, older);
    await open();
    await store.append('test-1', some(1), { expected: 'any' });
    const { checkpoint } = await store.head();
    await store.close();
    await open(older);
    await expect(batchesOf(store.readAll({ after: checkpoint }))).rejects.toThrow('older state');
  });

  it('reports progress where nothing matches, and does not keep the event loop', async () => {
    for (let n = 0; n < 30; n++) await store.append('test-many', some(1_500), { expected: 'any' });
    await store.append('test-rare', some(1, 'test.rare'), { expected: 'any' });
    let turned = 0;
    let turn = setImmediate(function next() {
      turned++;
      turn = setImmediate(next);
    });
    const batches = await batchesOf(store.readAll({ filter: { categories: ['test'] } }));
    clearImmediate(turn);
    expect(batches.flatMap(({ events }) => events)).toHaveLength(45_001);
    expect(turned).toBeGreaterThanOrEqual(batches.length - 1);
    const rare = await batchesOf(store.readAll({ filter: { types: ['test.rare'] } }));
    expect(rare.map(({ events }) => events.length)).toEqual([0, 0, 1]);
    expect(rare.map(({ position }) => position)).toEqual([20_000n, 40_000n, 45_001n]);
    expect(rare.map(({ caughtUp }) => caughtUp)).toEqual([false, false, true]);
  });

  it('keeps a batch of large events small', async () => {
    for (let n = 0; n < 300; n++) await store.append('test-large', [anEvent('x'.repeat(50_000))], { expected: 'any' });
    for (const batches of [
      (await batchesOf(store.readAll())).map(({ events }) => events),
      await batchesOf(store.readStream('test-large')),
    ]) {
      expect(batches.flat().map(({ revision }) => revision)).toEqual(Array.from({ length: 300 }, (_, n) => n));
      expect(Math.max(...batches.map((events) => events.length))).toBeLessThanOrEqual(64);
    }
  });

  it('wakes a subscription of another store in the same process', async () => {
    const other = new SqliteEventStore(await SqliteDatabase.open(`sqlite:${file}`));
    const aborting = new AbortController();
    const seen: number[] = [];
    for await (const { events, caughtUp } of store.subscribe({ signal: aborting.signal })) {
      seen.push(...events.map(({ revision }) => revision));
      if (seen.length === 5) aborting.abort();
      else if (caughtUp) void other.append('test-1', some(1), { expected: 'any' });
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    await other.close();
  });

  it('leaves one file behind when it is closed', async () => {
    await store.append('test-1', some(3), { expected: 'any' });
    await store.close();
    expect([file, `${file}-wal`, `${file}-shm`].map((path) => existsSync(path))).toEqual([true, false, false]);
  });
});
