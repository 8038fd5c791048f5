import {
  END,
  EventStoreDBClient,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  PINNED,
  DISPATCH_TO_SINGLE,
  START,
  UNBOUNDED,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allOf } from '../../../test/all-of.js';
import { acking, allFromStart, appendNumbers, fromStart, TestConsumer } from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('Managing groups', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  const infoOf = (stream: string, group: string) => client.getPersistentSubscriptionToStreamInfo(stream, group);

  describe('on a stream', () => {
    it('makes one with the settings that are wanted', async () => {
      const settings = persistentSubscriptionToStreamSettingsFromDefaults({
        startFrom: 3n,
        resolveLinkTos: true,
        extraStatistics: true,
        messageTimeout: 1_234,
        maxRetryCount: 7,
        checkPointAfter: 321,
        checkPointLowerBound: 3,
        checkPointUpperBound: 30,
        maxSubscriberCount: 4,
        liveBufferSize: 111,
        readBatchSize: 22,
        historyBufferSize: 222,
        consumerStrategyName: PINNED,
      });
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', settings);
      const info = await infoOf('orders-1', 'shipping');
      expect(info).toMatchObject({ eventSource: 'orders-1', groupName: 'shipping', status: 'Live', connections: [] });
      expect(info.settings).toEqual(settings);
    });

    it('says what the settings by default are', async () => {
      const settings = persistentSubscriptionToStreamSettingsFromDefaults();
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', settings);
      const info = await infoOf('orders-1', 'shipping');
      expect(info.settings).toEqual(settings);
      expect(info.settings).toMatchObject({ startFrom: END, maxSubscriberCount: UNBOUNDED });
      expect(info.stats).toEqual({
        averagePerSecond: 0,
        totalItems: 0n,
        countSinceLastMeasurement: 0n,
        readBufferCount: 0,
        liveBufferCount: 0n,
        retryBufferCount: 0,
        totalInFlightMessages: 0,
        outstandingMessagesCount: 0,
        parkedMessageCount: 0n,
        lastCheckpointedEventRevision: undefined,
        lastKnownEventRevision: undefined,
      });
    });

    it('begins at the revision that is named, or with what comes', async () => {
      await appendNumbers(client, 'orders-1', 5);
      await client.createPersistentSubscriptionToStream('orders-1', 'third', fromStart({ startFrom: 3n }));
      await client.createPersistentSubscriptionToStream('orders-1', 'new', fromStart({ startFrom: END }));
      const third = new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'third'), acking);
      await third.has(2);
      await appendNumbers(client, 'orders-1', 1, 5);
      const fresh = new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'new'), acking);
      await fresh.has(1);
      await third.has(3);
      expect(third.numbers).toEqual([3, 4, 5]);
      expect(fresh.numbers).toEqual([5]);
    });

    it('waits for a stream that does not exist yet', async () => {
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
      const shipping = new TestConsumer(
        client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'),
        acking,
      );
      await shipping.connected();
      await appendNumbers(client, 'orders-1', 1);
      await shipping.has(1);
    });

    it('refuses a second one of the same name, but not on another stream', async () => {
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
      await client.createPersistentSubscriptionToStream('orders-2', 'shipping', fromStart());
      await expect(
        client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart()),
      ).rejects.toMatchObject({
        type: 'persistent-subscription-exists',
        streamName: 'orders-1',
        groupName: 'shipping',
      });
    });

    it('makes one of two that are asked for at once', async () => {
      const made = await Promise.allSettled([
        client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart()),
        client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart()),
      ]);
      expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });

    it('refuses a read batch that does not fit into the buffer, and says why', async () => {
      const settings = fromStart({ readBatchSize: 20, historyBufferSize: 20 });
      await expect(client.createPersistentSubscriptionToStream('orders-1', 'shipping', settings)).rejects.toMatchObject(
        {
          type: 'persistent-subscription-failed',
          streamName: 'orders-1',
          groupName: 'shipping',
          reason:
            "Specified argument was out of the range of valid values. (Parameter 'ReadBatchSize may not be greater than or equal to BufferSize')",
        },
      );
      await expect(infoOf('orders-1', 'shipping')).rejects.toThrow('does not exist');
    });

    it('looks whether it can work before whether it is there, but for the sizes', async () => {
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
      const again = (settings: Parameters<typeof fromStart>[0]) =>
        client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart(settings));
      await client.createPersistentSubscriptionToAll('auditing', allFromStart());
      const startFrom = { commit: 1_000_000n, prepare: 1_000_000n };
      await expect(
        client.createPersistentSubscriptionToAll('auditing', allFromStart({ startFrom })),
      ).rejects.toMatchObject({ type: 'persistent-subscription-failed' });
      await expect(again({ readBatchSize: 20, historyBufferSize: 20 })).rejects.toMatchObject({
        type: 'persistent-subscription-exists',
      });
    });

    it('shows what no time between checkpoints is to it', async () => {
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart({ checkPointAfter: 0 }));
      expect((await infoOf('orders-1', 'shipping')).settings.checkPointAfter).toBe(-2_147_483_648);
    });

    it('refuses $all as if it were a stream, and a stream without a name', async () => {
      await expect(client.createPersistentSubscriptionToStream('$all', 'g', fromStart())).rejects.toMatchObject({
        type: 'persistent-subscription-failed',
        reason: expect.stringContaining('$all'),
      });
      await expect(client.createPersistentSubscriptionToStream('', 'g', fromStart())).rejects.toMatchObject({
        type: 'persistent-subscription-failed',
        reason: 'Bad stream name.',
      });
    });

    it('gives one other settings', async () => {
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
      const settings = fromStart({ maxRetryCount: 1, consumerStrategyName: DISPATCH_TO_SINGLE });
      await client.updatePersistentSubscriptionToStream('orders-1', 'shipping', settings);
      expect((await infoOf('orders-1', 'shipping')).settings).toEqual(settings);
    });

    it('can give none that does not exist other settings', async () => {
      await expect(
        client.updatePersistentSubscriptionToStream('orders-1', 'shipping', fromStart()),
      ).rejects.toMatchObject({
        type: 'persistent-subscription-does-not-exist',
        streamName: 'orders-1',
        groupName: 'shipping',
      });
    });

    it('deletes one with all that is known of it, so that the next of its name begins anew', async () => {
      await appendNumbers(client, 'orders-1', 3);
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
      const first = new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), acking);
      await first.has(3);
      await until('that is saved', async () => {
        const { stats } = await infoOf('orders-1', 'shipping');
        return stats.lastCheckpointedEventRevision === 2n;
      });
      await client.deletePersistentSubscriptionToStream('orders-1', 'shipping');
      await expect(infoOf('orders-1', 'shipping')).rejects.toMatchObject({
        type: 'persistent-subscription-does-not-exist',
      });
      await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
      const second = new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), acking);
      await second.has(3);
    });

    it('can delete none that does not exist', async () => {
      await expect(client.deletePersistentSubscriptionToStream('orders-1', 'shipping')).rejects.toMatchObject({
        type: 'persistent-subscription-does-not-exist',
      });
    });

    it('takes names of any characters', async () => {
      const [stream, group] = ['Bestellungen-Überraschung 🎁', 'größe::x'];
      await client.createPersistentSubscriptionToStream(stream, group, fromStart());
      await expect(client.createPersistentSubscriptionToStream(stream, group, fromStart())).rejects.toMatchObject({
        type: 'persistent-subscription-exists',
        message: expect.stringContaining(`group ${group} on stream ${stream}`),
      });
      await appendNumbers(client, stream, 1);
      await new TestConsumer(client.subscribeToPersistentSubscriptionToStream(stream, group), acking).has(1);
      expect(await infoOf(stream, group)).toMatchObject({ eventSource: stream, groupName: group });
    });
  });

  describe('on $all', () => {
    it('makes one with the settings that are wanted', async () => {
      await appendNumbers(client, 'orders-1', 2);
      const [first] = await allOf(client.readStream('orders-1', { maxCount: 1 }));
      const settings = persistentSubscriptionToAllSettingsFromDefaults({
        startFrom: first!.event!.position!,
        maxRetryCount: 3,
        consumerStrategyName: DISPATCH_TO_SINGLE,
      });
      await client.createPersistentSubscriptionToAll('auditing', settings);
      const info = await client.getPersistentSubscriptionToAllInfo('auditing');
      expect(info).toMatchObject({ eventSource: '$all', groupName: 'auditing', settings });
    });

    it('says where it begins by default', async () => {
      await client.createPersistentSubscriptionToAll('a', persistentSubscriptionToAllSettingsFromDefaults());
      await client.createPersistentSubscriptionToAll('b', allFromStart());
      const starts = (await client.listPersistentSubscriptionsToAll()).map(({ settings }) => settings.startFrom);
      expect(starts.toSorted()).toEqual([END, START]);
    });

    it('refuses a second one of the same name', async () => {
      await client.createPersistentSubscriptionToAll('auditing', allFromStart());
      await expect(client.createPersistentSubscriptionToAll('auditing', allFromStart())).rejects.toMatchObject({
        type: 'persistent-subscription-exists',
        streamName: '$all',
        groupName: 'auditing',
      });
    });

    it('refuses a place behind the end of the log, and a filter that is none', async () => {
      const behind = allFromStart({ startFrom: { commit: 1_000_000n, prepare: 1_000_000n } });
      await expect(client.createPersistentSubscriptionToAll('auditing', behind)).rejects.toMatchObject({
        type: 'persistent-subscription-failed',
        reason:
          'Invalid Start From position: commit position must be less than or equal to the last commit position in the transaction file.',
      });
      for (const [startFrom, rule] of [
        [{ commit: 1n, prepare: 2n }, 'prepare position must be less than or equal to the commit position.'],
        [
          { commit: 5n, prepare: 2n ** 64n - 1n },
          'prepare and commit positions must be greater than or equal to 0 or both equal to -1.',
        ],
      ] as const) {
        await expect(
          client.createPersistentSubscriptionToAll('auditing', allFromStart({ startFrom })),
        ).rejects.toMatchObject({ reason: `Invalid Start From position: ${rule}` });
      }
      const filter = { filterOn: 'eventType', regex: '(', checkpointInterval: 1 } as const;
      await expect(
        client.createPersistentSubscriptionToAll('auditing', allFromStart(), { filter }),
      ).rejects.toMatchObject({ type: 'persistent-subscription-failed' });
    });

    it('gives one other settings, deletes it, and finds none that does not exist', async () => {
      await client.createPersistentSubscriptionToAll('auditing', allFromStart());
      await client.updatePersistentSubscriptionToAll('auditing', allFromStart({ maxRetryCount: 1 }));
      const { settings } = await client.getPersistentSubscriptionToAllInfo('auditing');
      expect(settings.maxRetryCount).toBe(1);
      await client.deletePersistentSubscriptionToAll('auditing');
      const missing = { type: 'persistent-subscription-does-not-exist', streamName: '$all', groupName: 'auditing' };
      await expect(client.getPersistentSubscriptionToAllInfo('auditing')).rejects.toMatchObject(missing);
      await expect(client.deletePersistentSubscriptionToAll('auditing')).rejects.toMatchObject(missing);
      await expect(client.updatePersistentSubscriptionToAll('auditing', allFromStart())).rejects.toMatchObject(missing);
      await expect(client.replayParkedMessagesToAll('auditing')).rejects.toMatchObject(missing);
    });
  });

  it('lists those of a stream, of $all, and all', async () => {
    expect(await client.listAllPersistentSubscriptions()).toEqual([]);
    await client.createPersistentSubscriptionToStream('orders-2', 'c', fromStart());
    await client.createPersistentSubscriptionToStream('orders-1', 'a', fromStart());
    await client.createPersistentSubscriptionToStream('orders-1', 'b', fromStart());
    await client.createPersistentSubscriptionToAll('auditing', allFromStart());
    const names = (infos: readonly { eventSource: string; groupName: string }[]) =>
      infos.map(({ eventSource, groupName }) => `${eventSource} ${groupName}`);
    expect(names(await client.listPersistentSubscriptionsToStream('orders-1'))).toEqual(['orders-1 a', 'orders-1 b']);
    expect(names(await client.listPersistentSubscriptionsToAll())).toEqual(['$all auditing']);
    expect(names(await client.listAllPersistentSubscriptions())).toEqual([
      '$all auditing',
      'orders-1 a',
      'orders-1 b',
      'orders-2 c',
    ]);
  });

  it('lists nothing by name where there is none', async () => {
    const missing = { type: 'persistent-subscription-does-not-exist' };
    await expect(client.listPersistentSubscriptionsToStream('orders-1')).rejects.toMatchObject(missing);
    await expect(client.listPersistentSubscriptionsToAll()).rejects.toMatchObject(missing);
  });

  it('tells who is connected, and how long they take if the group keeps count of it', async () => {
    await appendNumbers(client, 'orders-1', 20);
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart({ extraStatistics: true }));
    const named = EventStoreDBClient.connectionString(`${server.url}&connectionName=dispatcher`);
    const subscription = named.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping', { bufferSize: 7 });
    const shipping = new TestConsumer(subscription, acking);
    await shipping.has(20);
    const info = await until('all is settled', async () => {
      const info = await infoOf('orders-1', 'shipping');
      return info.stats.lastCheckpointedEventRevision === 19n ? info : undefined;
    });
    await named.dispose();
    expect(info.stats).toMatchObject({ totalItems: 20n, lastKnownEventRevision: 19n });
    expect(info.connections).toHaveLength(1);
    expect(info.connections[0]).toMatchObject({
      connectionName: 'dispatcher',
      username: 'anonymous',
      from: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      totalItems: 20n,
      availableSlots: 7,
      inFlightMessages: 0,
    });
    expect([...info.connections[0]!.extraStatistics!.keys()]).toEqual([
      'mean',
      'median',
      'fastest',
      'quintile 1',
      'quintile 2',
      'quintile 3',
      'quintile 4',
      'quintile 5',
      '90%',
      '95%',
      '99%',
      '99.5%',
      '99.9%',
      'highest',
    ]);
  });
});
