import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../core/test/until.js';
import { events, eventsOf, idsOf } from '../../test/events.js';
import { Following } from '../../test/following.js';
import { EsdbClient } from '../connection/esdb-client.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

jest.setTimeout(30_000);

describe('a node that follows, and is behind', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const started = async (): Promise<EventStoreDBServer> => {
    const server = await startEventStoreDB();
    ends.push(() => server.stop());
    return server;
  };
  const opened = async (url: string, preference: string): Promise<EventStoreDBEventStore> => {
    const store = await EventStoreDBEventStore.open(`${url}&nodePreference=${preference}`);
    ends.push(() => store.close());
    return store;
  };
  const [first, second, third] = [events(2), events(2), events(2)];

  /** A store that knows a place which the other one, of a log with the same beginning, has not come to yet. */
  const behind = async (preference: string) => {
    const ahead = await opened((await started()).url, preference);
    await ahead.append('test-1', first, { expected: 'no-stream' });
    await ahead.append('test-1', second, { expected: 1 });
    const { checkpoint } = await ahead.head();
    const store = await opened((await started()).url, preference);
    await store.append('test-1', first, { expected: 'no-stream' });
    return { store, checkpoint };
  };

  it('is waited for by who goes on from where the others are', async () => {
    const { store, checkpoint } = await behind('follower');
    const following = new Following(store, { after: checkpoint });
    ends.push(() => following.stop());
    const reading = eventsOf(store.readAll({ after: checkpoint }));
    await store.append('test-1', [...second, ...third], { expected: 1 });
    await until('the rest came', () => following.events.length === 2, 5_000);
    expect(idsOf(following.events)).toEqual(idsOf(third));
    expect(idsOf(await reading)).toEqual(idsOf(third));
    expect(following.failure).toBeUndefined();
  });

  it('that never comes there has another log; one that leads is not waited for', async () => {
    for (const preference of ['follower', 'leader']) {
      const { store, checkpoint } = await behind(preference);
      const before = performance.now();
      await expect(eventsOf(store.readAll({ after: checkpoint }))).rejects.toThrow(RangeError);
      expect(performance.now() - before > 1_500).toBe(preference === 'follower');
    }
  });
});

describe('a subscription that a server ends, as its consumer is too slow for it', () => {
  it('is begun again where it was, and nobody hears of it', async () => {
    const server = await startEventStoreDB();
    const store = await EventStoreDBEventStore.open(server.url);
    const { read } = EsdbClient.prototype;
    let ended = 0;
    const spied = jest.spyOn(EsdbClient.prototype, 'read').mockImplementation(async function (
      this: EsdbClient,
      ...args
    ) {
      const call = await read.apply(this, args);
      if (!args[0].getOptions()!.hasSubscription() || ended >= 6) return call;
      let messages = 0;
      return call.on('data', () => {
        if (++messages !== 2) return;
        ended++;
        call.emit('error', Object.assign(new Error('10 ABORTED: Consumer too slow'), { code: status.ABORTED }));
        call.cancel();
      });
    });
    const following = new Following(store, { filter: { types: ['test.happened'] } });
    const some = events(6);
    for (const [n, event] of some.entries()) {
      await store.append('test-1', [event], { expected: n === 0 ? 'no-stream' : n - 1 });
      await until('it came', () => following.events.length === n + 1, 10_000);
    }
    expect(idsOf(following.events)).toEqual(idsOf(some));
    expect(following.failure).toBeUndefined();
    expect(ended).toBeGreaterThan(3);
    await following.stop();
    spied.mockRestore();
    await store.close();
    await server.stop();
  });
});
