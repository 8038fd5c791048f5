import { StoreUnavailable, type DocumentCollection, type StoredDocument } from '@gesta/core';
import { startMongoDB, type MongoDBServer } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Link } from '../test/link.js';
import { PATIENCE_MS } from '../test/mongodb-for-tests.js';
import { mongoDB } from './mongodb-adapter.js';
import { nativeCollection } from './native-collection.js';
import type { MongoDocumentStore } from './documents/mongodb-document-store.js';

jest.setTimeout(PATIENCE_MS);

const open = (port: number, parameters: string) =>
  mongoDB().openDocumentStore!(`mongodb://127.0.0.1:${port}/shop?${parameters}`, {
    now: () => new Date(),
  }) as Promise<MongoDocumentStore>;

const document = (key: string, version: bigint, body: StoredDocument['body'] = {}) => ({ key, version, body });

describe('while MongoDB is away', () => {
  let folder: string;
  let server: MongoDBServer;
  let store: MongoDocumentStore;
  let orders: DocumentCollection;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gesta-mongodb-'));
    server = await startMongoDB({ data: folder });
    store = await open(server.port, 'serverSelectionTimeoutMS=1000');
    orders = await store.collection('orders', { indexes: [{ status: 1 }] });
    await orders.put([document('a', 1n, { status: 'placed' })]);
  });
  afterEach(async () => {
    await store.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('every call says so within bounds, and works again once it is back', async () => {
    await server.stop();
    const began = performance.now();
    for (const call of [
      orders.get(['a']),
      orders.put([document('a', 2n)]),
      orders.find({ status: 'placed' }),
      orders.count({}),
      store.collections(),
      store.collection('others'),
      store.drop('orders'),
    ]) {
      await expect(call).rejects.toThrow(StoreUnavailable);
    }
    expect(performance.now() - began).toBeLessThan(20_000);

    server = await startMongoDB({ data: folder, port: server.port });
    expect(await orders.get(['a'])).toEqual(new Map([['a', document('a', 1n, { status: 'placed' })]]));
    expect(await orders.put([document('a', 2n, { status: 'shipped' })])).toEqual([]);
    expect(await orders.count({ status: 'shipped' })).toBe(1);
  });

  it('calls wait for a server that is back soon', async () => {
    const patient = await open(server.port, 'serverSelectionTimeoutMS=20000');
    const same = await patient.collection('orders');
    await server.stop();
    const getting = same.get(['a']);
    server = await startMongoDB({ data: folder, port: server.port });
    expect((await getting).size).toBe(1);
    await patient.close();
  });
});

describe('a call to MongoDB', () => {
  let server: MongoDBServer;
  let link: Link;
  let store: MongoDocumentStore;
  let orders: DocumentCollection;

  beforeEach(async () => {
    server = await startMongoDB();
    link = await Link.to(server.port);
    store = await open(link.port, 'serverSelectionTimeoutMS=1000');
    orders = await store.collection('orders');
    await orders.put([document('a', 1n)]);
  });
  afterEach(async () => {
    await store.close();
    await link.close();
    await server.stop();
  });

  /** What the driver does next with the connection of the calls before fails so, once. */
  const nextFails = (failing: (write: () => boolean, socket: Socket) => boolean) => {
    for (const { socket } of connectionsOf(nativeCollection(orders))) {
      const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
      socket.write = ((...given: unknown[]) => {
        socket.write = write as Socket['write'];
        return failing(() => write(...given), socket);
      }) as Socket['write'];
    }
  };

  it('is made again when it reads, and else says that the store is away, whatever Node says of its connection', async () => {
    const calls = [
      () => orders.get(['a']),
      () => orders.find({}),
      () => orders.find({}, { sort: { n: 1 }, limit: 1 }),
      () => orders.count({}),
      () => orders.purge({ upTo: 1n, limit: 10 }),
      () => store.collections(),
    ];
    for (const code of ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']) {
      const ended = (_: () => boolean, socket: Socket) => {
        socket.destroy(Object.assign(new Error('This socket has been ended by the other party'), { code }));
        return false;
      };
      for (const call of calls) {
        nextFails(ended);
        expect(await call()).not.toEqual([]);
      }
      nextFails(ended);
      await orders.put([document('b', 1n)]).catch((error: unknown) => expect(error).toBeInstanceOf(StoreUnavailable));
    }
    expect((await orders.get(['a'])).size).toBe(1);
  });

  it('has an end where the driver would wait for ever, and so has closing', async () => {
    // As on a socket that is destroyed and has not said so yet.
    const written = new Promise<void>((resolve) => nextFails(() => (resolve(), false)));
    const putting = orders.put([document('b', 1n)]).catch((error: unknown) => error);
    await written;
    await orders.get(['a']); // on another connection
    nextFails(() => false);
    const getting = orders.get(['a']).catch((error: unknown) => error);
    await orders.count({});
    nextFails(() => false);
    const purging = orders.purge({ upTo: 1n, limit: 10 }).catch((error: unknown) => error);
    await store.close();
    for (const outcome of [await putting, await getting, await purging]) {
      expect(outcome).toBeInstanceOf(StoreUnavailable);
      expect((outcome as Error).message).toMatch(/no answer has come within \d+ s/);
    }
  });
});

