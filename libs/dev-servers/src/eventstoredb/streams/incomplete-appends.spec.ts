import shared from '@eventstore/db-client/generated/shared_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams, {
  type AppendReq,
  type BatchAppendReq,
  type BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';
import { streamIdentifier, uuidMessage } from '../server/stream-identifier.js';

const WHOLE = { type: 'placed', 'content-type': 'application/json' };

function proposed<Message extends AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage>(
  message: Message,
  metadata: Record<string, string> = WHOLE,
  id = randomUUID() as string,
): Message {
  message.setId(uuidMessage(id, true));
  for (const [key, value] of Object.entries(metadata)) message.getMetadataMap().set(key, value);
  return message;
}

describe('appends that are not complete', () => {
  let server: EventStoreDBServer;
  let client: InstanceType<typeof services.StreamsClient>;

  beforeAll(async () => {
    server = await startEventStoreDB();
    client = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  function options(stream: string | undefined, expected: 'any' | 'nothing' = 'any'): AppendReq {
    const options = new streams.AppendReq.Options();
    if (stream !== undefined) options.setStreamIdentifier(streamIdentifier(stream));
    if (expected === 'any') options.setAny(new shared.Empty());
    const request = new streams.AppendReq();
    request.setOptions(options);
    return request;
  }

  function event(metadata?: Record<string, string>, id?: string): AppendReq {
    const request = new streams.AppendReq();
    request.setProposedMessage(proposed(new streams.AppendReq.ProposedMessage(), metadata, id));
    return request;
  }

  function append(...requests: AppendReq[]): Promise<ServiceError | undefined> {
    return new Promise((resolve) => {
      const call = client.append((error: ServiceError | null) => resolve(error ?? undefined));
      call.on('error', () => {});
      for (const request of requests) call.write(request);
      call.end();
    });
  }

  it('names the metadata that an event lacks', async () => {
    const incomplete: Record<string, string>[] = [{ type: 'placed' }, { 'content-type': 'application/json' }];
    for (const metadata of incomplete) {
      const error = await append(options('s'), event(metadata));
      expect(error).toMatchObject({ code: status.INVALID_ARGUMENT });
      expect(error!.metadata.getMap()).toMatchObject({
        exception: 'missing-required-metadata-property',
        'required-metadata-properties': 'type,content-type',
      });
    }
  });

  it.each([
    ['no stream', () => [options(undefined), event()]],
    ['an empty stream name', () => [options(''), event()]],
    ['no expected revision', () => [options('s', 'nothing'), event()]],
    ['no options', () => [event()]],
    ['options twice', () => [options('s'), options('s')]],
    ['an id that is no UUID', () => [options('s'), event(WHOLE, 'one')]],
    ['nothing', () => []],
  ])('refuses an append with %s', async (_, requests) => {
    expect(await append(...requests())).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('takes an id as two numbers', async () => {
    const id = 'fedcba98-7654-4321-8fed-cba987654321';
    const request = event();
    request.getProposedMessage()!.setId(uuidMessage(id, false));
    expect(await append(options('numbers'), request)).toBeUndefined();
    const read = new streams.ReadReq();
    const readOptions = new streams.ReadReq.Options();
    const stream = new streams.ReadReq.Options.StreamOptions();
    stream.setStreamIdentifier(streamIdentifier('numbers'));
    stream.setStart(new shared.Empty());
    readOptions.setStream(stream);
    readOptions.setCount('1');
    readOptions.setNoFilter(new shared.Empty());
    read.setOptions(readOptions);
    const [response] = (await once(client.read(read), 'data')) as [InstanceType<typeof streams.ReadResp>];
    const bits = response.getEvent()!.getEvent()!.getId()!.getStructured()!;
    expect(BigInt.asUintN(64, BigInt(bits.getMostSignificantBits())).toString(16)).toBe('fedcba9876544321');
    expect(BigInt.asUintN(64, BigInt(bits.getLeastSignificantBits())).toString(16)).toBe('8fedcba987654321');
  });

  describe('in a batch', () => {
    function batch(
      id: string,
      changes: { deadline?: number; stream?: string; metadata?: Record<string, string>; final?: boolean },
    ) {
      const request = new streams.BatchAppendReq();
      request.setCorrelationId(uuidMessage(id, true));
      const options = new streams.BatchAppendReq.Options();
      options.setAny(new shared.Empty());
      if (changes.stream !== '') options.setStreamIdentifier(streamIdentifier(changes.stream ?? 'batched'));
      if (changes.deadline) options.setDeadline(timestamp.Timestamp.fromDate(new Date(changes.deadline)));
      request.setOptions(options);
      request.addProposedMessages(proposed(new streams.BatchAppendReq.ProposedMessage(), changes.metadata));
      request.setIsFinal(changes.final ?? true);
      return request;
    }

    async function answerTo(request: BatchAppendReq): Promise<BatchAppendResp> {
      const call = client.batchAppend();
      call.write(request);
      const [response] = (await once(call, 'data')) as [BatchAppendResp];
      call.end();
      await once(call, 'end');
      return response;
    }

    const typeOf = (response: BatchAppendResp) => response.getError()?.getDetails()?.getTypeName();

    it.each([
      ['without a stream', { stream: '' }],
      ['with an event without a type', { metadata: { 'content-type': 'application/json' } }],
    ])('refuses one %s as a bad request, and takes the next', async (_, changes) => {
      const id = randomUUID();
      const response = await answerTo(batch(id, changes));
      expect(typeOf(response)).toBe('event_store.client.BadRequest');
      expect(response.getCorrelationId()!.getString()).toBe(id);
      expect((await answerTo(batch(randomUUID(), {}))).hasSuccess()).toBe(true);
    });

    it('drops one whose end does not come before its deadline', async () => {
      const response = await answerTo(batch(randomUUID(), { final: false, deadline: Date.now() + 50 }));
      expect(typeOf(response)).toBe('event_store.client.Timeout');
    });

    it('appends in parts what comes in parts', async () => {
      const id = randomUUID();
      const call = client.batchAppend();
      for (const final of [false, false, true]) {
        const request = batch(id, { final, stream: 'parts' });
        if (final) request.clearOptions();
        call.write(request);
      }
      const [response] = (await once(call, 'data')) as [BatchAppendResp];
      expect(response.getSuccess()!.getCurrentRevision()).toBe('2');
      call.end();
    });

    it('ends the call when an append has no correlation id', async () => {
      const call = client.batchAppend();
      const request = batch(randomUUID(), {});
      request.clearCorrelationId();
      call.write(request);
      const [error] = (await once(call, 'error')) as [ServiceError];
      expect(error.code).toBe(status.INVALID_ARGUMENT);
    });
  });
});
