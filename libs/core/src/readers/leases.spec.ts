import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cuttable, documentsThrough, type Around } from '../../test/fallible-stores.js';
import { gate, until } from '../../test/until.js';
import type { JsonObject } from '../events/json.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import { StoreUnavailable } from '../store/errors.js';
import type { Lease } from './lease.js';
import { Leases } from './leases.js';

const TTL_MS = 60;
/** As Linux tells it. */
const processBegan = (pid: number) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')[19]!;

describe('Leases', () => {
  let documents: MemoryDocumentStore;
  let collection: DocumentCollection;
  let held: (Lease | undefined)[];
  let ending: AbortController;

  beforeEach(async () => {
    documents = new MemoryDocumentStore();
    collection = await documents.collection('gesta.leases');
    held = [];
    ending = new AbortController();
  });
  afterEach(async () => {
    ending.abort();
    await Promise.all(held.map((lease) => lease?.release()));
  });

  /** What one process asks for. */
  const aProcess = async ({ ttlMs = TTL_MS, store = documents as DocumentStore } = {}) => {
    const leases = await Leases.open(store, ttlMs);
    return async (name = 'reader') => {
      const lease = await leases.acquire(name, ending.signal);
      held.push(lease);
      return lease;
    };
  };
  const stored = async () => (await collection.get(['reader'])).get('reader');
  /** The lease as another holder would have left it. */
  const leaveBehind = async (change: JsonObject) => {
    const lease = (await (await aProcess())())!;
    const body = { ...(await stored())!.body, id: 'another', ...change };
    await lease.release();
    await collection.put([{ key: 'reader', version: (await stored())!.version + 1n, body }]);
  };

  it('give a name to one of two that ask for it', async () => {
    const [one, other] = [await aProcess({ ttlMs: 1_500 }), await aProcess({ ttlMs: 1_500 })];
    const given: string[] = [];
    void one().then(() => given.push('one'));
    void other().then(() => given.push('other'));
    await until(
      'it was given, and renewed beyond its time to live',
      async () => ((await stored())?.version ?? 0n) > 5n,
    );
    expect(given).toHaveLength(1);
  });

  it('give other names to others meanwhile', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    expect(await one('this')).toBeDefined();
    expect(await other('that')).toBeDefined();
  });

  it('pass on at once what was given up, however long it would have lasted', async () => {
    const [one, other] = [await aProcess({ ttlMs: 3_600_000 }), await aProcess()];
    const lease = await one();
    const next = other();
    await lease!.release();
    expect(await next).toBeDefined();
    expect((await stored())!.body).toMatchObject({ ttlMs: TTL_MS });
  });

  it('give every owner a greater epoch than the one before', async () => {
    const [one, other] = [await aProcess(), await aProcess()];
    const epochs: bigint[] = [];
    for (const acquire of [one, other, other, one]) {
      const lease = (await acquire())!;
      epochs.push(lease.epoch);
      await until('it was renewed', async () => (await stored())!.version > lease.epoch);
      await lease.release();
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((before, after) => Number(before - after)));
    expect(epochs).toHaveLength(4);
  });

  it('pass on at once what a process of this host held that is gone', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    await leaveBehind({ pid: child.pid!, ttlMs: 3_600_000 });
    expect(await (await aProcess())()).toBeDefined();
  });

  it('pass on at once what an older process of the same number held', async () => {
    await leaveBehind({ began: '1', ttlMs: 3_600_000 });
    expect(await (await aProcess())()).toBeDefined();
  });

  it('leave to its holder what a process of this host holds that is there', async () => {
    const began = processBegan(process.ppid);
    await leaveBehind({ pid: process.ppid, began, ttlMs: 3_600_000 });
    const { version } = (await stored())!;
    let asked = 0;
    const counted: Around = (_, work) => {
      asked++;
      return work();
    };
    const acquire = await aProcess({ store: documentsThrough(counted, documents) });
    void acquire();
    await until('it was looked at several times', () => asked >= 5);
    expect((await stored())!.version).toBe(version);
  });

  it.each([
    { host: 'elsewhere' },
    { host: 'elsewhere', pid: 999_999_999 },
    { boot: 'of another machine of this name', pid: 999_999_999 },
  ])('pass on what a process elsewhere held only after its time to live without a change (%p)', async (elsewhere) => {
    await leaveBehind({ ...elsewhere, ttlMs: 100 });
    const began = performance.now();
    expect(await (await aProcess())()).toBeDefined();
    expect(performance.now() - began).toBeGreaterThanOrEqual(100);
  });

  it('begin to count anew whenever the holder has shown itself', async () => {
    await leaveBehind({ host: 'elsewhere', ttlMs: 800 });
    const body = (await stored())!.body;
    const taken = (await aProcess())();
    let renewed = performance.now();
    for (let renewals = 0; renewals < 4; renewals++) {
      await until('some of the time has passed', () => performance.now() - renewed > 250);
      const { version } = (await stored())!;
      expect(await collection.put([{ key: 'reader', version: version + 1n, body }])).toEqual([]);
      renewed = performance.now();
    }
    expect(await taken).toBeDefined();
    expect(performance.now() - renewed).toBeGreaterThanOrEqual(790);
  });

  it('end for a holder that cannot renew, and are then for others', async () => {
    const connection = cuttable();
    const lease = (await (await aProcess({ store: documentsThrough(connection.around, documents) }))())!;
    connection.away = true;
    expect(await (await aProcess())()).toBeDefined();
    await until('the first has lost it', () => lease.lost.aborted);
  });

  it('end for a holder whose store does not answer', async () => {
    const answering = gate();
    let hangs = false;
    const hanging: Around = async (_, work) => {
      if (hangs) await answering.opened;
      return work();
    };
    const lease = (await (await aProcess({ store: documentsThrough(hanging, documents) }))())!;
    hangs = true;
    await until('it is lost', () => lease.lost.aborted);
    answering.open();
  });

  it('end for a holder when somebody else has taken them', async () => {
    const lease = (await (await aProcess())())!;
    const { version, body } = (await stored())!;
    await collection.put([{ key: 'reader', version: version + 5n, body: { ...body, id: 'another' } }]);
    await until('it is lost', () => lease.lost.aborted);
    await lease.release();
    expect((await stored())!.body).toMatchObject({ id: 'another' });
  });

  it('go on for a holder that was renewed and has not heard of it', async () => {
    let lost = 0;
    const forgetful: Around = async (call, work) => {
      const answer = await work();
      if (call.startsWith('put') && lost === 0 && held.length > 0) {
        lost++;
        throw new StoreUnavailable('The answer was lost');
      }
      return answer;
    };
    const lease = (await (await aProcess({ ttlMs: 300, store: documentsThrough(forgetful, documents) }))())!;
    const { version } = (await stored())!;
    await until('it was renewed time and again', async () => (await stored())!.version > version + 4n);
    expect(lost).toBe(1);
    expect(lease.lost.aborted).toBe(false);
  });

  it('are given to their holder again at once when the store was away as they were given up', async () => {
    const connection = cuttable();
    const acquire = await aProcess({ ttlMs: 3_600_000, store: documentsThrough(connection.around, documents) });
    const lease = (await acquire())!;
    connection.away = true;
    await lease.release();
    connection.away = false;
    expect(await acquire()).toBeDefined();
  });

  it('are not given twice to a holder that has them still', async () => {
    const acquire = await aProcess({ ttlMs: 300 });
    const lease = (await acquire())!;
    let given = false;
    const again = acquire().finally(() => (given = true));
    await until('it was renewed beyond its time to live', async () => (await stored())!.version > 5n);
    expect(given).toBe(false);
    expect(lease.lost.aborted).toBe(false);
    await lease.release();
    expect(await again).toBeDefined();
  });

  it('are not waited for when the signal comes', async () => {
    await (
      await aProcess()
    )();
    const waiting = (await aProcess())();
    ending.abort();
    expect(await waiting).toBeUndefined();
  });

  it('fail where the store is away, rather than wait', async () => {
    const connection = cuttable();
    const acquire = await aProcess({ store: documentsThrough(connection.around, documents) });
    connection.away = true;
    await expect(acquire()).rejects.toThrow(StoreUnavailable);
  });
});