function connectionsOf(collection: object): { readonly socket: Socket }[] {
  type Pool = { readonly connections: Iterable<{ readonly socket: Socket }> };
  type Client = { readonly topology: { readonly s: { readonly servers: Map<string, { readonly pool: Pool }> } } };
  const { client } = collection as { client: Client };
  return [...client.topology.s.servers.values()].flatMap(({ pool }) => [...pool.connections]);
}

describe('on a bad connection to MongoDB', () => {
  let server: MongoDBServer;
  let link: Link;
  let store: MongoDocumentStore;
  let orders: DocumentCollection;

  beforeEach(async () => {
    server = await startMongoDB();
    link = await Link.to(server.port);
    store = await open(link.port, 'serverSelectionTimeoutMS=1500&connectTimeoutMS=300&heartbeatFrequencyMS=500');
    orders = await store.collection('orders');
  });
  afterEach(async () => {
    link.restore();
    await store.close();
    await link.close();
    await server.stop();
  });

  it('nothing waits for ever for a server that has gone silent', async () => {
    await orders.put([document('a', 1n)]);
    link.silence();
    const calls = await Promise.allSettled([orders.get(['a']), orders.put([document('b', 1n)]), orders.count({})]);
    for (const call of calls) expect(call).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    link.restore();
    expect(await orders.put([document('a', 2n)])).toEqual([]);
  });

  it('a put that fails may be put again: the greatest version stays, whole', async () => {
    let acknowledged = 0n;
    let failures = 0;
    for (let version = 1n; version <= 16n; version++) {
      const batch = Array.from({ length: 20 }, (_, n) => document(`key-${n}`, version, { at: Number(version) }));
      const putting = orders.put(batch).then(
        () => (acknowledged = version),
        (error: unknown) => {
          expect(error).toBeInstanceOf(StoreUnavailable);
          failures++;
        },
      );
      for (let turn = 0n; turn < version % 9n; turn++) await nextTurn();
      link.cut();
      link.restore();
      await putting;
    }
    expect(failures).toBeGreaterThan(0);
    for (const { version, body } of (await orders.get(Array.from({ length: 20 }, (_, n) => `key-${n}`))).values()) {
      expect(version).toBeGreaterThanOrEqual(acknowledged);
      expect(body).toEqual({ at: Number(version) });
    }
    const last = Array.from({ length: 20 }, (_, n) => document(`key-${n}`, 17n, { at: 17 }));
    await orders.put(last);
    expect(await orders.count({ at: 17 })).toBe(20);
    expect((await orders.put(last)).length).toBe(20);
  });
});
