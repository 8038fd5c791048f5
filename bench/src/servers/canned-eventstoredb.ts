import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { once } from 'node:events';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { metadataByHand } from '../floor/append-by-client.js';
import type { TaskContext } from '../processes/task.js';

/** So many different events are there to be sent, again and again. */
const EVENTS = 1_000;
const EVENTS_EACH = 10;
const asItIs = (bytes: Buffer) => bytes;

/** Runs the canned server until its process is ended. Tells its URL. */
export async function run(_input: object, { tell }: TaskContext): Promise<never> {
  tell((await openCannedEventStoreDB()).url);
  return new Promise(() => undefined);
}

/**
 * A server that keeps nothing: it acknowledges every append at once, and answers every read with events that were
 * encoded beforehand, as many as were asked for.
 */
export async function openCannedEventStoreDB(): Promise<{ url: string; close(): void }> {
  const { read, batchAppend } = services.StreamsService;
  const { getSupportedMethods } = featureServices.ServerFeaturesService;
  const server = new Server();
  server.addService(
    {
      read: { ...read, responseSerialize: asItIs },
      batchAppend: { ...batchAppend, requestDeserialize: asItIs, responseSerialize: asItIs },
    },
    { read: answerRead, batchAppend: acknowledge },
  );
  server.addService({ getSupportedMethods }, { getSupportedMethods: answerMethods });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { url: `esdb://127.0.0.1:${port}?tls=false`, close: () => server.forceShutdown() };
}

/** What the answer says beside whose append it is. */
const ACKNOWLEDGEMENT = acknowledgement();

/** Request and answer both begin with the append's id: what is neither decoded nor encoded costs nothing. */
function acknowledge(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.on('data', (request: Buffer) =>
    call.write(Buffer.concat([request.subarray(0, 2 + request[1]!), ACKNOWLEDGEMENT])),
  );
  call.on('error', () => undefined); // the client is gone
  call.on('end', () => call.end());
}

function acknowledgement(): Buffer {
  const position = new shared.AllStreamPosition();
  position.setCommitPosition('4711');
  position.setPreparePosition('4711');
  const success = new streams.BatchAppendResp.Success();
  success.setCurrentRevision('7');
  success.setPosition(position);
  const response = new streams.BatchAppendResp();
  response.setSuccess(success);
  return Buffer.from(response.serializeBinary());
}

async function answerRead(call: ServerWritableStream<ReadReq, Buffer>): Promise<void> {
  const count = Number(call.request.getOptions()!.getCount());
  for (let sent = 0; sent < count && !call.cancelled; sent++) {
    if (!call.write(RESPONSES[sent % EVENTS]!)) await once(call, 'drain');
  }
  call.end();
}

const RESPONSES = Array.from({ length: EVENTS }, (_, index) => {
  const [order, revision] = [Math.floor(index / EVENTS_EACH), index % EVENTS_EACH];
  const { id, type, data, ...kept } = orderEventToAppend(order, revision);
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(orderStreamOf(order)));
  const uuid = new shared.UUID();
  uuid.setString(id);
  const record = new streams.ReadResp.ReadEvent.RecordedEvent();
  record.setId(uuid);
  record.setStreamIdentifier(identifier);
  record.setStreamRevision(String(revision));
  record.setCommitPosition(String(index * 500));
  record.setPreparePosition(String(index * 500));
  record.getMetadataMap().set('type', type).set('created', '17637000000000000').set('content-type', 'application/json');
  record.setCustomMetadata(Buffer.from(JSON.stringify(metadataByHand(kept))));
  record.setData(Buffer.from(JSON.stringify(data)));
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(record);
  event.setCommitPosition(String(index * 500));
  const response = new streams.ReadResp();
  response.setEvent(event);
  return Buffer.from(response.serializeBinary());
});

/** Without batch appends among the methods, the client would not use them. */
function answerMethods(
  _call: ServerUnaryCall<shared.Empty, features.SupportedMethods>,
  answer: sendUnaryData<features.SupportedMethods>,
): void {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion('23.10.0');
  for (const name of ['read', 'batchappend']) {
    const method = new features.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    supported.addMethods(method);
  }
  answer(null, supported);
}
