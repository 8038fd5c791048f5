import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { eventStoreConformance } from '@gesta/testing';
import { afterAll, beforeAll } from '@jest/globals';
import { OwnStreams } from '../test/own-streams.js';
import { randomUUID } from 'node:crypto';
import { EventStoreDBEventStore } from './eventstoredb-event-store.js';

let local: EventStoreDBServer;
beforeAll(async () => {
  local = await startEventStoreDB();
});
afterAll(() => local.stop());

conformance('EventStoreDBEventStore on the local server', () => local.url);

/** A real EventStoreDB or KurrentDB: set it, and the same is asked of that one. */
const named = process.env.GESTA_TEST_EVENTSTOREDB_URL;
if (named) conformance('EventStoreDBEventStore on the server of GESTA_TEST_EVENTSTOREDB_URL', () => named);

function conformance(name: string, url: () => string): void {
  eventStoreConformance(
    name,
    async () => {
      const own = new OwnStreams();
      const open = async () => {
        store = await EventStoreDBEventStore.open(url());
        return own.of(store);
      };
      let store: EventStoreDBEventStore;
      const official = EventStoreDBClient.connectionString(url());
      return {
        others: {
          cut: async (streamId, settings) => void (await official.setStreamMetadata(streamId, settings)),
          system: async (streamId) => {
            const link = jsonEvent({ type: '$>', data: `0@test-${randomUUID()}` as never });
            await official.appendToStream(streamId, link);
          },
          tombstone: async (streamId) => void (await official.tombstoneStream(streamId)),
        },
        store: await open(),
        reopen: async () => {
          await store.close();
          return open();
        },
        dispose: async () => {
          await official.dispose();
          await store.close();
          if (url() === local.url) return;
          await open();
          await own.remove(store);
          await store.close();
        },
      };
    },
    { runs: 5 },
  );
}
