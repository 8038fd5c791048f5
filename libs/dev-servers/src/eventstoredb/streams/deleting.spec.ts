import {
  EventStoreDBClient,
  jsonEvent,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('deleting', () => {
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

  const append = (stream: string, count = 1, options = {}) =>
    client.appendToStream(
      stream,
      Array.from({ length: count }, (_, n) => jsonEvent({ type: 'x', data: { n } })),
      options,
    );
  const read = (stream: string) => Array.fromAsync(client.readStream(stream));
  const revisions = async (stream: string) => (await read(stream)).map(({ event }) => Number(event!.revision));

  describe('a stream', () => {
    it('hides its events, but not from $all', async () => {
      await append('hidden', 2);
      const { position } = await client.deleteStream('hidden');
      await expect(read('hidden')).rejects.toBeInstanceOf(StreamNotFoundError);
      const all = await Array.fromAsync(client.readAll());
      expect(all.filter(({ event }) => event!.streamId === 'hidden')).toHaveLength(2);
      expect(all.at(-1)!.event).toMatchObject({ streamId: '$$hidden', type: '$metadata', position });
    });

    it.each(['any', 'no_stream', 1n] as const)('allows to begin it again at %s, where it ended', async (expected) => {
      const stream = `again-${expected}`;
      await append(stream, 2);
      await client.setStreamMetadata(stream, { owner: 'me' });
      await client.deleteStream(stream);
      expect((await append(stream, 1, { expectedRevision: expected })).nextExpectedRevision).toBe(2n);
      expect(await revisions(stream)).toEqual([2]);
      const { metadata } = await client.getStreamMetadata(stream);
      expect(metadata).toEqual({ truncateBefore: 2 });
      expect((await append(stream, 1, { expectedRevision: 2n })).nextExpectedRevision).toBe(3n);
      expect(await revisions(stream)).toEqual([2, 3]);
    });

    it('is not an existing one any more', async () => {
      await append('no-more');
      await client.deleteStream('no-more');
      await expect(append('no-more', 1, { expectedRevision: 'stream_exists' })).rejects.toBeInstanceOf(
        StreamDeletedError,
      );
    });

    it('comes back with new metadata, without what it had', async () => {
      await append('back', 2);
      await client.deleteStream('back');
      await client.setStreamMetadata('back', { maxCount: 10 });
      expect(await revisions('back')).toEqual([]);
      await append('back');
      expect(await revisions('back')).toEqual([2]);
      expect((await client.getStreamMetadata('back')).metadata).toEqual({ maxCount: 10, truncateBefore: 2 });
    });

    it('is done at the revision that is expected only', async () => {
      await append('guarded', 2);
      for (const expectedRevision of [0n, 5n, 'no_stream'] as const) {
        const error = await client.deleteStream('guarded', { expectedRevision }).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({
          streamName: 'guarded',
          expectedVersion: expectedRevision === 'no_stream' ? -1n : expectedRevision,
          actualVersion: 1n,
        });
      }
      await client.deleteStream('guarded', { expectedRevision: 1n });
      await expect(read('guarded')).rejects.toBeInstanceOf(StreamNotFoundError);
    });

    it('is refused for one that never was, whatever is expected, unless it has metadata', async () => {
      for (const expectedRevision of ['any', 'no_stream', 0n] as const) {
        const error = await client.deleteStream('never', { expectedRevision }).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(WrongExpectedVersionError);
        expect(error).toMatchObject({ streamName: 'never', actualVersion: -1n });
      }
      await client.setStreamMetadata('announced', { maxCount: 1 });
      await client.deleteStream('announced', { expectedRevision: 'no_stream' });
    });
  });

  describe('for ever', () => {
    it('ends the stream for readers and writers', async () => {
      await append('ended', 2);
      const { position } = await client.tombstoneStream('ended');
      const attempts = [
        read('ended'),
        append('ended'),
        append('ended', 1, { credentials: { username: 'admin', password: 'changeit' } }),
        client.deleteStream('ended'),
        client.tombstoneStream('ended'),
        client.setStreamMetadata('ended', { maxCount: 1 }),
        read('$$ended'),
      ];
      for (const attempt of await Promise.allSettled(attempts)) {
        expect(attempt).toMatchObject({ reason: expect.any(StreamDeletedError) });
      }
      const [last] = await Array.fromAsync(
        client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }),
      );
      expect(last!.event).toMatchObject({
        type: '$streamDeleted',
        streamId: 'ended',
        position,
        revision: 2n ** 63n - 1n,
      });
    });

    it('is told with any name', async () => {
      await client.tombstoneStream('ströme 流');
      await expect(read('ströme 流')).rejects.toMatchObject({
        type: 'stream-deleted',
        streamName: 'str%C3%B6me %E6%B5%81',
        message: expect.stringContaining("'ströme 流'"),
      });
    });

    it('is done at the revision that is expected only', async () => {
      await append('guarded-end');
      await expect(client.tombstoneStream('guarded-end', { expectedRevision: 3n })).rejects.toMatchObject({
        streamName: 'guarded-end',
        expectedVersion: 3n,
        actualVersion: 0n,
      });
      await client.tombstoneStream('guarded-end', { expectedRevision: 0n });
    });

    it('can be done to a stream that is not there', async () => {
      await client.tombstoneStream('never-begun');
      await expect(append('never-begun')).rejects.toBeInstanceOf(StreamDeletedError);
    });
  });

  it.each(['deleteStream', 'tombstoneStream'] as const)('%s finds no stream where one was deleted', async (remove) => {
    const stream = `gone-${remove}`;
    await append(stream, 2);
    await client.deleteStream(stream);
    const older = client[remove](stream, { expectedRevision: 0n });
    await expect(older).rejects.toMatchObject({ expectedVersion: 0n, actualVersion: 1n });
    expect((await client[remove](stream, { expectedRevision: 'no_stream' })).position).toBeDefined();
  });

  it('tells the revision that was expected in all its digits', async () => {
    await append('digits');
    const expectedRevision = 9_007_199_254_740_993n;
    for (const remove of ['deleteStream', 'tombstoneStream'] as const) {
      const refused = client[remove]('digits', { expectedRevision });
      await expect(refused).rejects.toMatchObject({ expectedVersion: expectedRevision, actualVersion: 0n });
    }
    await expect(client.deleteStream('digits', { expectedRevision: 2n ** 63n })).rejects.toThrow(/out of the range/);
  });

  it('leaves link streams alone', async () => {
    await expect(client.deleteStream('$ce-order')).rejects.toThrow(/links/);
  });

  it('can be done to metadata: it stays until it ends for ever', async () => {
    await append('described', 3);
    await client.setStreamMetadata('described', { maxCount: 1 });
    expect((await client.deleteStream('$$described')).position).toBeDefined();
    expect(await revisions('described')).toEqual([2]);
    expect((await client.getStreamMetadata('described')).metadata).toEqual({ maxCount: 1 });
    await client.tombstoneStream('$$described');
    expect(await revisions('described')).toEqual([0, 1, 2]);
    await expect(read('$$described')).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.setStreamMetadata('described', { maxCount: 2 })).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.deleteStream('described')).rejects.toBeInstanceOf(StreamDeletedError);
  });
});
