import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

describe('The id of a log', () => {
  let server: EventStoreDBServer;
  let store: EventStoreDBEventStore;

  beforeEach(async () => {
    server = await startEventStoreDB();
    store = await EventStoreDBEventStore.open(server.url);
  });
  afterEach(async () => {
    await store.close();
    await server.stop();
  });

  it('is the one that this process gave it, for as long as the log is there', async () => {
    const id = await store.log();
    expect(id).toBeDefined();
    expect(await store.log()).toBe(id);
  });

  it('is another one where the server was started empty, also for the process that gave the one before', async () => {
    const before = await store.log();
    const { port } = server;
    await server.stop();
    server = await startEventStoreDB({ port });
    const after = await store.log();
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
  });
});
