import { EventStoreDBClient, jsonEvent, StreamNotFoundError, type ResolvedEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const pointer = ({ event, link }: ResolvedEvent) => Buffer.from((link ?? event)!.data as Uint8Array).toString('utf8');
const target = ({ event }: ResolvedEvent) => event && `${event.revision}@${event.streamId}`;

describe('streams of links', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
    const append = (stream: string, ...types: string[]) =>
      client.appendToStream(
        stream,
        types.map((type) => jsonEvent({ type, data: {} })),
      );
    await append('order-1', 'placed', 'paid');
    await append('payment-1', 'paid');
    await append('order-2-b', 'placed');
    await append('plain', 'placed');
    await append('-odd', 'odd');
  });
  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });

  const read = (stream: string, options = {}) => Array.fromAsync(client.readStream(stream, options));

  it('has a category up to the first hyphen', async () => {
    const links = await read('$ce-order');
    expect(links.map(pointer)).toEqual(['0@order-1', '1@order-1', '0@order-2-b']);
    expect(links.map(({ event }) => [event!.streamId, event!.revision, event!.type, event!.isJson])).toEqual(
      [0n, 1n, 2n].map((revision) => ['$ce-order', revision, '$>', false]),
    );
    expect(new Set(links.map(({ event }) => event!.id)).size).toBe(3);
    await expect(read('$ce-')).rejects.toBeInstanceOf(StreamNotFoundError);
    await expect(read('$ce-plain')).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it('has the events of a type', async () => {
    expect((await read('$et-paid')).map(pointer)).toEqual(['1@order-1', '0@payment-1']);
    await expect(read('$et-never')).rejects.toBeInstanceOf(StreamNotFoundError);
  });

  it('has the first event of each stream', async () => {
    expect((await read('$streams')).map(pointer)).toEqual([
      '0@order-1',
      '0@payment-1',
      '0@order-2-b',
      '0@plain',
      '0@-odd',
    ]);
  });

  it('gives the event with the link when asked to', async () => {
    const events = await read('$ce-order', { resolveLinkTos: true });
    expect(events.map(target)).toEqual(['0@order-1', '1@order-1', '0@order-2-b']);
    expect(events.map(({ link }) => link!.revision)).toEqual([0n, 1n, 2n]);
    expect(events.map(({ event }) => event!.type)).toEqual(['placed', 'paid', 'placed']);
  });

  it('is read from anywhere in both directions', async () => {
    const options = { resolveLinkTos: true, maxCount: 2 };
    expect((await read('$ce-order', { ...options, fromRevision: 1n })).map(target)).toEqual([
      '1@order-1',
      '0@order-2-b',
    ]);
    expect((await read('$et-placed', { ...options, fromRevision: 'end', direction: 'backwards' })).map(target)).toEqual(
      ['0@plain', '0@order-2-b'],
    );
  });

  it('follows links that a client wrote', async () => {
    const link = (data: string) => ({
      ...jsonEvent({ type: '$>', data: {} }),
      contentType: 'application/octet-stream' as const,
      data: Buffer.from(data),
    });
    await client.appendToStream('mine', ['1@order-1', '9@order-1', '0@never', '7'].map(link));
    const events = await read('mine', { resolveLinkTos: true });
    expect(events.map(target)).toEqual(['1@order-1', undefined, undefined, undefined]);
    expect(events.map(({ link }) => link!.revision)).toEqual([0n, 1n, 2n, 3n]);
    const all = await Array.fromAsync(
      client.readAll({ resolveLinkTos: true, direction: 'backwards', fromPosition: 'end', maxCount: 4 }),
    );
    expect(all.map(target)).toEqual([undefined, undefined, undefined, '1@order-1']);
    const odd = [
      'nonsense',
      '',
      'x@order-1',
      '99999999999999999999@order-1',
      ' +1 @order-1',
      '-1@order-1',
      '-2@order-1',
    ];
    await client.appendToStream('odd', odd.map(link));
    const read2 = await read('odd', { resolveLinkTos: true });
    // What has no number in front is an event as any other.
    expect(read2.map(target)).toEqual(['0@odd', '1@odd', '2@odd', '3@odd', '1@order-1', '1@order-1', undefined]);
    expect(read2.map(({ link }) => link?.revision)).toEqual([undefined, undefined, undefined, undefined, 4n, 5n, 6n]);
  });

  it('leads nowhere when the event cannot be read any more', async () => {
    await client.appendToStream('gone-1', [jsonEvent({ type: 'g', data: {} }), jsonEvent({ type: 'g', data: {} })]);
    await client.appendToStream('gone-2', jsonEvent({ type: 'g', data: {} }));
    await client.appendToStream('gone-3', jsonEvent({ type: 'g', data: {} }));
    await client.setStreamMetadata('gone-1', { truncateBefore: 1 });
    await client.deleteStream('gone-2');
    const events = await read('$ce-gone', { resolveLinkTos: true });
    expect(events.map(pointer)).toEqual(['0@gone-1', '1@gone-1', '0@gone-2', '0@gone-3']);
    expect(events.map(target)).toEqual([undefined, '1@gone-1', undefined, '0@gone-3']);
  });

  it('honours metadata of its own', async () => {
    await client.appendToStream(
      'few-1',
      [1, 2, 3].map(() => jsonEvent({ type: 'f', data: {} })),
    );
    await client.setStreamMetadata('$ce-few', { maxCount: 2 });
    expect((await read('$ce-few')).map(pointer)).toEqual(['1@few-1', '2@few-1']);
  });

  it('can be subscribed to', async () => {
    const subscription = client.subscribeToStream('$ce-live', { resolveLinkTos: true });
    const seen: (string | undefined)[] = [];
    subscription.once('caughtUp', () => {
      for (let n = 0; n < 3; n++) void client.appendToStream(`live-${n}`, jsonEvent({ type: 'l', data: {} }));
    });
    for await (const event of subscription) if (seen.push(target(event)) === 3) break;
    expect(seen.toSorted()).toEqual(['0@live-0', '0@live-1', '0@live-2']);
  });
});
