import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { events } from '../../test/events.js';
import { connectionSettings } from '../connection/connection-url.js';
import { EsdbClient } from '../connection/esdb-client.js';
import { NodeChanged } from '../connection/failures.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';
import { logFilter } from './log-filter.js';
import { BEGINNING } from './log-place.js';
import { LogReader, type LogSection } from './log-reader.js';

describe('reading the log to its end', () => {
  let server: EventStoreDBServer;
  let client: EsdbClient;
  let reader: LogReader;

  beforeEach(async () => {
    server = await startEventStoreDB();
    client = new EsdbClient(connectionSettings(server.url));
    reader = new LogReader(client, 5_000);
    const store = await EventStoreDBEventStore.open(server.url);
    for (let n = 0; n < 3; n++) await store.append('test-1', events(100), { expected: 'any' });
    await store.close();
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  const sections = async (reading: AsyncIterable<LogSection>): Promise<LogSection[]> => {
    const all: LogSection[] = [];
    for await (const section of reading) all.push(section);
    return all;
  };

  it('gives sections of the size asked for, and last the one that has caught up', async () => {
    const end = await reader.end();
    const found = await sections(reader.backlog(BEGINNING, logFilter(undefined), end, 70));
    expect(found.flatMap((section) => section.events.map(({ revision }) => revision))).toEqual(
      Array.from({ length: 300 }, (_, n) => n),
    );
    expect(Math.max(...found.map((section) => section.events.length))).toBeLessThanOrEqual(70);
    expect(found.at(-1)).toMatchObject({ caughtUp: true, place: end.place });
    expect(found.filter(({ caughtUp }) => caughtUp)).toHaveLength(1);
  });

  it('trusts no end that another node told: this one may be behind it', async () => {
    const end = await reader.end();
    const elsewhere = { ...end, connection: end.connection - 1 };
    await expect(sections(reader.backlog(BEGINNING, logFilter(undefined), elsewhere, 100))).rejects.toThrow(
      NodeChanged,
    );
  });

  it('finds the beginning at the end of an empty log', async () => {
    const empty = await startEventStoreDB();
    const other = new EsdbClient(connectionSettings(empty.url));
    expect((await new LogReader(other, 5_000).end()).place).toEqual(BEGINNING);
    await other.close();
    await empty.stop();
  });
});
