import { EventStoreDBClient, START } from '@eventstore/db-client';
import { startEventStoreDB } from '@gesta/dev-servers';
import { eventStoreDB } from '@gesta/eventstoredb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { openCannedEventStoreDB } from '../servers/canned-eventstoredb.js';
import { fillLog } from '../servers/fill-log.js';
import { appendByClient } from './append-by-client.js';
import { BatchAppendCall } from './batch-append-call.js';
import { catchUpByClient, readByClient } from './read-by-client.js';

describe('the floor of the rows on EventStoreDB', () => {
  let server: Awaited<ReturnType<typeof startEventStoreDB>>;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  it('stores by either way of appending what the store stores', async () => {
    const store = await eventStoreDB().openEventStore!(server.url, { now: () => new Date() });
    const call = await BatchAppendCall.open(client);
    const events = [0, 1, 2].map((revision) => orderEventToAppend(7, revision));
    await store.append('bench.order-1', [events[0]!], { expected: 'no-stream' });
    await store.append('bench.order-1', [events[1]!], { expected: 0 });
    for (const [revision, event] of events.slice(0, 2).entries()) {
      await call.append('bench.order-2', revision, event);
      await appendByClient(client, 'bench.order-3', revision, event);
    }
    call.end();
    const stored = async (stream: string) => {
      const found = await Array.fromAsync(client.readStream(stream));
      return found.map(({ event }) => [event!.revision, event!.id, event!.type, event!.data, event!.metadata]);
    };
    const ours = await stored('bench.order-1');
    expect(ours).toHaveLength(2);
    expect(await stored('bench.order-2')).toEqual(ours);
    expect(await stored('bench.order-3')).toEqual(ours);
    await store.close();
  });

  it('reads every order event there is, and complains of fewer than were asked for', async () => {
    const store = await eventStoreDB().openEventStore!(server.url, { now: () => new Date() });
    const position = await fillLog(store, { first: 40, orders: 30, eventsEach: 3 }, () => undefined);
    await store.close();
    expect(await catchUpByClient(client)).toMatchObject({ events: 90 });
    expect(await readByClient(client, { commit: position, prepare: position }, 90)).toBeGreaterThan(0);
    await expect(readByClient(client, { commit: position, prepare: position }, 91)).rejects.toThrow('90 events');
  });
});

describe('the canned server', () => {
  it('acknowledges appends, and gives as many events as are asked for', async () => {
    const server = await openCannedEventStoreDB();
    const client = EventStoreDBClient.connectionString(server.url);
    await appendByClient(client, orderStreamOf(1), 0, orderEventToAppend(1, 0));
    await appendByClient(client, orderStreamOf(1), 1, orderEventToAppend(1, 1));
    const events = await Array.fromAsync(client.readAll({ fromPosition: START, maxCount: 2_345 }));
    expect(events).toHaveLength(2_345);
    expect(events[11]!.event).toMatchObject({ streamId: orderStreamOf(1), revision: 1n, type: 'bench.line-added' });
    await client.dispose();
    server.close();
  });
});
