import { EventStoreDBClient, jsonEvent, type PersistentAction } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allOf } from '../../../test/all-of.js';
import {
  acking,
  appendNumbers,
  fromStart,
  numberOf,
  TestConsumer,
  type Received,
} from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const PARKED = '$persistentsubscription-orders-1::shipping-parked';

describe('A message that a consumer cannot process', () => {
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
  const consumer = (answer?: (message: Received, consumer: TestConsumer) => unknown) =>
    new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), answer);
  const stats = async () => (await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping')).stats;
  const parked = async (count: number) =>
    until(`${count} are parked`, async () => (await stats()).parkedMessageCount === BigInt(count));
  /** Refuses the event with number 1, and processes the others. */
  const refusing = (action: PersistentAction) => (message: Received, consumer: TestConsumer) =>
    numberOf(message) === 1 ? consumer.nack(action, message) : consumer.ack(message);

  it('is delivered again when it is to be retried, counting how often', async () => {
    await appendNumbers(client, 'orders-1', 3);
    await group();
    const shipping = consumer((message, consumer) =>
      numberOf(message) === 1 && message.retryCount < 2 ? consumer.nack('retry', message) : consumer.ack(message),
    );
    await shipping.has(5);
    const retried = shipping.received.filter((message) => numberOf(message) === 1);
    expect(retried.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
    expect(shipping.numbers.toSorted()).toEqual([0, 1, 1, 1, 2]);
  });

  it('is parked when it was retried as often as the group allows', async () => {
    await appendNumbers(client, 'orders-1', 3);
    await group({ maxRetryCount: 2 });
    const shipping = consumer(refusing('retry'));
    await parked(1);
    expect(shipping.numbers.filter((n) => n === 1)).toHaveLength(3);
  });

  it('is skipped when it is to be skipped', async () => {
    await appendNumbers(client, 'orders-1', 3);
    await group();
    const shipping = consumer(refusing('skip'));
    await until('all is settled', async () => (await stats()).lastCheckpointedEventRevision === 2n);
    expect(shipping.numbers).toEqual([0, 1, 2]);
    expect((await stats()).parkedMessageCount).toBe(0n);
  });

  it('is taken for settled when it is to stop the group, as EventStoreDB does it', async () => {
    await appendNumbers(client, 'orders-1', 3);
    await group();
    const shipping = consumer(refusing('stop'));
    await until('all is settled', async () => (await stats()).lastCheckpointedEventRevision === 2n);
    expect(shipping.numbers).toEqual([0, 1, 2]);
    expect(shipping.error).toBeUndefined();
  });

  it('is parked as a link with the reason, and is read from there by whoever looks after it', async () => {
    await appendNumbers(client, 'orders-1', 3);
    await group();
    consumer(refusing('park'));
    await parked(1);
    const [{ event, link }] = (await allOf(client.readStream(PARKED, { resolveLinkTos: true }))) as [Received];
    expect(event).toMatchObject({ streamId: 'orders-1', revision: 1n, data: { n: 1 } });
    expect(link).toMatchObject({ streamId: PARKED, type: '$>', isJson: false });
    expect(link!.metadata).toEqual({
      added: expect.stringMatching(/^\d{4}-.*Z$/),
      reason: "Client explicitly NAK'ed message.\nas the test wants it",
      subscriptionEventNumber: 1,
    });
  });

  it('is parked by the event itself when it came through a link', async () => {
    await appendNumbers(client, 'orders-1', 2);
    const settings = fromStart({ resolveLinkTos: true });
    await client.createPersistentSubscriptionToStream('$ce-orders', 'shipping', settings);
    const subscription = client.subscribeToPersistentSubscriptionToStream('$ce-orders', 'shipping');
    const shipping = new TestConsumer(subscription, refusing('park'));
    await shipping.has(2);
    const ofCategory = '$persistentsubscription-$ce-orders::shipping-parked';
    const [link] = await until('it is parked', async () => {
      const events = await allOf(client.readStream(ofCategory)).catch(() => []);
      return events.length === 1 ? events : undefined;
    });
    expect(Buffer.from(link!.event!.data as Uint8Array).toString()).toBe('1@orders-1');
  });

  it('is delivered again when nothing is heard of it in time, and parked at last', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group({ messageTimeout: 30, maxRetryCount: 2 });
    const shipping = consumer((message, consumer) => numberOf(message) === 0 && consumer.ack(message));
    await parked(1);
    const silent = shipping.received.filter((message) => numberOf(message) === 1);
    expect(silent.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2]);
    const [{ link }] = (await allOf(client.readStream(PARKED, { resolveLinkTos: true }))) as [Received];
    expect(link!.metadata).toMatchObject({ reason: 'Reached retry count of 2' });
  });

  it('has all the time there is when the group names none', async () => {
    await appendNumbers(client, 'orders-1', 1);
    await group({ messageTimeout: 0, maxRetryCount: 0 });
    const shipping = consumer();
    const message = await shipping.has(1);
    await client.appendToStream('orders-2', jsonEvent({ type: 'counted', data: {} }));
    expect((await stats()).outstandingMessagesCount).toBe(1);
    await shipping.ack(message);
    await until('it is settled', async () => (await stats()).lastCheckpointedEventRevision === 0n);
    expect(shipping.received).toHaveLength(1);
  });

  describe('and was parked', () => {
    /** Parks so many events, in the order of their numbers. */
    const parkAll = async (count: number, settings: Parameters<typeof fromStart>[0] = {}) => {
      await appendNumbers(client, 'orders-1', count);
      await group(settings);
      const parking = consumer((message, consumer) => consumer.nack('park', message));
      await parked(count);
      await parking.leave();
      await until('it has left', async () => {
        const { connections } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
        return connections.length === 0;
      });
    };

    it('is delivered once more when it is replayed, as the event with its link', async () => {
      await parkAll(3);
      const shipping = consumer(acking);
      await client.replayParkedMessagesToStream('orders-1', 'shipping');
      await shipping.has(3);
      expect(shipping.numbers).toEqual([0, 1, 2]);
      expect(shipping.received[0]).toMatchObject({
        retryCount: 0,
        event: { streamId: 'orders-1' },
        link: { streamId: PARKED },
      });
      await until('nothing is left there', async () => {
        return (await allOf(client.readStream(PARKED))).length === 0;
      });
      expect((await stats()).parkedMessageCount).toBe(0n);
    });

    it('stays parked from the revision on that a replay stops at', async () => {
      await parkAll(5);
      await client.replayParkedMessagesToStream('orders-1', 'shipping', { stopAt: 2 });
      const shipping = consumer(acking);
      await shipping.has(2);
      expect(shipping.numbers).toEqual([0, 1]);
      expect((await stats()).parkedMessageCount).toBe(3n);
      await client.replayParkedMessagesToStream('orders-1', 'shipping');
      await shipping.has(5);
      expect(shipping.numbers).toEqual([0, 1, 2, 3, 4]);
    });

    it('is parked again when it is refused again', async () => {
      await parkAll(1);
      let parkings = 0;
      consumer((message, consumer) => parkings++ < 1 && consumer.nack('park', message));
      await client.replayParkedMessagesToStream('orders-1', 'shipping');
      await until('it is parked again', async () => {
        const events = await allOf(client.readStream(PARKED));
        return events.length === 1 && events[0]!.event!.revision === 1n;
      });
      expect((await stats()).parkedMessageCount).toBe(1n);
    });

    it('is still parked after a restart when it was replayed and not answered', async () => {
      await parkAll(2);
      const shipping = consumer((message, consumer) => numberOf(message) === 0 && consumer.ack(message));
      await client.replayParkedMessagesToStream('orders-1', 'shipping');
      await shipping.has(2);
      await until('the other is settled', async () => (await allOf(client.readStream(PARKED))).length === 1);
      await client.restartPersistentSubscriptionSubsystem();
      expect((await stats()).parkedMessageCount).toBe(1n);
    });

    it('cannot be replayed up to a negative revision', async () => {
      await parkAll(1);
      await expect(client.replayParkedMessagesToStream('orders-1', 'shipping', { stopAt: -1 })).rejects.toMatchObject({
        type: 'persistent-subscription-failed',
        reason: 'Cannot stop replaying parked message at a negative version.',
      });
    });

    it('is replayed in pages, without all of them in memory', async () => {
      await parkAll(120, { historyBufferSize: 30, readBatchSize: 10 });
      await client.replayParkedMessagesToStream('orders-1', 'shipping');
      expect(await stats()).toMatchObject({ retryBufferCount: 30, parkedMessageCount: 90n });
      const shipping = consumer(acking);
      await shipping.has(120);
      expect(shipping.numbers).toEqual(Array.from({ length: 120 }, (_, n) => n));
    });
  });

  it('of a group that does not exist cannot be replayed', async () => {
    await expect(client.replayParkedMessagesToStream('orders-1', 'shipping')).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
    });
  });
});
