import {
  AccessDeniedError,
  binaryEvent,
  DeadlineExceededError,
  EventStoreDBClient,
  jsonEvent,
  MaxAppendSizeExceededError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type AppendToStreamOptions,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const placed = (data: Record<string, number> = {}) => jsonEvent({ type: 'placed', data });

// With credentials the client makes one call per append, without it makes one for all of them.
const calls: [string, AppendToStreamOptions][] = [
  ['BatchAppend', {}],
  ['Append', { credentials: { username: 'admin', password: 'changeit' } }],
];

describe.each(calls)('appending by %s', (call, options) => {
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

  const append = (stream: string, count: number, expectedRevision: AppendExpectedRevision = 'any') =>
    client.appendToStream(
      stream,
      Array.from({ length: count }, (_, n) => placed({ n })),
      { ...options, expectedRevision },
    );

  const read = (stream: string) => Array.fromAsync(client.readStream(stream));

  it('answers with the revision and the position of the last event', async () => {
    const first = await append('answered', 2);
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 1n });
    const second = await append('answered', 1);
    expect(second.nextExpectedRevision).toBe(2n);
    expect(second.position!.commit).toBeGreaterThan(first.position!.commit);
    expect(second.position!.prepare).toBe(second.position!.commit);
  });

  it('keeps bytes, JSON and metadata as they were sent', async () => {
    const data = Uint8Array.from([0, 255, 10, 128]);
    const binary = binaryEvent({ type: 'image', data, metadata: { from: 'ö' } });
    const json = jsonEvent({ type: 'text', data: { a: [1, 'ü'] }, metadata: { $correlationId: 'c' } });
    await client.appendToStream('kept', [binary, json], options);
    const events = await Array.fromAsync(client.readStream('kept'));
    expect(events[0]!.event).toMatchObject({ id: binary.id, type: 'image', isJson: false, metadata: { from: 'ö' } });
    expect(Buffer.from(events[0]!.event!.data as Uint8Array)).toEqual(Buffer.from(data));
    expect(events[1]!.event).toMatchObject({
      id: json.id,
      isJson: true,
      data: json.data,
      metadata: json.metadata,
      revision: 1n,
    });
    expect(Math.abs(events[1]!.event!.created.getTime() - Date.now())).toBeLessThan(5_000);
  });

  it.each(['no_stream', 'any'] as const)('begins a stream at %s', async (expected) => {
    expect((await append(`begun-${expected}`, 1, expected)).nextExpectedRevision).toBe(0n);
  });

  it.each(['any', 'stream_exists', 1n] as const)('goes on with a stream at %s', async (expected) => {
    await append(`continued-${expected}`, 2);
    expect((await append(`continued-${expected}`, 1, expected)).nextExpectedRevision).toBe(2n);
  });

  it.each([
    ['no_stream', 2, 'no_stream', 1n],
    [0n, 2, 0n, 1n],
    [7n, 2, 7n, 1n],
    [7n, 0, 7n, 'no_stream'],
    ['stream_exists', 0, 'stream_exists', 'no_stream'],
  ] as const)(
    'refuses %s when the stream has %d events',
    async (expected, existing, expectedVersion, actualVersion) => {
      const stream = `refused-${expected}-${existing}`;
      if (existing > 0) await append(stream, existing);
      const error = await append(stream, 1, expected).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({ streamName: stream, expectedVersion, actualVersion });
    },
  );

  it('tells a client that does not throw, too', async () => {
    const lenient = EventStoreDBClient.connectionString(`${server.url}&throwOnAppendFailure=false`);
    await append('lenient', 2);
    const answer = await lenient.appendToStream('lenient', placed(), { ...options, expectedRevision: 'no_stream' });
    expect(answer.success).toBe(false);
    await lenient.dispose();
  });

  it('appends no events at all if there are none, at a place that no reader sees', async () => {
    const { position: before } = await append('empty', 2);
    const { position, ...answer } = await append('empty', 0);
    expect(answer).toEqual({ success: true, nextExpectedRevision: 1n });
    expect(position!.commit).toBeGreaterThan(before!.commit);
    expect((await append('empty', 1)).position!.commit).toBeGreaterThan(position!.commit);
    expect((await append('never-begun', 0)).position).toBeDefined();
    await expect(Array.fromAsync(client.readStream('never-begun'))).rejects.toThrow(/not found/);
    await expect(append('empty', 0, 0n)).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  it('begins a deleted stream again, also without events', async () => {
    await append('empty-again', 2);
    await client.deleteStream('empty-again');
    await expect(append('empty-again', 0, 'no_stream')).rejects.toBeInstanceOf(WrongExpectedVersionError);
    expect(await append('empty-again', 0)).toMatchObject({ success: true, nextExpectedRevision: 1n });
    expect(await read('empty-again')).toEqual([]);
    expect((await client.getStreamMetadata('empty-again')).metadata).toEqual({ truncateBefore: 2 });
  });

  it('takes a UUID in any form, and not the one of zeros', async () => {
    const id = 'ab3c11d0-4a38-4c1e-9d3e-3b7b0f1f2a44';
    const bare = id.replaceAll('-', '');
    for (const form of [`{${id}}`, `(${id})`, bare, ` ${id.toUpperCase()} `]) {
      await client.appendToStream('forms', { ...placed(), id: form }, { ...options, expectedRevision: 'no_stream' });
    }
    const [event, ...others] = await Array.fromAsync(client.readStream('forms'));
    expect([event!.event!.id, others]).toEqual([id, []]);
    const nil = '00000000-0000-0000-0000-000000000000';
    for (const wrong of [{ id: nil }, { id: `{${bare}}` }, { id: `${id}0` }, { type: '' }]) {
      const refused = client.appendToStream('forms', { ...placed(), ...wrong }, options);
      await expect(refused).rejects.toMatchObject({ type: expect.any(String) });
    }
    expect(await read('forms')).toHaveLength(1);
  });

  it('tells the revision that was expected in all its digits, and refuses what is none', async () => {
    const expectedRevision = 9_007_199_254_740_993n;
    const error = await append('digits', 1, expectedRevision).catch((error: unknown) => error);
    expect(error).toMatchObject({ expectedVersion: expectedRevision, actualVersion: 'no_stream' });
    await expect(append('digits', 1, 2n ** 63n)).rejects.not.toBeInstanceOf(WrongExpectedVersionError);
    expect(await append('digits', 1, 2n ** 64n - 1n)).toMatchObject({ success: true, nextExpectedRevision: 0n });
  });

  it('takes up to 1 MiB at once, and refuses more', async () => {
    const half = () => binaryEvent({ type: 'x', data: new Uint8Array(512 * 1024 - 2) });
    await client.appendToStream('large', [half(), half()], options);
    const error = await client
      .appendToStream('large', [half(), half(), half()], options)
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: 1024 * 1024 });
    expect(await Array.fromAsync(client.readStream('large', { fromRevision: 1n }))).toHaveLength(1);
  });

  it('refuses an append whose deadline is over', async () => {
    const late = client.appendToStream('late', placed(), { ...options, deadline: -1 });
    await expect(late).rejects.toBeInstanceOf(DeadlineExceededError);
  });

  it('keeps the order of appends that are in flight together', async () => {
    await client.appendToStream('warm', placed()); // opens the call that the others share
    const all = Array.from({ length: 200 }, (_, n) => client.appendToStream('ordered', placed({ n })));
    const answers = await Promise.all(all);
    expect(answers.map((answer) => Number(answer.nextExpectedRevision))).toEqual([...Array(200).keys()]);
    const events = await Array.fromAsync(client.readStream('ordered'));
    expect(events.map(({ event }) => (event!.data as { n: number }).n)).toEqual([...Array(200).keys()]);
  });

  it('keeps appends to $all and to link streams to itself', async () => {
    await expect(append('$all', 1)).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(append('$ce-order', 1)).rejects.toThrow(call === 'Append' ? /stream of links/ : /BadRequest/);
  });
});

describe.each(calls)('the size of an append by %s', (_, options) => {
  it.each([
    ['23.10', false],
    ['24.2', true],
  ] as const)('of %s', async (version, countsDataOnly) => {
    const server = await startEventStoreDB({ version });
    const client = EventStoreDBClient.connectionString(server.url);
    const metadata = new Uint8Array(1024 * 1024);
    const append = client.appendToStream('s', binaryEvent({ type: 'x', data: new Uint8Array(9), metadata }), options);
    const outcome = await append.then(
      ({ success }) => success,
      (error: unknown) => !(error instanceof MaxAppendSizeExceededError),
    );
    expect(outcome).toBe(countsDataOnly);
    await client.dispose();
    await server.stop();
  });
});
