import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Anything } from '../../test/mongodb-connection.js';
import { startMongoDB } from './start-mongodb.js';

describe('startMongoDB', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gesta-mongodb-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is there when it says so, and gone when it has stopped', async () => {
    const server = await startMongoDB();
    expect(server.url).toBe(`mongodb://127.0.0.1:${server.port}/`);
    const client = await MongoClient.connect(server.url);
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
    await Promise.all([server.stop(), server.stop()]);
    const [error] = await once(connect(server.port, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    await client.close();
  });

  it('says what it is: a MongoDB 7.0 that stands alone', async () => {
    const server = await startMongoDB();
    const client = await MongoClient.connect(server.url);
    const admin = client.db('admin');
    expect(await admin.command({ hello: 1 })).toMatchObject({
      isWritablePrimary: true,
      maxWireVersion: 21,
      logicalSessionTimeoutMinutes: 30,
      maxBsonObjectSize: 16_777_216,
    });
    expect(await admin.command({ hello: 1 })).not.toHaveProperty('setName');
    expect(await admin.command({ buildInfo: 1 })).toMatchObject({ version: '7.0.0' });
    expect(await admin.command({ connectionStatus: 1 })).toMatchObject({ authInfo: { authenticatedUsers: [] } });
    expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
      featureCompatibilityVersion: { version: '7.0' },
    });
    await client.close();
    await server.stop();
  });

  it('keeps everything in a folder, or in a file', async () => {
    for (const data of [join(folder, 'new', 'data'), join(folder, 'file.db')]) {
      const first = await startMongoDB({ data });
      const client = await MongoClient.connect(first.url);
      const things = client.db('kept').collection<Anything>('things');
      await things.createIndex({ a: 1 }, { unique: true });
      await things.insertOne({ _id: 1, a: [1, 2] });
      await client.close();
      await first.stop();
      const second = await startMongoDB({ data });
      const again = await MongoClient.connect(second.url);
      const kept = again.db('kept').collection<Anything>('things');
      expect(await kept.find({ a: 2 }).toArray()).toEqual([{ _id: 1, a: [1, 2] }]);
      await expect(kept.insertOne({ a: 1 })).rejects.toMatchObject({ code: 11000 });
      await again.close();
      await second.stop();
    }
  });

  it('refuses a port that is taken, data that another server has, and a file that is something else', async () => {
    const server = await startMongoDB();
    await expect(startMongoDB({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.stop();
    const owner = await startMongoDB({ data: folder });
    await expect(startMongoDB({ data: folder })).rejects.toBeInstanceOf(StoreUnavailable);
    await owner.stop();
    await (await startMongoDB({ data: folder })).stop();
    const data = join(folder, 'other.db');
    writeFileSync(data, 'This is something else altogether, and long enough to be looked at. '.repeat(20));
    await expect(startMongoDB({ data })).rejects.toBeInstanceOf(StoreUnavailable);
  });

  describe('killed with kill -9', () => {
    let child: ChildProcess | undefined;
    afterEach(() => void child?.kill('SIGKILL'));

    async function startProcess(): Promise<string> {
      const here = (path: string) => new URL(path, import.meta.url);
      const loader = here('../../../core/test/load-sources.mjs').href;
      child = spawn(
        process.execPath,
        ['--conditions=@gesta/source', '--import', loader, here('../../test/mongodb-process.mjs').pathname, folder],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [url] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
      return url;
    }

    it('is found again by the driver when it is back', async () => {
      const url = await startProcess();
      const client = await MongoClient.connect(url, { serverSelectionTimeoutMS: 10_000, retryReads: false });
      const things = client.db('back').collection<Anything>('things');
      await things.insertOne({ _id: 1 });
      child!.kill('SIGKILL');
      await once(child!, 'exit');
      await expect(client.db('admin').command({ ping: 1 }, { timeoutMS: 200 })).rejects.toThrow();
      const server = await startMongoDB({ data: folder, port: Number(new URL(url).port) });
      expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1 });
      await client.close();
      await server.stop();
    });

    it('has everything that it acknowledged, and its indexes agree with its documents', async () => {
      const acknowledged = new Map<number, number>();
      for (let round = 0; round < 3; round++) {
        const url = await startProcess();
        const client = await MongoClient.connect(url, { serverSelectionTimeoutMS: 500 });
        const things = client.db('killed').collection<Anything>('things');
        await things.createIndex({ n: 1 });
        const enough = 100 * (round + 1);
        const gone = once(child!, 'exit');
        let killed = false;
        const writer = async (lane: number) => {
          for (let n = 0; !killed; n++) {
            const writes = Array.from({ length: 5 }, (_, each) => {
              const _id = lane * 1_000 + ((n * 5 + each) % 50);
              return { _id, n: (acknowledged.get(_id) ?? 0) + 1 };
            });
            await things.bulkWrite(writes.map(({ _id, n }) => ({ replaceOne: { filter: { _id }, replacement: { n }, upsert: true } }))); // prettier-ignore
            for (const { _id, n } of writes) acknowledged.set(_id, n);
            if (n === enough / 10) {
              killed = true;
              child!.kill('SIGKILL');
            }
          }
        };
        await Promise.all([1, 2, 3, 4].map((lane) => writer(lane).catch(() => undefined)));
        await client.close();
        await gone;
      }
      const server = await startMongoDB({ data: folder });
      const client = await MongoClient.connect(server.url);
      const things = client.db('killed').collection<Anything>('things');
      const found = await things.find().toArray();
      const lost = [...acknowledged].filter(([id, n]) => !(found.find(({ _id }) => _id === id)?.n >= n));
      expect(lost).toEqual([]);
      expect(acknowledged.size).toBeGreaterThan(20);
      const byIndex = await things.find({ n: { $gte: 0 } }, { hint: 'n_1' }).toArray();
      expect(byIndex.map(({ _id }) => _id).sort()).toEqual(found.map(({ _id }) => _id).sort());
      await client.close();
      await server.stop();
    }, 30_000);
  });
});
