import {
  EventStoreDBClient,
  jsonEvent,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type EventData,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scavenged } from '../../../test/scavenged.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const events = (count: number) => Array.from({ length: count }, (_, n) => jsonEvent({ type: 'placed', data: { n } }));

describe('appending the same events again', () => {
  let data: string;
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  const start = async () => {
    server = await startEventStoreDB({ data, readsLagMs: 0 });
    client = EventStoreDBClient.connectionString(server.url);
  };
  const stop = async () => {
    await client.dispose();
    await server.stop();
  };
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'gesta-eventstoredb-'));
    await start();
  });
  afterEach(async () => {
    await stop();
    rmSync(data, { recursive: true });
  });

  const append = (batch: EventData[], expectedRevision: AppendExpectedRevision) =>
    client.appendToStream('s', batch, { expectedRevision });
  const count = async () => (await Array.fromAsync(client.readStream('s'))).length;

  it.each([['no_stream' as const], [1n]])('at %s gives the first answer, also after a restart', async (expected) => {
    if (expected === 1n) await append(events(2), 'any');
    const batch = events(3);
    const first = await append(batch, expected);
    await append(events(1), 'any');
    const before = await count();
    expect(await append(batch, expected)).toEqual(first);
    await stop();
    await start();
    expect(await append(batch, expected)).toEqual(first);
    expect(await count()).toBe(before);
  });

  it.each(['any', 'stream_exists'] as const)(
    'at %s gives the first answer while the server remembers',
    async (expected) => {
      await append(events(1), 'any');
      const batch = events(3);
      const first = await append(batch, expected);
      await append(events(1), 'any');
      expect(await append(batch, expected)).toEqual(first);
      expect(await count()).toBe(5);
    },
  );

  it.each(['any', 'no_stream'] as const)('at %s has no position where the events cannot be read', async (expected) => {
    const batch = events(2);
    await append(batch, 'no_stream');
    await append(events(1), 'any');
    await client.setStreamMetadata('s', { truncateBefore: 2 });
    expect(await append(batch, expected)).toEqual({ success: true, nextExpectedRevision: 1n, position: undefined });
    await scavenged(server.port);
    expect(await append(batch, expected)).toEqual({ success: true, nextExpectedRevision: 1n, position: undefined });
    expect(await count()).toBe(1);
  });

  it('at any gives the first place of an event that has several', async () => {
    const [twice] = events(1);
    const first = await append([twice!], 'any');
    await append([twice!], 0n);
    expect(await count()).toBe(2);
    expect(await append([twice!], 'any')).toEqual(first);
    await client.appendToStream('other', [twice!]);
    expect(await append([twice!], 'any')).toEqual(first);
  });

  it('gives the first answer to a beginning of what was appended', async () => {
    const batch = events(3);
    await append(batch, 'no_stream');
    expect(await append(batch.slice(0, 2), 'no_stream')).toMatchObject({ success: true, nextExpectedRevision: 1n });
  });

  it.each([['no_stream' as const], ['any' as const]])('with others behind them is refused at %s', async (expected) => {
    const batch = events(2);
    await append(batch, 'no_stream');
    await expect(append([...batch, ...events(1)], expected)).rejects.toBeInstanceOf(WrongExpectedVersionError);
    expect(await count()).toBe(2);
  });

  it('to another stream is an append', async () => {
    const batch = events(1);
    await append(batch, 'any');
    expect(await client.appendToStream('other', batch)).toMatchObject({ success: true, nextExpectedRevision: 0n });
  });

  it('takes two identical appends in flight for one', async () => {
    const batch = events(2);
    await append(events(1), 'any');
    const [first, second] = await Promise.all([append(batch, 'any'), append(batch, 'any')]);
    expect(second).toEqual(first);
    expect(await count()).toBe(3);
  });
});
