import { EventStoreDBClient, jsonEvent, type StreamSubscription } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { liveBuffers } from '../../../test/live-buffers.js';
import { until } from '../../../../core/test/until.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';
import { streamIdentifier } from './stream-identifier.js';

const APPEND = '/event_store.client.streams.Streams/Append';
const BATCH_APPEND = '/event_store.client.streams.Streams/BatchAppend';
const READ = '/event_store.client.streams.Streams/Read';

function framed(message: Uint8Array, length = message.length): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(length, 1);
  frame.set(message, 5);
  return frame;
}

describe('a server among strange clients', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterEach(async () => {
    await expect(append('still-there')).resolves.toMatchObject({ success: true });
    await client.dispose();
    await server.stop();
  });

  const append = (stream: string, count = 1, data: Record<string, string> = {}) =>
    client.appendToStream(
      stream,
      Array.from({ length: count }, () => jsonEvent({ type: 'x', data })),
    );

  /** Sends bytes as the body of a call. @returns the status it ended with; undefined if the connection did */
  async function call(path: string, ...chunks: Uint8Array[]): Promise<number | undefined> {
    const session = connectHttp2(`http://127.0.0.1:${server.port}`).on('error', () => {});
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const request = session.request(headers).on('error', () => {});
    const closed = new Promise((resolve) => request.on('close', resolve));
    let ended: number | undefined;
    const note = (received: Record<string, unknown>) =>
      (ended ??= 'grpc-status' in received ? Number(received['grpc-status']) : undefined);
    request.on('response', note).on('trailers', note).resume();
    for (const chunk of chunks) request.write(chunk);
    request.end();
    await closed;
    session.destroy();
    return ended;
  }

  it.each([APPEND, BATCH_APPEND, READ])('refuses what is no message on %s', async (path) => {
    const garbage = Buffer.from('ff'.repeat(40), 'hex');
    expect(await call(path, framed(garbage))).toBeGreaterThan(0);
    expect(await call(path, garbage)).not.toBe(0);
    await call(path, framed(Buffer.alloc(3), 1_000)); // the rest never comes
  });

  it('refuses a message that is too large, whatever it is', async () => {
    const raw = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const request = new streams.AppendReq();
    const message = new streams.AppendReq.ProposedMessage();
    message.setData(new Uint8Array(17 * 1024 * 1024));
    request.setProposedMessage(message);
    const error = await new Promise<ServiceError | null>((resolve) =>
      raw
        .append((error: ServiceError | null) => resolve(error))
        .on('error', () => {})
        .end(request),
    );
    expect(error!.code).toBe(status.RESOURCE_EXHAUSTED);
    raw.close();
    for (const path of [APPEND, BATCH_APPEND, READ]) {
      expect(await call(path, framed(new Uint8Array(10), 2 ** 32 - 1))).not.toBe(status.OK);
    }
  });

  it('does not mind connections that are no HTTP/2', async () => {
    for (const words of ['GET / HTTP/1.1\r\n\r\n', '\u0000\u0000\u0000', 'x'.repeat(100_000)]) {
      const socket = connect(server.port, '127.0.0.1').on('error', () => {});
      socket.end(words);
      socket.resume();
      await once(socket, 'close');
    }
  });

  it('appends nothing of what a client that vanishes has begun', async () => {
    const raw = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const options = new streams.AppendReq.Options();
    options.setStreamIdentifier(streamIdentifier('half'));
    options.setAny(new shared.Empty());
    const first = new streams.AppendReq();
    first.setOptions(options);
    const event = new streams.AppendReq();
    const message = new streams.AppendReq.ProposedMessage();
    message.getMetadataMap().set('type', 'x').set('content-type', 'application/json');
    event.setProposedMessage(message);
    const broken = new Promise<ServiceError | null>((resolve) => {
      const call = raw.append((error: ServiceError | null) => resolve(error)).on('error', () => {});
      call.write(first);
      call.write(event, () => call.cancel());
    });
    expect((await broken)!.code).toBe(status.CANCELLED);
    raw.close();
    await append('after');
    const all = await Array.fromAsync(client.readAll());
    expect(all.map(({ event }) => event!.streamId)).toEqual(['after']);
  });

  it('holds little for subscribers that do not read, while others do', async () => {
    const COUNT = 100;
    const text = 'x'.repeat(100_000);
    for (let n = 0; n < COUNT; n++) await append('large', 1, { text });
    const raw = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const options = new streams.ReadReq.Options();
    const stream = new streams.ReadReq.Options.StreamOptions();
    stream.setStreamIdentifier(streamIdentifier('large'));
    stream.setStart(new shared.Empty());
    options.setStream(stream);
    options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
    options.setNoFilter(new shared.Empty());
    const request = new streams.ReadReq();
    request.setOptions(options);
    const before = liveBuffers();
    // One message is taken of each, so that they are under way.
    const idle = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const call = raw.read(request).on('error', () => {});
        await once(call, 'data');
        call.pause();
        return call;
      }),
    );
    const quick = client.subscribeToStream('large');
    let received = 0;
    await new Promise<void>((resolve) => quick.on('data', () => void (++received === COUNT && resolve())));
    await quick.unsubscribe();
    // 20 times the stream would be 200 MB.
    await until('little is held', () => liveBuffers() - before < 60_000_000);
    for (const call of idle) call.cancel();
    raw.close();
  });

  it('keeps the order for 200 subscriptions on one stream', async () => {
    const subscriptions: StreamSubscription[] = [];
    const taken = Array.from({ length: 200 }, async () => {
      const revisions: bigint[] = [];
      const subscription = client.subscribeToStream('shared');
      subscriptions.push(subscription);
      await new Promise<void>((resolve) =>
        subscription.on('data', ({ event }) => void (revisions.push(event!.revision) === 50 && resolve())),
      );
      return revisions;
    });
    await Promise.all(subscriptions.map((subscription) => once(subscription, 'caughtUp')));
    for (let n = 0; n < 10; n++) await append('shared', 5);
    const expected = Array.from({ length: 50 }, (_, n) => BigInt(n)).join();
    for (const revisions of await Promise.all(taken)) expect(revisions.join()).toBe(expected);
    await Promise.all(subscriptions.map((subscription) => subscription.unsubscribe()));
  });
});
