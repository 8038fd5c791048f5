import {
  BACKWARDS,
  binaryEvent,
  CancelledError,
  DeadlineExceededError,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  FORWARDS,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  StreamNotFoundError,
  streamNameFilter,
  UnavailableError,
  WrongExpectedVersionError,
  type AllStreamResolvedEvent,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { allOf } from '../../../test/all-of.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const events = (count: number, type = 'test') =>
  Array.from({ length: count }, (_, index) => jsonEvent({ type, data: { message: 'test', index } }));
const newStream = () => `stream-${randomUUID()}`;

describe("What the official client's documentation and tests expect of a server", () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    server = await startEventStoreDB({ readsLagMs: 0 });
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });

  describe('of connecting', () => {
    it('by an endpoint, by several, and by discovery', async () => {
      const endpoint = { address: '127.0.0.1', port: server.port };
      const clients = [
        new EventStoreDBClient({ endpoint: `127.0.0.1:${server.port}` }, { insecure: true }),
        new EventStoreDBClient({ endpoint }, { insecure: true }),
        new EventStoreDBClient({ endpoints: [endpoint, endpoint], nodePreference: 'random' }, { insecure: true }),
        new EventStoreDBClient({ discover: endpoint, nodePreference: 'leader' }, { insecure: true }),
        EventStoreDBClient.connectionString`esdb+discover://127.0.0.1:${server.port}?tls=false`,
        EventStoreDBClient.connectionString`esdb://admin:changeit@127.0.0.1:${server.port}?tls=false&keepAliveInterval=10000&keepAliveTimeout=10000`,
      ];
      for (const each of clients) {
        const stream = newStream();
        await each.appendToStream(stream, events(1));
        expect(await allOf(each.readStream(stream))).toHaveLength(1);
        await each.dispose();
      }
    });

    it('disposes of a client in the middle of everything, and the server lives on', async () => {
      const stream = newStream();
      await client.appendToStream(stream, events(500));
      const leaving = EventStoreDBClient.connectionString(server.url);
      const subscription = leaving.subscribeToStream(stream).on('error', () => {});
      await new Promise((resolve) => subscription.once('data', resolve));
      leaving.readAll().on('error', () => {});
      await leaving.dispose();
      await client.appendToStream(stream, events(1));
    });
  });

  describe('of appending', () => {
    it('takes a thousand appends in one turn', async () => {
      const stream = newStream();
      const value = 'A'.repeat(904);
      const appends = Array.from({ length: 1_000 }, () =>
        client.appendToStream(stream, jsonEvent({ type: 'any', data: { value } }), { deadline: 60_000 }),
      );
      const revisions = (await Promise.all(appends)).map(({ nextExpectedRevision }) => Number(nextExpectedRevision));
      // The client sends its very first append after the others.
      expect(new Set(revisions)).toEqual(new Set(Array.from({ length: 1_000 }, (_, index) => index)));
    });

    it('takes an event with the same id once', async () => {
      const stream = newStream();
      const event = jsonEvent({ id: randomUUID(), type: 'some-event', data: { important: 'some value' } });
      await client.appendToStream(stream, event);
      await client.appendToStream(stream, event);
      expect(await allOf(client.readStream(stream))).toHaveLength(1);
    });

    it('refuses a second writer at the same revision', async () => {
      const stream = newStream();
      await client.appendToStream(stream, events(1), { expectedRevision: NO_STREAM });
      const [last] = await allOf(client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }));
      const expectedRevision = last!.event!.revision;
      await client.appendToStream(stream, events(1), { expectedRevision });
      const second = client.appendToStream(stream, events(1), { expectedRevision });
      await expect(second).rejects.toThrow(WrongExpectedVersionError);
      await expect(second).rejects.toMatchObject({ streamName: stream, expectedVersion: 0n, actualVersion: 1n });
    });

    it.each([
      ['on the stream of appends', {}],
      ['in a call of its own', { credentials: { username: 'admin', password: 'changeit' } }],
    ])('refuses what is too large or too late %s', async (_, options) => {
      const large = Array.from({ length: 60 }, () => jsonEvent({ type: 'large', data: 'x'.repeat(64 * 1024) }));
      const tooLarge = client.appendToStream(newStream(), large, options);
      await expect(tooLarge).rejects.toThrow(MaxAppendSizeExceededError);
      await expect(tooLarge).rejects.toMatchObject({ maxAppendSize: 1024 * 1024 });
      const tooLate = client.appendToStream(newStream(), events(2_000), { ...options, deadline: 1 });
      await expect(tooLate).rejects.toThrow(DeadlineExceededError);
    });

    it('gives back metadata in every form', async () => {
      const stream = newStream();
      const bytes = Uint8Array.from(Buffer.from('not JSON at all'));
      const data = Buffer.from([0, 255, 1, 254]);
      await client.appendToStream(stream, [
        jsonEvent({ type: 'json', data: 'CC ‐ 1830', metadata: { how: 'JSON 🦃' } }),
        jsonEvent({ type: 'json', data: null as never, metadata: bytes }),
        jsonEvent({ type: 'json', data: [] }),
        binaryEvent({ type: 'binary', data, metadata: { how: 'JSON' } }),
        binaryEvent({ type: 'binary', data: Buffer.alloc(0), metadata: bytes }),
        binaryEvent({ type: 'binary', data }),
      ]);
      const read = (await allOf(client.readStream(stream))).map(({ event }) => event!);
      expect(read.map(({ isJson }) => isJson)).toEqual([true, true, true, false, false, false]);
      expect(read.slice(0, 3).map((event) => event.data)).toEqual(['CC ‐ 1830', null, []]);
      expect(read.slice(3).map((event) => [...(event.data as Uint8Array)])).toEqual([[...data], [], [...data]]);
      expect(read[0]!.metadata).toEqual({ how: 'JSON 🦃' });
      expect([...(read[1]!.metadata as Uint8Array)]).toEqual([...bytes]);
      expect(read[2]!.metadata).toBeUndefined();
      expect(read[3]!.metadata).toEqual({ how: 'JSON' });
      expect([...(read[4]!.metadata as Uint8Array)]).toEqual([...bytes]);
      expect(read[5]!.metadata).toBeUndefined();
      expect(Math.abs(Date.now() - read[0]!.created.getTime())).toBeLessThan(60_000);
    });

    it('gives the event itself for a link that a client wrote', async () => {
      const [from, to] = [newStream(), newStream()];
      await client.appendToStream(to, events(4));
      await client.appendToStream(from, binaryEvent({ type: '$>', data: Buffer.from(`2@${to}`) }));
      const [original] = await allOf(client.readStream(to, { fromRevision: 2n, maxCount: 1 }));
      const [linked] = await allOf(client.readStream(from, { resolveLinkTos: true }));
      expect(original!.link).toBeUndefined();
      expect(linked!.event).toEqual(original!.event);
      expect(linked!.link).toMatchObject({ streamId: from, type: '$>' });
    });
  });

  describe('of reading', () => {
    it('reads as the examples do', async () => {
      const stream = newStream();
      const appended = await client.appendToStream(stream, [...events(4, 'json'), ...events(4, 'more')]);
      const read = (options: Parameters<EventStoreDBClient['readStream']>[1]) =>
        allOf(client.readStream(stream, options)).then((all) => all.map(({ event }) => Number(event!.revision)));
      expect(await read({ direction: FORWARDS, fromRevision: START, maxCount: 10 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(await read({ fromRevision: 1n })).toEqual([1, 2, 3, 4, 5, 6, 7]);
      expect(await read({ fromRevision: 8n })).toEqual([]);
      expect(await read({ direction: BACKWARDS, fromRevision: END })).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
      expect(await read({ direction: BACKWARDS, fromRevision: 1n })).toEqual([1, 0]);
      expect(await read({ direction: BACKWARDS, fromRevision: 100n, maxCount: 2 })).toEqual([7, 6]);
      expect(await read({ maxCount: 2 })).toEqual([0, 1]);
      const [last] = await allOf(client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }));
      expect(last!.event!.position).toEqual(appended.position);
    });

    it('says by name that a stream is not there', async () => {
      const stream = newStream();
      const missing = allOf(client.readStream(stream));
      await expect(missing).rejects.toThrow(StreamNotFoundError);
      await expect(missing).rejects.toMatchObject({ streamName: stream });
    });

    it('stops when the reader has enough', async () => {
      const stream = newStream();
      for (let n = 0; n < 5; n++) await client.appendToStream(stream, events(2_000));
      let count = 0;
      for await (const _ of client.readStream(stream)) if (++count === 3) break;
      expect(count).toBe(3);
      const read = client.readStream(stream);
      await new Promise((resolve) => read.once('data', resolve));
      await read.cancel();
    });

    it('reads $all from the position of an event, that event first', async () => {
      await client.appendToStream(newStream(), events(4));
      const three: AllStreamResolvedEvent[] = await allOf(client.readAll({ maxCount: 3 }));
      const from = client.readAll({ maxCount: 1, fromPosition: three[2]!.event!.position });
      expect(await allOf(from)).toEqual([three[2]]);
    });
  });

  describe('of subscribing', () => {
    it('says once that it caught up, after what was there', async () => {
      const stream = newStream();
      await client.appendToStream(stream, events(4));
      const seen: string[] = [];
      const subscription = client
        .subscribeToStream(stream)
        .on('confirmation', () => seen.push('confirmation'))
        .on('data', () => seen.push('event'))
        .on('caughtUp', () => seen.push('caught up'));
      await until('it has caught up', () => seen.includes('caught up'));
      await client.appendToStream(stream, events(3));
      await until('all have come', () => seen.length === 9);
      await subscription.unsubscribe();
      const event = 'event';
      expect(seen).toEqual(['confirmation', event, event, event, event, 'caught up', event, event, event]);
    });

    it('begins behind a revision, or at the end', async () => {
      const stream = newStream();
      await client.appendToStream(stream, events(4));
      const revisions: bigint[] = [];
      const fresh: bigint[] = [];
      let live = false;
      const subscriptions = [
        client
          .subscribeToStream(stream, { fromRevision: 2n })
          .on('data', ({ event }) => revisions.push(event!.revision)),
        client
          .subscribeToStream(stream, { fromRevision: END })
          .on('data', ({ event }) => fresh.push(event!.revision))
          .on('caughtUp', () => (live = true)),
      ];
      await until('it is there', () => live && revisions.length === 1);
      await client.appendToStream(stream, events(3));
      await until('all have come', () => revisions.length === 4 && fresh.length === 3);
      expect([revisions, fresh]).toEqual([
        [3n, 4n, 5n, 6n],
        [4n, 5n, 6n],
      ]);
      await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
    });

    it('goes through a pipeline', async () => {
      const stream = newStream();
      await client.appendToStream(stream, [...events(8), ...events(1, 'finish')]);
      const subscription = client.subscribeToStream(stream);
      const ids: string[] = [];
      const sink = async (events: AsyncIterable<ResolvedEvent>) => {
        for await (const { event } of events) {
          ids.push(event!.id);
          if (event!.type === 'finish') await subscription.unsubscribe();
        }
      };
      await pipeline(subscription, sink);
      expect(ids).toHaveLength(9);
    });

    it.each([
      ['stream names by prefix', 'a', streamNameFilter({ prefixes: ['prefix_filter_a', 'none'] })],
      ['stream names by a regular expression', 'b', streamNameFilter({ regex: '^[0-9]*prefix_filter\\_b\\-' })],
      ['event types by prefix', 'c', eventTypeFilter({ prefixes: ['type_c'] })],
      ['event types by a regular expression', 'd', eventTypeFilter({ regex: '^type_[c-d]\\/[A-z]*$' })],
    ])('filters by %s', async (_, name, filter) => {
      const stream = `prefix_filter_${name}-${randomUUID()}`;
      const type = name === 'd' ? 'type_d/x' : `type_${name}`;
      await client.appendToStream(newStream(), events(5, 'other'));
      await client.appendToStream(stream, events(8, type));
      await client.appendToStream(newStream(), events(5, 'other'));
      await client.appendToStream(stream, events(1, type));
      const received: ResolvedEvent[] = [];
      for await (const event of client.subscribeToAll({ filter })) {
        received.push(event);
        if (received.length === 9) break;
      }
      expect(new Set(received.map(({ event }) => event!.streamId))).toEqual(new Set([stream]));
    });

    it('tells the checkpoint every so many events of a filtered subscription, and waits for what is done with it', async () => {
      const appended = await client.appendToStream(newStream(), events(1, 'marker'));
      const checkpoints: Position[] = [];
      let isActive = false;
      const received: bigint[] = [];
      const overlaps: boolean[] = [];
      const filter = excludeSystemEvents({
        checkpointInterval: 2,
        checkpointReached: async (_, position) => {
          checkpoints.push(position);
          isActive = true;
          await new Promise((resolve) => setTimeout(resolve, 5));
          isActive = false;
        },
      });
      const subscription = client
        .subscribeToAll({ fromPosition: appended.position!, filter })
        .on('data', ({ event }) => {
          received.push(event!.position.commit);
          overlaps.push(isActive);
        });
      const stream = newStream();
      for (let n = 0; n < 19; n++) await client.appendToStream(stream, events(20));
      await client.appendToStream(stream, events(4));
      await until('all have come', () => received.length === 384);
      await subscription.unsubscribe();
      expect(overlaps).not.toContain(true);
      // A checkpoint for every 2 x 32 events, and one for having caught up.
      expect(checkpoints.length).toBeGreaterThanOrEqual(6);
      expect(checkpoints.length).toBeLessThanOrEqual(8);
      expect(checkpoints.map(({ commit }) => commit)).toEqual(
        checkpoints.map(({ commit }) => commit).toSorted((a, b) => Number(a - b)),
      );
    });
  });

  describe('of deleting', () => {
    it('refuses to delete a stream that never was', async () => {
      for (const options of [{}, { expectedRevision: NO_STREAM }] as const) {
        const stream = newStream();
        const refused = client.deleteStream(stream, options);
        await expect(refused).rejects.toThrow(WrongExpectedVersionError);
        await expect(refused).rejects.toMatchObject({ streamName: stream });
      }
    });

    it('deletes one that has metadata only', async () => {
      const stream = newStream();
      await client.setStreamMetadata(stream, { cacheControl: 10 });
      await client.deleteStream(stream, { expectedRevision: NO_STREAM });
    });

    it('deletes a deleted one again', async () => {
      const stream = newStream();
      await client.appendToStream(stream, events(1));
      await client.deleteStream(stream);
      await client.deleteStream(stream);
      await expect(allOf(client.readStream(stream))).rejects.toThrow(StreamNotFoundError);
    });

    it('begins a deleted one again where it ended', async () => {
      const stream = newStream();
      await client.appendToStream(stream, events(4));
      await client.deleteStream(stream);
      const { nextExpectedRevision } = await client.appendToStream(stream, events(1), { expectedRevision: NO_STREAM });
      expect(nextExpectedRevision).toBe(4n);
      expect((await allOf(client.readStream(stream))).map(({ event }) => event!.revision)).toEqual([4n]);
    });
  });

  describe('of metadata', () => {
    it('is none for a stream without', async () => {
      const stream = newStream();
      expect(await client.getStreamMetadata(stream)).toEqual({ streamName: stream });
      await client.appendToStream(stream, events(1));
      expect(await client.getStreamMetadata(stream)).toEqual({ streamName: stream });
    });

    it('comes back as it was set, with what the application added', async () => {
      const stream = newStream();
      const metadata = {
        maxAge: 200,
        cacheControl: 15,
        truncateBefore: 1,
        maxCount: 12,
        acl: { readRoles: ['admin'], metaWriteRoles: ['admin'] },
        turkey: '🦃',
      };
      await client.setStreamMetadata(stream, metadata, { expectedRevision: NO_STREAM });
      expect(await client.getStreamMetadata(stream)).toMatchObject({ streamName: stream, metadata });
      await client.setStreamMetadata(stream, { maxCount: 11 }, { expectedRevision: 0n });
      const again = client.setStreamMetadata(stream, { maxCount: 10 }, { expectedRevision: 0n });
      await expect(again).rejects.toThrow(WrongExpectedVersionError);
      await client.setStreamMetadata(stream, { maxCount: 2 }, { expectedRevision: STREAM_EXISTS });
      await client.appendToStream(stream, events(20));
      expect(await allOf(client.readStream(stream, { fromRevision: START, maxCount: 200 }))).toHaveLength(2);
    });
  });

  describe('of a server that goes and comes back', () => {
    it('ends calls by name, and answers the same client on the same port', async () => {
      const first = await startEventStoreDB();
      const { port } = first;
      const reconnecting = EventStoreDBClient.connectionString(first.url);
      const credentials = { username: 'admin', password: 'changeit' };
      await reconnecting.appendToStream('my-stream', events(2_000), { credentials });
      let received = 0;
      const reading = (async () => {
        for await (const _ of reconnecting.subscribeToStream('my-stream')) {
          if (++received === 12) void first.stop();
        }
      })();
      const ended = await reading.catch((error: Error) => error);
      expect(ended instanceof UnavailableError || ended instanceof CancelledError).toBe(true);
      const second = await startEventStoreDB({ port });
      await until('it answers again', () =>
        reconnecting.appendToStream('my-stream', events(1), { credentials }).catch(() => undefined),
      );
      await reconnecting.dispose();
      await second.stop();
    });
  });
});
