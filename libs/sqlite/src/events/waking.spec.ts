import type { EventBatch, EventFilter } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteDocumentStore } from '../documents/sqlite-document-store.js';
import { LogEnd } from './log-reader.js';
import { SqliteEventStore } from './sqlite-event-store.js';

const event = (type: string) => ({ id: randomUUID(), type, version: 1, headers: {}, data: {} });

describe('subscriptions to one log', () => {
  let folder: string;
  let database: SqliteDatabase;
  let store: SqliteEventStore;
  let ending: AbortController;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-waking-'));
    database = await SqliteDatabase.open(`sqlite:${join(folder, 'gesta.db')}`);
    store = new SqliteEventStore(database);
    ending = new AbortController();
  });
  afterEach(async () => {
    ending.abort();
    jest.useRealTimers();
    jest.restoreAllMocks();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  /** A subscription, and how it gets to a position. */
  const following = (filter?: EventFilter) => {
    const batches: EventBatch[] = [];
    let wake = () => undefined as void;
    const ended = (async () => {
      for await (const batch of store.subscribe({ filter, signal: ending.signal })) {
        batches.push(batch);
        wake();
      }
    })();
    const until = async (position: bigint) => {
      while ((batches.at(-1)?.position ?? -1n) < position || !batches.at(-1)!.caughtUp)
        await new Promise<void>((resolve) => (wake = resolve));
    };
    const seen = () => batches.flatMap(({ events }) => events.map(({ type }) => type));
    return { batches, until, seen, ended };
  };

  it('look for themselves only where something was appended for them, and all get to the end', async () => {
    await store.append('a-1', [event('a.begun'), event('b.begun')], { expected: 'any' });
    const read = jest.spyOn(database.events, 'read');
    const many = Array.from({ length: 200 }, (_, n) => following({ types: [`t.${n}`] }));
    const [a, category, all] = [following({ types: ['a.done'] }), following({ categories: ['a'] }), following()];
    await Promise.all([...many, a, category, all].map(({ until }) => until(2n)));
    read.mockClear();
    const begun = performance.now();
    for (let n = 0; n < 20; n++) await store.append('a-1', [event('a.done')], { expected: 'any' });
    await Promise.all([...many, a, category, all].map(({ until }) => until(22n)));
    // For all others it is looked now and then, once: more often the longer a slow machine takes for the appends.
    const looks = 2 + Math.floor((performance.now() - begun) / 20);
    expect(read.mock.calls.length).toBeLessThan(3 * 20 + 20 + looks);
    expect(a.seen()).toHaveLength(20);
    expect(category.seen()).toHaveLength(22);
    expect(all.seen()).toHaveLength(22);
    for (const { seen } of many) expect(seen()).toEqual([]);
  });

  it('hear of a type that nobody had appended before, and of what another process appends', async () => {
    const late = following({ types: ['new.kind'] });
    await late.until(0n);
    await store.append('x-1', [event('other.kind')], { expected: 'any' });
    await late.until(1n);
    const other = new SqliteEventStore(await SqliteDatabase.open(`sqlite:${database.location}`));
    await other.append('x-1', [event('new.kind')], { expected: 'any' });
    await late.until(2n);
    expect(late.seen()).toEqual(['new.kind']);
    await other.close();
  });

  it('look more seldom for what other processes append where nothing was for long, and hear of it all the same', async () => {
    const all = following();
    const { position } = await store.append('x-1', [event('x.begun')], { expected: 'any' });
    await all.until(position);
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 10_000);
    await delay(20); // what was set before is over
    const looked = jest.spyOn(LogEnd.prototype, 'position');
    await delay(400);
    expect(looked.mock.calls.length).toBeLessThan(10);
    looked.mockRestore();
    const other = new SqliteEventStore(await SqliteDatabase.open(`sqlite:${database.location}`));
    await all.until((await other.append('x-1', [event('x.done')], { expected: 'any' })).position);
    expect(all.seen()).toEqual(['x.begun', 'x.done']);
    await other.close();
  });

  it('end at once, also those that wait for nothing that comes', async () => {
    const [one, other] = [following({ types: ['never'] }), following()];
    await Promise.all([one.until(0n), other.until(0n)]);
    ending.abort();
    await Promise.all([one.ended, other.ended]);
  });

  it('go on while a test has taken the clock away', async () => {
    jest.useFakeTimers();
    expect(jest.isMockFunction(setTimeout) || 'clock' in setTimeout).toBe(true);
    const [idle, all] = [following({ types: ['never'] }), following()];
    const { position } = await store.append('x-1', [event('a.begun')], { expected: 'no-stream' });
    await Promise.all([idle.until(position), all.until(position)]);
    const documents = new SqliteDocumentStore(await SqliteDatabase.open(`sqlite:${database.location}`));
    const orders = await documents.collection('orders');
    await orders.put(Array.from({ length: 3_000 }, (_, n) => ({ key: `k${n}`, version: 1n, body: { n } })));
    expect((await orders.find({ n: { $gt: 2_990 } })).length).toBe(9);
    await documents.drop('orders');
    await documents.close();
    ending.abort();
    await Promise.all([idle.ended, all.ended]);
  });
});
