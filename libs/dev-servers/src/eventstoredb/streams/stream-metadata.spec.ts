import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('stream metadata', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });
  afterEach(() => void jest.restoreAllMocks());

  const append = (stream: string, count = 1) =>
    client.appendToStream(
      stream,
      Array.from({ length: count }, (_, n) => jsonEvent({ type: 'x', data: { n } })),
    );
  const revisions = async (stream: string, options = {}) =>
    (await Array.fromAsync(client.readStream(stream, options))).map(({ event }) => Number(event!.revision));

  it('is kept as it was set', async () => {
    const metadata = {
      maxCount: 20,
      maxAge: 3_600,
      truncateBefore: 3,
      cacheControl: 15,
      acl: { readRoles: ['me'], writeRoles: ['you'], deleteRoles: ['$admins'] },
      own: 'anything',
    };
    expect(await client.getStreamMetadata('kept')).toEqual({ streamName: 'kept' });
    await client.setStreamMetadata('kept', metadata, { expectedRevision: 'no_stream' });
    expect(await client.getStreamMetadata('kept')).toMatchObject({ streamName: 'kept', metadata });
    await client.setStreamMetadata('kept', { maxCount: 1 }, { expectedRevision: 0n });
    expect((await client.getStreamMetadata('kept')).metadata).toEqual({ maxCount: 1 });
    expect(await revisions('$$kept')).toEqual([1]);
  });

  it('makes an existing stream', async () => {
    await client.setStreamMetadata('announced', { maxCount: 3 });
    const options = { expectedRevision: 'stream_exists' as const };
    expect((await client.appendToStream('announced', jsonEvent({ type: 'x', data: {} }), options)).success).toBe(true);
  });

  it('limits how many events are read', async () => {
    await append('counted', 5);
    await client.setStreamMetadata('counted', { maxCount: 2 });
    expect(await revisions('counted')).toEqual([3, 4]);
    expect(await revisions('counted', { direction: 'backwards', fromRevision: 'end' })).toEqual([4, 3]);
    expect(await revisions('counted', { fromRevision: 1n, maxCount: 1 })).toEqual([3]);
    await append('counted');
    expect(await revisions('counted')).toEqual([4, 5]);
  });

  it('cuts off the beginning', async () => {
    await append('cut', 5);
    await client.setStreamMetadata('cut', { truncateBefore: 3 });
    expect(await revisions('cut')).toEqual([3, 4]);
    expect(await revisions('cut', { direction: 'backwards', fromRevision: 2n })).toEqual([]);
    await client.setStreamMetadata('cut', { truncateBefore: 100 });
    expect(await revisions('cut')).toEqual([]);
    expect((await append('cut')).nextExpectedRevision).toBe(5n);
  });

  it('limits how old events are that are read', async () => {
    const now = jest.spyOn(Date, 'now');
    const hourAgo = Date.now() - 3_600_000;
    now.mockReturnValue(hourAgo);
    await append('aged', 2);
    now.mockRestore();
    await append('aged', 2);
    await client.setStreamMetadata('aged', { maxAge: 1_800 });
    expect(await revisions('aged')).toEqual([2, 3]);
    expect(await revisions('aged', { direction: 'backwards', fromRevision: 'end' })).toEqual([3, 2]);
    await client.setStreamMetadata('aged', { maxAge: 7_200 });
    expect(await revisions('aged')).toEqual([0, 1, 2, 3]);
  });

  it('that is no JSON object limits nothing', async () => {
    await append('strange', 3);
    for (const data of ['[]', '7', '{"$maxCount":-1,"$tb":"x","$maxAge":0}']) {
      const event = { ...jsonEvent({ type: '$metadata', data: {} }), data: JSON.parse(data) };
      await client.appendToStream('$$strange', event);
      expect(await revisions('strange')).toEqual([0, 1, 2]);
    }
  });

  it('is honoured by subscriptions', async () => {
    await append('followed', 5);
    await client.setStreamMetadata('followed', { truncateBefore: 3 });
    const subscription = client.subscribeToStream('followed');
    const seen: number[] = [];
    for await (const { event } of subscription) if (seen.push(Number(event!.revision)) === 2) break;
    expect(seen).toEqual([3, 4]);
    await subscription.unsubscribe();
  });
});
