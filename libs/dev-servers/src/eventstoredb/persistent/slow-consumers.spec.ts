import grpcServices from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import persistent, { type ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { acking, appendNumbers, fromStart, TestConsumer } from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { streamIdentifier } from '../server/stream-identifier.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('A consumer that does not keep up', () => {
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

  const stats = async () => (await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping')).stats;

  it('leaves the events in the log, but for those that are held ready', async () => {
    const settings = fromStart({
      historyBufferSize: 50,
      liveBufferSize: 40,
      readBatchSize: 10,
      checkPointUpperBound: 100,
    });
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', settings);
    const subscription = client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping', { bufferSize: 5 });
    const slow = new TestConsumer(subscription);
    for (let n = 0; n < 4; n++) await appendNumbers(client, 'orders-1', 100, n * 100);
    await slow.has(5);
    const { readBufferCount, liveBufferCount } = await until('it is behind', async () => {
      const { status, stats } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return status === 'Behind' ? stats : undefined;
    });
    expect(readBufferCount + Number(liveBufferCount)).toBeLessThanOrEqual(50);
    const quick = new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), acking);
    await quick.has(395);
    expect(quick.numbers).toEqual(Array.from({ length: 395 }, (_, n) => n + 5));
    await slow.ack(...slow.received);
    await until('it keeps up', async () => {
      const { status } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return status === 'Live';
    });
  });

  it('and does not read what it is sent is not sent more and more, when time and again it has not answered', async () => {
    const data = 'x'.repeat(60 * 1024);
    for (let n = 0; n < 45; n += 15) {
      const events = Array.from({ length: 15 }, (_, index) =>
        jsonEvent({ type: 'large', data: { n: n + index, data } }),
      );
      await client.appendToStream('orders-1', events);
    }
    const settings = fromStart({ messageTimeout: 5, maxRetryCount: 1_000_000 });
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', settings);
    const grpc = new grpcServices.PersistentSubscriptionsClient(
      server.url.slice('esdb://'.length).split('?')[0]!,
      credentials.createInsecure(),
    );
    const call = grpc.read();
    const options = new persistent.ReadReq.Options()
      .setStreamIdentifier(streamIdentifier('orders-1'))
      .setGroupName('shipping')
      .setBufferSize(1_000);
    call.on('error', () => {});
    call.once('data', (_confirmation: ReadResp) => call.pause());
    call.write(new persistent.ReadReq().setOptions(options));
    // Nothing more goes out when the client reads nothing: the count of deliveries comes to rest.
    let before = -1n;
    const sent = await until('it is sent nothing any more', async () => {
      const { totalItems, outstandingMessagesCount, retryBufferCount } = await stats();
      const isAtRest =
        totalItems > 0n && totalItems === before && outstandingMessagesCount === 0 && retryBufferCount > 0;
      before = totalItems;
      return isAtRest ? totalItems : undefined;
    });
    expect(sent).toBeLessThan(150n);
    call.cancel();
    grpc.close();
    const quick = new TestConsumer(client.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), acking);
    await until('another gets them all', () => new Set(quick.numbers).size === 45);
  });
});
