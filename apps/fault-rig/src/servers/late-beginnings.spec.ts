import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { EventStoreDBEventStore } from '@gesta/eventstoredb';
import { until } from '../../../../libs/core/test/until.js';
import { LateBeginnings } from './late-beginnings.js';

const anEvent = () => ({ id: randomUUID(), type: 'race.begun', version: 1, headers: {}, data: {} });

describe('A server whose reads show beginnings late', () => {
  let server: EventStoreDBServer;
  let late: LateBeginnings;
  let stores: EventStoreDBEventStore[];

  beforeAll(async () => {
    server = await startEventStoreDB();
    late = await LateBeginnings.before(server.port, /^race\.first-/);
    const open = () => EventStoreDBEventStore.open(`esdb://127.0.0.1:${late.port}?tls=false`, { patienceMs: 10_000 });
    stores = [await open(), await open()];
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    late.close();
    await server.stop();
  });

  const count = async (store: EventStoreDBEventStore, stream: string) => {
    let events = 0;
    for await (const batch of store.readStream(stream)) events += batch.length;
    return events;
  };

  it('shows nobody else a stream that has just begun, and then shows it', async () => {
    late.lagMs = 400;
    const [writer, other] = stores as [EventStoreDBEventStore, EventStoreDBEventStore];
    await writer.append('race.first-1', [anEvent()], { expected: 'no-stream' });
    expect(await count(other, 'race.first-1')).toBe(0);
    await writer.append('race.second-1', [anEvent()], { expected: 'no-stream' });
    expect(await count(other, 'race.second-1')).toBe(1); // is none of those that lag
    await until('it is shown', async () => (await count(other, 'race.first-1')) === 1);
  });

  it('lets one of two first writers win', async () => {
    late.lagMs = 300;
    const append = (store: EventStoreDBEventStore) =>
      store.append('race.first-2', [anEvent()], { expected: 'no-stream' }).then(
        () => 'appended',
        (error: Error) => error.name,
      );
    expect((await Promise.all(stores.map(append))).sort()).toEqual(['WrongExpectedRevision', 'appended']);
    expect(await count(stores[0]!, 'race.first-2')).toBe(1);
  });
});
