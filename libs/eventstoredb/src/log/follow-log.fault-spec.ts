import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../core/test/until.js';
import { anEvent, events, idsOf } from '../../test/events.js';
import { Following } from '../../test/following.js';
import { TcpProxy } from '../../test/tcp-proxy.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

jest.setTimeout(30_000);

const wanted = { types: ['test.wanted'] };
const some = (count: number) => events(count, { type: 'test.wanted' });
const others = (count: number) => events(count, { type: 'test.other' });

describe('following the log', () => {
  let data: string;
  let server: EventStoreDBServer;
  let proxy: TcpProxy;
  let store: EventStoreDBEventStore;
  const followings: Following[] = [];
  const follow = (options: ConstructorParameters<typeof Following>[1], from = store) => {
    const following = new Following(from, options);
    followings.push(following);
    return following;
  };

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'gesta-esdb-'));
    server = await startEventStoreDB({ data });
    proxy = await TcpProxy.to(server.port);
    store = await EventStoreDBEventStore.open(proxy.url);
  });

  afterEach(async () => {
    await Promise.all(followings.splice(0).map((following) => following.stop()));
    await store.close();
    await proxy.close();
    await server.stop();
    await rm(data, { recursive: true });
  });

  const restart = async () => {
    server = await startEventStoreDB({ data, port: server.port });
  };

  it('goes on after the server was started again, as if nothing had been', async () => {
    const following = follow({ filter: wanted });
    const before = some(3);
    await store.append('test-1', before, { expected: 'no-stream' });
    await until('the first came', () => following.events.length === 3);

    await server.stop();
    await restart();
    const after = some(2);
    await store.append('test-1', after, { expected: 2 });
    await until('the others came', () => following.events.length === 5, 15_000);
    expect(idsOf(following.events)).toEqual(idsOf([...before, ...after]));
    expect(following.failure).toBeUndefined();
  });

  it('misses nothing that others wrote while its connection was broken, again and again', async () => {
    const direct = await EventStoreDBEventStore.open(server.url);
    const all = [];
    const unfiltered = follow({});
    const filtered = follow({ filter: wanted, batchSize: 3 });
    for (let turn = 0; turn < 5; turn++) {
      const more = some(10);
      all.push(...more);
      await until('both are live', () => unfiltered.caughtUp && filtered.caughtUp);
      proxy.refuses = true;
      proxy.cut();
      await direct.append('test-1', more.slice(0, 6), { expected: 'any' });
      await direct.append('test-2', others(4), { expected: 'any' });
      proxy.refuses = false;
      await direct.append('test-1', more.slice(6), { expected: 'any' });
      await until('all came', () => filtered.events.length === all.length, 15_000);
    }
    const { position } = await direct.head();
    await until('the end was reached', () => unfiltered.position >= position && filtered.position >= position);
    expect(idsOf(filtered.events)).toEqual(idsOf(all));
    expect(unfiltered.events).toHaveLength(all.length + 20);
    await direct.close();
  });

  it('fails when the server stays away for longer than its patience', async () => {
    const hasty = await EventStoreDBEventStore.open(proxy.url, { patienceMs: 300 });
    const following = follow({ filter: wanted }, hasty);
    await until('it is live', () => following.caughtUp);
    await server.stop();
    await until('it failed', () => following.failure, 15_000);
    expect(following.failure).toBeInstanceOf(StoreUnavailable);
    expect((following.failure as Error).message).toContain(
      `esdb://127.0.0.1:${proxy.port}: the server cannot be reached`,
    );
    await restart();
    await hasty.close();
  });

  it('says at once how far it is, though nothing matches: nobody waits for the next checkpoint of the server', async () => {
    const following = follow({ filter: wanted });
    await until('it is live', () => following.caughtUp);
    for (let n = 0; n < 20; n++) {
      const { position } = await store.append('test-1', others(1), { expected: 'any' });
      await until('it is told of', () => following.position >= position, 10_000);
    }
    expect(following.events).toEqual([]);
  });

  it('says how far it is while it reads through a long stretch where nothing matches', async () => {
    for (let n = 0; n < 10; n++) await store.append('test-1', others(500), { expected: 'any' });
    const following = follow({ filter: wanted });
    await until('it caught up', () => following.caughtUp, 15_000);
    const onTheWay = following.batches.filter(({ caughtUp }) => !caughtUp);
    expect(onTheWay.length).toBeGreaterThan(1);
    const { checkpoint } = onTheWay[0]!;
    await store.append('test-1', [anEvent({ type: 'test.wanted' })], { expected: 'any' });
    const resumed = follow({ filter: wanted, after: checkpoint });
    await until('nothing was lost behind a checkpoint between events', () => resumed.events.length === 1);
  });

  it('reads no further than its consumer has taken, by a bounded amount', async () => {
    const text = 'x'.repeat(10_000);
    for (let n = 0; n < 20; n++) {
      await store.append(
        'test-1',
        Array.from({ length: 50 }, () => anEvent({ type: 'test.wanted', data: { text } })),
        { expected: 'any' },
      );
    }
    const reader = await EventStoreDBEventStore.open(proxy.url);
    const ending = new AbortController();
    const before = proxy.received;
    const iterator = reader.subscribe({ filter: wanted, batchSize: 10, signal: ending.signal })[Symbol.asyncIterator]();
    await iterator.next();
    let received = 0;
    await until('no more comes', async () => {
      const now = proxy.received - before;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return now === (received = proxy.received - before);
    });
    expect(received).toBeLessThan(7_000_000); // of more than 10,000,000
    ending.abort();
    await iterator.return!(undefined);
    await reader.close();
  });

  it('takes from the log what its consumer was too slow to take from the live end', async () => {
    await store.append('test-1', some(1), { expected: 'no-stream' });
    const quick = follow({ filter: wanted });
    const ending = new AbortController();
    const seen: number[] = [];
    for await (const batch of store.subscribe({ filter: wanted, signal: ending.signal })) {
      seen.push(...batch.events.map(({ revision }) => revision));
      if (seen.length === 1 && batch.caughtUp) {
        const large = () => events(9, { type: 'test.wanted', data: { text: 'x'.repeat(100_000) } });
        for (let n = 0; n < 20; n++) await store.append('test-1', large(), { expected: 'any' });
        await until('the live end is far ahead', () => quick.events.length === 181, 20_000);
      }
      if (seen.at(-1) === 180) ending.abort();
    }
    expect(seen).toEqual(Array.from({ length: 181 }, (_, n) => n));
  });

  it('leaves out what was removed before its turn came, though it had come already', async () => {
    const quick = follow({});
    const ending = new AbortController();
    const seen: string[] = [];
    for await (const batch of store.subscribe({ filter: wanted, signal: ending.signal })) {
      seen.push(...batch.events.map(({ streamId, revision }) => `${streamId} ${revision}`));
      if (seen.length === 0 && batch.caughtUp) {
        await store.append('test-1', some(3), { expected: 'no-stream' });
        await store.append('test-2', some(3), { expected: 'no-stream' });
        await store.deleteStream('test-1', { expected: 2 });
        await store.truncateStream('test-2', 1);
        await store.append('test-1', some(1), { expected: 'no-stream' });
        const { position } = await store.head();
        await until('all of it has come', () => quick.position >= position);
      }
      if (seen.includes('test-1 3')) ending.abort();
    }
    expect(seen).toEqual(['test-2 1', 'test-2 2', 'test-1 3']);
  });

  it('refuses a checkpoint of a log that was longer', async () => {
    const following = follow({ after: 'esdb:900000000/900000000' });
    await until('it was refused', () => following.failure);
    expect(following.failure).toBeInstanceOf(RangeError);
    expect((following.failure as Error).message).toContain('was it made by another server?');
  });
});
