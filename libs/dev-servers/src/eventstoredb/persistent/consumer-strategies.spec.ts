import grpcServices from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import { DISPATCH_TO_SINGLE, EventStoreDBClient, jsonEvent, PINNED } from '@eventstore/db-client';
import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { promisify } from 'node:util';
import { acking, appendNumbers, fromStart, TestConsumer, type Received } from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { streamIdentifier } from '../server/stream-identifier.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('The consumer strategy', () => {
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

  const consumer = (
    stream: string,
    answer?: (message: Received, consumer: TestConsumer) => unknown,
    options: { bufferSize?: number } = {},
  ) => new TestConsumer(client.subscribeToPersistentSubscriptionToStream(stream, 'shipping', options), answer);
  const connected = async (stream: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => consumer(stream, acking).connected()));
  const allReceived = (consumers: readonly TestConsumer[], count: number) =>
    until(`${count} are received`, () => consumers.reduce((sum, { received }) => sum + received.length, 0) >= count);
  const streamsOf = ({ received }: TestConsumer) => new Set(received.map(({ event }) => event!.streamId));
  const correlationOf = ({ event }: Received) => (event!.metadata as { $correlationId: string }).$correlationId;

  it('RoundRobin gives each of them one after the other', async () => {
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
    const consumers = await connected('orders-1', 3);
    await appendNumbers(client, 'orders-1', 9);
    await allReceived(consumers, 9);
    expect(consumers.map(({ numbers }) => numbers)).toEqual([
      [0, 3, 6],
      [1, 4, 7],
      [2, 5, 8],
    ]);
  });

  it('RoundRobin leaves out those that have no room', async () => {
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
    const slow = await consumer('orders-1', undefined, { bufferSize: 2 }).connected();
    const quick = await consumer('orders-1', acking).connected();
    await appendNumbers(client, 'orders-1', 20);
    await quick.has(18);
    expect(slow.received).toHaveLength(2);
  });

  it('DispatchToSingle gives everything to one, and to others what it has no room for', async () => {
    const settings = fromStart({ consumerStrategyName: DISPATCH_TO_SINGLE });
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', settings);
    const first = await consumer('orders-1', undefined, { bufferSize: 5 }).connected();
    const second = await consumer('orders-1', acking).connected();
    await appendNumbers(client, 'orders-1', 5);
    await first.has(5);
    expect(second.received).toEqual([]);
    await appendNumbers(client, 'orders-1', 1, 5);
    await second.has(1);
    await first.leave();
    await second.has(6);
    expect(second.numbers).toEqual([5, 0, 1, 2, 3, 4]);
  });

  it('Pinned gives all events of a stream to one, and different streams to different ones', async () => {
    const settings = fromStart({ consumerStrategyName: PINNED, resolveLinkTos: true });
    await client.createPersistentSubscriptionToStream('$ce-orders', 'shipping', settings);
    const consumers = await connected('$ce-orders', 3);
    for (let n = 0; n < 5; n++) {
      for (let stream = 0; stream < 12; stream++) await appendNumbers(client, `orders-${stream}`, 1, n);
    }
    await allReceived(consumers, 60);
    const streams = consumers.map(streamsOf);
    expect(streams.map(({ size }) => size)).toEqual([4, 4, 4]);
    expect(new Set(streams.flatMap((each) => [...each])).size).toBe(12);
    for (const consumer of consumers) {
      for (const stream of streamsOf(consumer)) {
        const ofStream = consumer.received.filter(({ event }) => event!.streamId === stream);
        expect(ofStream.map(({ event }) => event!.revision)).toEqual([0n, 1n, 2n, 3n, 4n]);
      }
    }
  });

  it('Pinned gives the streams of one that leaves to the others, and some to one that comes', async () => {
    const settings = fromStart({ consumerStrategyName: PINNED, resolveLinkTos: true });
    await client.createPersistentSubscriptionToStream('$ce-orders', 'shipping', settings);
    const [leaving, staying] = (await connected('$ce-orders', 2)) as [TestConsumer, TestConsumer];
    const append = async (number: number) => {
      for (let stream = 0; stream < 8; stream++) await appendNumbers(client, `orders-${stream}`, 1, number);
    };
    await append(0);
    await allReceived([leaving, staying], 8);
    const info = () => client.getPersistentSubscriptionToStreamInfo('$ce-orders', 'shipping');
    await until('all are answered', async () => (await info()).stats.outstandingMessagesCount === 0);
    await leaving.leave();
    await until('it has left', async () => (await info()).connections.length === 1);
    await append(1);
    await staying.has(12);
    expect(streamsOf(staying).size).toBe(8);
    const coming = await consumer('$ce-orders', acking).connected();
    const before = staying.received.length;
    await append(2);
    await until('all are received', () => coming.received.length + staying.received.length - before === 8);
    expect(coming.received).toHaveLength(4);
  });

  it('Pinned waits for the one that has the stream, and delivers others meanwhile', async () => {
    const settings = fromStart({ consumerStrategyName: PINNED, resolveLinkTos: true });
    await client.createPersistentSubscriptionToStream('$ce-orders', 'shipping', settings);
    const slow = await consumer('$ce-orders', undefined, { bufferSize: 1 }).connected();
    await appendNumbers(client, 'orders-1', 3);
    await slow.has(1);
    const quick = await consumer('$ce-orders', acking).connected();
    await appendNumbers(client, 'orders-2', 3);
    await quick.has(3);
    expect([...streamsOf(quick)]).toEqual(['orders-2']);
    await slow.ack(slow.received[0]!);
    await slow.has(2);
    expect([...streamsOf(slow)]).toEqual(['orders-1']);
  });

  it('PinnedByCorrelation gives all events of one correlation id to one', async () => {
    const grpc = new grpcServices.PersistentSubscriptionsClient(
      server.url.slice('esdb://'.length).split('?')[0]!,
      credentials.createInsecure(),
    );
    const settings = new persistent.CreateReq.Settings()
      .setConsumerStrategy('PinnedByCorrelation')
      .setReadBatchSize(20)
      .setHistoryBufferSize(500)
      .setLiveBufferSize(500);
    const options = new persistent.CreateReq.Options()
      .setStreamIdentifier(streamIdentifier('orders-1'))
      .setGroupName('shipping')
      .setSettings(settings);
    const create = promisify(grpc.create.bind(grpc) as (request: unknown, answered: () => void) => void);
    await create(new persistent.CreateReq().setOptions(options));
    grpc.close();
    const consumers = await connected('orders-1', 2);
    for (let n = 0; n < 40; n++) {
      const event = jsonEvent({ type: 'counted', data: { n }, metadata: { $correlationId: `order ${n % 10}` } });
      await client.appendToStream('orders-1', event);
    }
    await allReceived(consumers, 40);
    const [first, second] = consumers.map(({ received }) => new Set(received.map(correlationOf)));
    expect([...first!].filter((each) => second!.has(each))).toEqual([]);
    expect([first!.size, second!.size]).toEqual([5, 5]);
  });

  it('that does not exist is refused', async () => {
    const grpc = new grpcServices.PersistentSubscriptionsClient(
      server.url.slice('esdb://'.length).split('?')[0]!,
      credentials.createInsecure(),
    );
    const options = new persistent.CreateReq.Options()
      .setStreamIdentifier(streamIdentifier('orders-1'))
      .setGroupName('shipping')
      .setSettings(new persistent.CreateReq.Settings().setConsumerStrategy('Lottery'));
    const create = promisify(grpc.create.bind(grpc) as (request: unknown, answered: () => void) => void);
    await expect(create(new persistent.CreateReq().setOptions(options))).rejects.toThrow(
      'Consumer strategy Lottery does not exist.',
    );
    grpc.close();
  });
});
