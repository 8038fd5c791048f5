import { END, EventStoreDBClient, PINNED, streamNameFilter } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allOf } from '../../../test/all-of.js';
import {
  acking,
  allFromStart,
  appendNumbers,
  fromStart,
  numberOf,
  TestConsumer,
  type Received,
} from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const CHECKPOINTS = '$persistentsubscription-orders-1::shipping-checkpoint';

describe('The checkpoint of a group', () => {
  let folder: string;
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  const start = async () => {
    server = await startEventStoreDB({ data: folder });
    client = EventStoreDBClient.connectionString(server.url);
  };
  const stop = async () => {
    await client.dispose();
    await server.stop();
  };
  const restart = async () => {
    await stop();
    await start();
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'esdb-checkpoints-'));
    await start();
  });
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  const group = (settings: Parameters<typeof fromStart>[0] = {}) =>
    client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart(settings));
  const consumer = (answer?: (message: Received, consumer: TestConsumer) => unknown) =>
    new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), answer);
  const stats = async () => (await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping')).stats;
  const saved = async (revision: bigint) =>
    until(`the checkpoint is ${revision}`, async () => (await stats()).lastCheckpointedEventRevision === revision);
  const settled = async (count: number) =>
    until(`${count} are answered`, async () => {
      const { totalItems, outstandingMessagesCount } = await stats();
      return totalItems === BigInt(count) && outstandingMessagesCount === 0;
    });
  const isEmpty = async (stream: string) => {
    const events = await allOf(client.readStream(stream)).catch(() => []);
    return events.length === 0;
  };

  it('is an event in a stream of its own, of which two are kept', async () => {
    await appendNumbers(client, 'orders-1', 4);
    await group();
    consumer(acking);
    await saved(3n);
    const events = await allOf(client.readStream(CHECKPOINTS));
    expect(events.length).toBeLessThanOrEqual(2);
    expect(events.at(-1)!.event).toMatchObject({ type: '$SubscriptionCheckpoint', data: '3', isJson: true });
    const { metadata } = await client.getStreamMetadata(CHECKPOINTS);
    expect(metadata).toMatchObject({ maxCount: 2, acl: { readRoles: '$admins' } });
  });

  it('does not pass a message that was not answered', async () => {
    await appendNumbers(client, 'orders-1', 6);
    await group();
    const shipping = consumer((message, consumer) => numberOf(message) !== 2 && consumer.ack(message));
    await saved(1n);
    expect((await stats()).outstandingMessagesCount).toBe(1);
    await shipping.ack(shipping.received[2]!);
    await saved(5n);
  });

  it('waits for as many messages as it shall be worth', async () => {
    await appendNumbers(client, 'orders-1', 4);
    await group({ checkPointLowerBound: 5, checkPointUpperBound: 100, checkPointAfter: 1 });
    consumer(acking);
    await settled(4);
    expect(await isEmpty(CHECKPOINTS)).toBe(true);
    await appendNumbers(client, 'orders-1', 1, 4);
    await saved(4n);
  });

  it('comes at once when there are as many messages as may be without', async () => {
    await appendNumbers(client, 'orders-1', 9);
    await group({ checkPointLowerBound: 1, checkPointUpperBound: 3, checkPointAfter: 0 });
    consumer(acking);
    await saved(8n);
  });

  it('is where the group goes on after a restart of the server, with its settings', async () => {
    await appendNumbers(client, 'orders-1', 4);
    const settings = { maxRetryCount: 4, consumerStrategyName: PINNED } as const;
    await group(settings);
    consumer((message, consumer) => numberOf(message) < 2 && consumer.ack(message));
    await saved(1n);
    await restart();
    const info = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
    expect(info.settings).toMatchObject(settings);
    expect(info.stats).toMatchObject({ lastCheckpointedEventRevision: 1n, parkedMessageCount: 0n });
    const back = consumer(acking);
    await appendNumbers(client, 'orders-1', 1, 4);
    await back.has(3);
    expect(back.numbers).toEqual([2, 3, 4]);
  });

  it('is not needed by a group that began at the end: it still gets what was appended since it was made', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group({ startFrom: END });
    await appendNumbers(client, 'orders-1', 2, 2);
    await restart();
    const back = consumer(acking);
    await back.has(2);
    expect(back.numbers).toEqual([2, 3]);
  });

  it('waits until a message that could not be processed is parked, and it is parked after a restart, too', async () => {
    await appendNumbers(client, 'orders-1', 3);
    await group();
    consumer((message, consumer) => consumer.nack('park', message));
    await saved(2n);
    expect((await stats()).parkedMessageCount).toBe(3n);
    await restart();
    expect((await stats()).parkedMessageCount).toBe(3n);
    const back = consumer(acking);
    await client.replayParkedMessagesToStream('orders-1', 'shipping');
    await back.has(3);
    expect(back.numbers).toEqual([0, 1, 2]);
  });

  it('is none that a deleted group leaves to the next of its name, also after a restart', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group();
    consumer(acking);
    await saved(1n);
    await client.deletePersistentSubscriptionToStream('orders-1', 'shipping');
    await restart();
    expect(await client.listAllPersistentSubscriptions()).toEqual([]);
    await group();
    await consumer(acking).has(2);
    await saved(1n);
  });

  it('and the groups are found among events that others wrote there', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group();
    consumer(acking);
    await saved(1n);
    await client.setStreamMetadata(CHECKPOINTS, {});
    for (const stream of [CHECKPOINTS, '$persistentSubscriptionConfig']) await appendNumbers(client, stream, 25);
    await restart();
    expect((await stats()).lastCheckpointedEventRevision).toBe(1n);
  });

  it('of a group on $all is a position, behind events as well that it does not want', async () => {
    const filter = streamNameFilter({ prefixes: ['orders-'] });
    await client.createPersistentSubscriptionToAll('auditing', allFromStart(), { filter });
    const auditing = () => new TestConsumer(client.subscribeToPersistentSubscriptionToAll('auditing'), acking);
    const first = auditing();
    await appendNumbers(client, 'orders-1', 2);
    await first.has(2);
    await appendNumbers(client, 'others-1', 20);
    const [last] = await allOf(
      client.readStream('others-1', { direction: 'backwards', fromRevision: END, maxCount: 1 }),
    );
    await until('the checkpoint is there', async () => {
      const { stats } = await client.getPersistentSubscriptionToAllInfo('auditing');
      return stats.lastCheckpointedEventPosition?.commit === last!.event!.position!.commit;
    });
    // Its own checkpoints are not what it saves the next one for.
    const [checkpoint] = await allOf(
      client.readStream('$persistentsubscription-$all::auditing-checkpoint', {
        direction: 'backwards',
        fromRevision: END,
      }),
    );
    expect(checkpoint!.event!.revision).toBeLessThan(25n);
    await restart();
    const back = auditing();
    await appendNumbers(client, 'others-1', 1, 20);
    await appendNumbers(client, 'orders-2', 1, 2);
    await back.has(1);
    expect(back.numbers).toEqual([2]);
  });
});
