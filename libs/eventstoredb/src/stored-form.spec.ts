import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { allOf, anEvent, eventsOf } from '../test/events.js';
import { EventStoreDBEventStore } from './eventstoredb-event-store.js';

describe('what is in the server', () => {
  let server: EventStoreDBServer;
  let store: EventStoreDBEventStore;
  let client: EventStoreDBClient;
  const freshStream = () => `test.c${randomUUID().replaceAll('-', '')}-${randomUUID()}`;

  beforeAll(async () => {
    server = await startEventStoreDB();
    store = await EventStoreDBEventStore.open(server.url);
    client = EventStoreDBClient.connectionString(server.url);
  });

  afterAll(async () => {
    await store.close();
    await client.dispose();
    await server.stop();
  });

  it('is JSON with conventional metadata, as other clients read it', async () => {
    const stream = freshStream();
    const event = anEvent({
      type: 'ordering.order-placed',
      version: 3,
      commandId: randomUUID(),
      headers: { correlationId: 'a', causationId: 'b', userId: 'ann', traceparent: '00-1-2-01' },
      data: { orderId: '1' },
    });
    const { position } = await store.append(stream, [event], { expected: 'no-stream' });
    const read = [];
    for await (const { event: found } of client.readStream(stream)) read.push(found!);
    expect(read).toMatchObject([
      {
        id: event.id,
        type: 'ordering.order-placed',
        isJson: true,
        revision: 0n,
        position: { commit: position },
        data: { orderId: '1' },
        metadata: {
          eventVersion: 3,
          commandId: event.commandId,
          $correlationId: 'a',
          $causationId: 'b',
          userId: 'ann',
          traceparent: '00-1-2-01',
        },
      },
    ]);
    expect(await allOf(store.readStream(stream))).toMatchObject([{ recordedAt: read[0]!.created }]);
  });

  it('is given also where others wrote it: without metadata, binary, not the JSON it says it is', async () => {
    const stream = freshStream();
    const bytes = Uint8Array.of(0, 1, 254);
    await client.appendToStream(stream, [
      jsonEvent({ type: 'others.plain', data: { a: 1 } }),
      jsonEvent({ type: 'others.list', data: [1, 2] as never, metadata: { $correlationId: 'c', own: true } }),
      binaryEvent({ type: 'others.binary', data: bytes, metadata: Buffer.from('not JSON') }),
      binaryEvent({ type: 'others.empty', data: Uint8Array.of() }),
    ]);
    const given = await allOf(store.readStream(stream));
    const nothing = { version: 1, commandId: undefined, headers: {} };
    expect(given).toMatchObject([
      { ...nothing, type: 'others.plain', data: { a: 1 } },
      { ...nothing, type: 'others.list', data: [1, 2], headers: { correlationId: 'c', own: true } },
      { ...nothing, type: 'others.binary', data: { $binary: Buffer.from(bytes).toString('base64') } },
      { ...nothing, type: 'others.empty', data: { $binary: '' } },
    ]);
    expect(await eventsOf(store.readAll({ filter: { categories: [stream.split('-')[0]!] } }))).toEqual(given);
  });

  it("is left out where it is the server's: links, metadata, whatever begins with $", async () => {
    const category = freshStream().split('-')[0]!;
    const { checkpoint: after } = await store.head();
    const event = anEvent();
    await store.append(`${category}-1`, [event], { expected: 'no-stream' });
    await client.appendToStream(`${category}-links`, {
      ...jsonEvent({ type: '$>', data: {} }),
      contentType: 'application/octet-stream',
      data: Buffer.from(`0@${category}-1`),
    });
    await client.setStreamMetadata(`${category}-1`, { maxCount: 10 });
    await client.appendToStream('$own', jsonEvent({ type: 'test.happened', data: {} }));
    for (const filter of [undefined, { categories: [category] }]) {
      const given = await eventsOf(store.readAll({ after, filter }));
      expect(given.map(({ id }) => id)).toEqual([event.id]);
    }
    const ending = new AbortController();
    const followed: string[] = [];
    for await (const batch of store.subscribe({ after, signal: ending.signal })) {
      followed.push(...batch.events.map(({ id }) => id));
      if (batch.caughtUp) ending.abort();
    }
    expect(followed).toEqual([event.id]);
  });

  it('keeps its other metadata when a stream is truncated', async () => {
    const stream = freshStream();
    await store.append(stream, [anEvent(), anEvent(), anEvent()], { expected: 'no-stream' });
    await client.setStreamMetadata(stream, { maxCount: 100, acl: { readRoles: ['$all'] }, own: { any: ['thing'] } });
    await store.truncateStream(stream, 2);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({
      maxCount: 100,
      acl: { readRoles: ['$all'] },
      own: { any: ['thing'] },
      truncateBefore: 2,
    });
  });

  it('counts as removed also when somebody else deleted, truncated or tombstoned it', async () => {
    const category = freshStream().split('-')[0]!;
    const filter = { categories: [category] };
    const { checkpoint: after } = await store.head();
    const streams = ['deleted', 'truncated', 'tombstoned', 'kept'].map((id) => `${category}-${id}`);
    for (const stream of streams) await store.append(stream, [anEvent(), anEvent()], { expected: 'no-stream' });
    await client.deleteStream(streams[0]!);
    await client.setStreamMetadata(streams[1]!, { truncateBefore: 1 });
    await client.tombstoneStream(streams[2]!);
    const left = [`${category}-truncated 1`, `${category}-kept 0`, `${category}-kept 1`];
    const named = (some: { streamId: string; revision: number }[]) => some.map((e) => `${e.streamId} ${e.revision}`);
    expect(named(await eventsOf(store.readAll({ after, filter })))).toEqual(left);
    const another = await EventStoreDBEventStore.open(server.url);
    const ending = new AbortController();
    for await (const batch of another.subscribe({ after, filter, signal: ending.signal })) {
      if (!batch.caughtUp) continue;
      expect(named([...batch.events])).toEqual(left);
      ending.abort();
    }
    await another.close();
    expect(await allOf(store.readStream(streams[2]!))).toEqual([]);
    const refusal = store.append(streams[2]!, [anEvent()], { expected: 'any' });
    await expect(refusal).rejects.toThrow(`${streams[2]} was tombstoned`);
  });

  it('begins again where all of a stream was truncated by others', async () => {
    const stream = freshStream();
    await store.append(stream, [anEvent(), anEvent()], { expected: 'no-stream' });
    await client.setStreamMetadata(stream, { truncateBefore: 2 });
    expect(await allOf(store.readStream(stream))).toEqual([]);
    expect(await store.append(stream, [anEvent()], { expected: 'no-stream' })).toMatchObject({ revision: 2 });
    expect(await allOf(store.readStream(stream))).toMatchObject([{ revision: 2 }]);
  });
});
