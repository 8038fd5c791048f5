import { END, EventStoreDBClient, eventTypeFilter, streamNameFilter } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { allOf } from '../../../test/all-of.js';
import {
  acking,
  allFromStart,
  appendNumbers,
  numberOf,
  TestConsumer,
  type Received,
} from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('A consumer of a group on $all', () => {
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

  type Options = Parameters<EventStoreDBClient['createPersistentSubscriptionToAll']>[2];
  const group = (settings: Parameters<typeof allFromStart>[0] = {}, options: Options = {}) =>
    client.createPersistentSubscriptionToAll('auditing', allFromStart(settings), options);
  const consumer = (answer: (message: Received, consumer: TestConsumer) => unknown = acking) =>
    new TestConsumer(client.subscribeToPersistentSubscriptionToAll('auditing'), answer);
  const orders = streamNameFilter({ prefixes: ['orders-'] });

  it('gets the events of every stream in the order they were appended', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await appendNumbers(client, 'parcels-1', 2, 2);
    await group();
    const auditing = consumer();
    await appendNumbers(client, 'orders-1', 1, 4);
    await until('all have come', () => auditing.received.filter(({ event }) => event!.type === 'counted').length === 5);
    const counted = auditing.received.filter(({ event }) => event!.type === 'counted');
    expect(counted.map(numberOf)).toEqual([0, 1, 2, 3, 4]);
    expect(counted[2]).toMatchObject({ event: { streamId: 'parcels-1', position: { commit: expect.anything() } } });
    expect(counted[2]!.commitPosition).toBe(counted[2]!.event!.position!.commit);
  });

  it('gets system events as well, but not the checkpoints of groups on $all', async () => {
    await group();
    const auditing = consumer();
    await until('a checkpoint is there', async () => {
      const { stats } = await client.getPersistentSubscriptionToAllInfo('auditing');
      return stats.lastCheckpointedEventPosition;
    });
    await appendNumbers(client, 'orders-1', 1);
    await until('that has come', () => auditing.received.some(({ event }) => event!.streamId === 'orders-1'));
    const streams = new Set(auditing.received.map(({ event }) => event!.streamId));
    expect(streams).toContain('$persistentSubscriptionConfig');
    expect([...streams].filter((stream) => stream.startsWith('$persistentsubscription-$all'))).toEqual([]);
  });

  it('gets only events of streams whose names begin as wanted, or match', async () => {
    await appendNumbers(client, 'orders-1', 1);
    await appendNumbers(client, 'parcels-1', 1, 1);
    await appendNumbers(client, 'returns-1', 1, 2);
    await group({}, { filter: streamNameFilter({ prefixes: ['orders-', 'returns-'] }) });
    const auditing = consumer();
    await auditing.has(2);
    expect(auditing.numbers).toEqual([0, 2]);
    const settings = allFromStart();
    await client.createPersistentSubscriptionToAll('matching', settings, {
      filter: streamNameFilter({ regex: 'c.ls' }),
    });
    const matching = new TestConsumer(client.subscribeToPersistentSubscriptionToAll('matching'), acking);
    await matching.has(1);
    expect(matching.numbers).toEqual([1]);
  });

  it('gets only events of types whose names begin as wanted, or match', async () => {
    await appendNumbers(client, 'orders-1', 1, 0, 'order-placed');
    await appendNumbers(client, 'orders-1', 1, 1, 'order-shipped');
    await appendNumbers(client, 'orders-1', 1, 2, 'parcel-lost');
    await group({}, { filter: eventTypeFilter({ prefixes: ['order-'] }) });
    const auditing = consumer();
    await auditing.has(2);
    expect(auditing.numbers).toEqual([0, 1]);
    const filter = eventTypeFilter({ regex: '^[^$].*(shipped|lost)$' });
    await client.createPersistentSubscriptionToAll('matching', allFromStart(), { filter });
    const matching = new TestConsumer(client.subscribeToPersistentSubscriptionToAll('matching'), acking);
    await matching.has(2);
    expect(matching.numbers).toEqual([1, 2]);
  });

  it('finds what it wants behind thousands of events that it does not want', async () => {
    for (let n = 0; n < 3; n++) await appendNumbers(client, 'others-1', 1_000);
    await appendNumbers(client, 'orders-1', 1);
    await group({}, { filter: orders });
    await consumer().has(1);
  });

  it('begins at the position that is named, or with what comes', async () => {
    await appendNumbers(client, 'orders-1', 3);
    const events = await allOf(client.readStream('orders-1'));
    await group({ startFrom: events[1]!.event!.position! }, { filter: orders });
    await client.createPersistentSubscriptionToAll('new', allFromStart({ startFrom: END }), { filter: orders });
    await appendNumbers(client, 'orders-1', 1, 3);
    const auditing = consumer();
    await auditing.has(3);
    expect(auditing.numbers).toEqual([1, 2, 3]);
    const fresh = new TestConsumer(client.subscribeToPersistentSubscriptionToAll('new'), acking);
    await fresh.has(1);
    expect(fresh.numbers).toEqual([3]);
  });

  it('keeps its filter when the group is given other settings', async () => {
    await group({}, { filter: orders });
    await client.updatePersistentSubscriptionToAll('auditing', allFromStart({ maxRetryCount: 1 }));
    const auditing = consumer();
    await appendNumbers(client, 'parcels-1', 1);
    await appendNumbers(client, 'orders-1', 1, 1);
    await auditing.has(1);
    expect(auditing.numbers).toEqual([1]);
  });

  it('parks, and gets what was parked once more', async () => {
    await appendNumbers(client, 'orders-1', 2);
    await group({}, { filter: orders });
    const parking = consumer((message, each) => each.nack('park', message));
    await until('both are parked', async () => {
      const { stats } = await client.getPersistentSubscriptionToAllInfo('auditing');
      return stats.parkedMessageCount === 2n;
    });
    await parking.leave();
    const links = await allOf(client.readStream('$persistentsubscription-$all::auditing-parked'));
    expect(links.map(({ event }) => Buffer.from(event!.data as Uint8Array).toString())).toEqual([
      '0@orders-1',
      '1@orders-1',
    ]);
    const auditing = consumer();
    await client.replayParkedMessagesToAll('auditing');
    await auditing.has(2);
    expect(auditing.numbers).toEqual([0, 1]);
  });

  it('is dropped when its group is deleted, and refused when there is none', async () => {
    await group();
    const auditing = await consumer().connected();
    await client.deletePersistentSubscriptionToAll('auditing');
    expect(await auditing.ended()).toMatchObject({
      type: 'persistent-subscription-dropped',
      streamName: '$all',
      groupName: 'auditing',
    });
    expect(await consumer().ended()).toMatchObject({ type: 'persistent-subscription-does-not-exist' });
  });

  it('is dropped when the groups are restarted, and goes on where it was', async () => {
    await appendNumbers(client, 'orders-1', 1);
    await group({}, { filter: orders });
    const auditing = consumer();
    await auditing.has(1);
    await until('that is saved', async () => {
      const { stats } = await client.getPersistentSubscriptionToAllInfo('auditing');
      return stats.lastCheckpointedEventPosition !== undefined;
    });
    await client.restartPersistentSubscriptionSubsystem();
    expect(await auditing.ended()).toMatchObject({ type: 'persistent-subscription-dropped' });
    const back = consumer();
    await appendNumbers(client, 'orders-1', 1, 1);
    await back.has(1);
    expect(back.numbers).toEqual([1]);
  });
});
