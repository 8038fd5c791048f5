import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { acking, appendNumbers, fromStart, TestConsumer, type Received } from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('A consumer of a group on a stream', () => {
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

  const group = (settings: Parameters<typeof fromStart>[0] = {}) =>
    client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart(settings));
  const consumer = (
    answer?: (message: Received, consumer: TestConsumer) => unknown,
    options: { bufferSize?: number } = {},
  ) => new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping', options), answer);

  it('gets what is there and what comes, in order', async () => {
    await appendNumbers(client, 'orders-1', 30);
    await group();
    const shipping = consumer(acking);
    await shipping.has(30);
    await appendNumbers(client, 'orders-1', 10, 30);
    await shipping.has(40);
    expect(shipping.numbers).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(shipping.received[0]).toMatchObject({ retryCount: 0, event: { streamId: 'orders-1', revision: 0n } });
    expect(shipping.received[0]!.link).toBeUndefined();
  });

  it('is told of the tombstone, when it has had all that was before, once, and after a restart too', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group({ checkPointLowerBound: 1, checkPointUpperBound: 1 });
    const shipping = consumer(acking);
    await shipping.has(2);
    await client.tombstoneStream('orders-1');
    await shipping.has(3);
    expect(shipping.received[2]!.event).toMatchObject({ type: '$streamDeleted', revision: 2n ** 63n - 1n });
    await until('that is settled', async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return stats.lastCheckpointedEventRevision === 2n ** 63n - 1n;
    });
    await client.restartPersistentSubscriptionSubsystem();
    const later = await consumer(acking).connected();
    await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
    expect(later.received).toEqual([]);
  });

  it('is told by a confirmation which group it belongs to', async () => {
    await group();
    const shipping = await consumer().connected();
    expect(shipping.subscription.id).toBe('orders-1::shipping');
  });

  it('has no more in flight than its buffer is large', async () => {
    await appendNumbers(client, 'orders-1', 10);
    await group();
    const shipping = consumer(undefined, { bufferSize: 3 });
    await shipping.has(3);
    const { stats, connections } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
    expect(stats.totalInFlightMessages).toBe(3);
    expect(connections[0]).toMatchObject({ inFlightMessages: 3, availableSlots: 0 });
    expect(shipping.numbers).toEqual([0, 1, 2]);
    await shipping.ack(shipping.received[1]!);
    await shipping.has(4);
    expect(shipping.numbers).toEqual([0, 1, 2, 3]);
  });

  it('answers several messages at once', async () => {
    await appendNumbers(client, 'orders-1', 6);
    await group();
    const shipping = consumer(undefined, { bufferSize: 3 });
    await shipping.has(3);
    await shipping.ack(...shipping.received);
    await shipping.has(6);
    expect(shipping.numbers).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('that vanishes leaves its messages to another, which sees that they come again', async () => {
    await appendNumbers(client, 'orders-1', 4);
    await group();
    const vanishing = consumer(undefined, { bufferSize: 4 });
    await vanishing.has(4);
    await vanishing.ack(vanishing.received[1]!);
    await until('the answer has arrived', async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return stats.outstandingMessagesCount === 3;
    });
    await vanishing.leave();
    const other = consumer(acking);
    await other.has(3);
    expect(other.numbers).toEqual([0, 2, 3]);
    expect(other.received.map(({ retryCount }) => retryCount)).toEqual([1, 1, 1]);
  });

  it('shares the messages with others', async () => {
    await group();
    const consumers = [await consumer(acking).connected(), await consumer(acking).connected()];
    await appendNumbers(client, 'orders-1', 20);
    await until('all is received', () => consumers.reduce((sum, { received }) => sum + received.length, 0) === 20);
    expect(consumers.flatMap(({ numbers }) => numbers).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => n),
    );
    expect(consumers.map(({ received }) => received.length)).toEqual([10, 10]);
  });

  it('is refused by name when there are as many as there may be', async () => {
    await group({ maxSubscriberCount: 1 });
    const first = await consumer().connected();
    expect(await consumer().ended()).toMatchObject({
      type: 'maximum-subscribers-reached',
      streamName: 'orders-1',
      groupName: 'shipping',
    });
    await first.leave();
    await until('its place is free', async () => {
      const { connections } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return connections.length === 0;
    });
    await consumer().connected();
  });

  it('is refused by name when there is no such group', async () => {
    expect(await consumer().ended()).toMatchObject({
      type: 'persistent-subscription-does-not-exist',
      streamName: 'orders-1',
      groupName: 'shipping',
    });
  });

  it('is dropped when its group is deleted', async () => {
    await group();
    const shipping = await consumer().connected();
    await client.deletePersistentSubscriptionToStream('orders-1', 'shipping');
    expect(await shipping.ended()).toMatchObject({
      type: 'persistent-subscription-dropped',
      streamName: 'orders-1',
      groupName: 'shipping',
    });
  });

  it('is dropped when its group is given other settings, and gets what it had not answered when it is back', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group();
    const shipping = consumer();
    await shipping.has(2);
    await shipping.ack(shipping.received[0]!);
    await until('that is saved', async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return stats.lastCheckpointedEventRevision === 0n;
    });
    await client.updatePersistentSubscriptionToStream('orders-1', 'shipping', fromStart({ maxRetryCount: 3 }));
    expect(await shipping.ended()).toMatchObject({ type: 'persistent-subscription-dropped' });
    const back = consumer();
    await back.has(1);
    expect(back.numbers).toEqual([1]);
  });

  it('gets events of a category with the links that lead to them when the group resolves links', async () => {
    await appendNumbers(client, 'orders-1', 1);
    await appendNumbers(client, 'orders-2', 1, 1);
    const settings = fromStart({ resolveLinkTos: true });
    await client.createPersistentSubscriptionToStream('$ce-orders', 'shipping', settings);
    const subscription = client.subscribeToPersistentSubscriptionToStream('$ce-orders', 'shipping', { bufferSize: 1 });
    const shipping = new TestConsumer(subscription, acking);
    await appendNumbers(client, 'orders-3', 1, 2);
    await shipping.has(3);
    expect(shipping.numbers).toEqual([0, 1, 2]);
    expect(shipping.received[2]).toMatchObject({
      event: { streamId: 'orders-3', revision: 0n },
      link: { streamId: '$ce-orders', revision: 2n, type: '$>' },
    });
  });

  it('gets the links only when the group does not resolve them', async () => {
    await appendNumbers(client, 'orders-1', 1);
    await client.createPersistentSubscriptionToStream('$ce-orders', 'shipping', fromStart());
    const shipping = new TestConsumer(
      client.subscribeToPersistentSubscriptionToStream('$ce-orders', 'shipping'),
      acking,
    );
    const { event, link } = await shipping.has(1);
    expect(event).toMatchObject({ streamId: '$ce-orders', type: '$>' });
    expect(link).toBeUndefined();
  });

  it('gets two events with one id one after the other', async () => {
    const twin = jsonEvent({ id: '7d1f5b3e-0c4a-4d7e-8c52-0123456789ab', type: 'twin', data: { n: 0 } });
    await client.appendToStream('orders-1', [twin, { ...twin, data: { n: 1 } }]);
    await group();
    const shipping = consumer();
    await shipping.has(1);
    await shipping.ack(shipping.received[0]!);
    await shipping.has(2);
    expect(shipping.numbers).toEqual([0, 1]);
  });

  it('that answers what it never got does no harm', async () => {
    await appendNumbers(client, 'orders-1', 1);
    await group();
    const shipping = consumer();
    const message = await shipping.has(1);
    await shipping.ack({
      ...message,
      event: { ...message.event!, id: '00000000-0000-4000-8000-000000000000' },
    } as Received);
    await shipping.ack(message);
    await until('the answer has arrived', async () => {
      const { stats } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return stats.outstandingMessagesCount === 0;
    });
    expect(shipping.error).toBeUndefined();
  });
});
