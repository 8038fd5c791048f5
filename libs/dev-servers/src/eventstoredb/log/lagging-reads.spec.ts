import { EventStoreDBClient, jsonEvent, StreamNotFoundError } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('reads that lag', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    server = await startEventStoreDB({ readsLagMs: 60_000 });
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  const append = (stream: string, expectedRevision: 'any' | 'no_stream' = 'any') =>
    client.appendToStream(stream, jsonEvent({ type: 'x', data: {} }), { expectedRevision }).then(
      () => 'appended',
      (error: Error) => error.constructor.name,
    );
  const count = async (stream: string) => (await Array.fromAsync(client.readStream(stream))).length;

  it('do not show what has just refused another writer', async () => {
    const both = await Promise.all([append('a', 'no_stream'), append('a', 'no_stream')]);
    expect(both.sort()).toEqual(['WrongExpectedVersionError', 'appended']);
    await expect(count('a')).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it('show what nobody was refused by', async () => {
    await append('a');
    await append('a');
    expect(await count('a')).toBe(2);
  });

  it('do not find a stream that has just begun again, nor that it has', async () => {
    await append('a');
    await client.deleteStream('a');
    expect(await append('a', 'no_stream')).toBe('appended');
    await expect(count('a')).rejects.toBeInstanceOf(StreamNotFoundError);
    const { metadata } = await client.getStreamMetadata('a');
    expect(metadata!.truncateBefore).toBeGreaterThan(2 ** 53);
  });
});
