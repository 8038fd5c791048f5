import grpcServices from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import persistent, { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { EventStoreDBClient } from '@eventstore/db-client';
import { credentials, status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendNumbers, fromStart } from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';
import { streamIdentifier, uuidText } from '../server/stream-identifier.js';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const { ReadReq: Request } = persistent;

/** A call as other clients than the official one may make it. */
class RawCall {
  readonly responses: ReadResp[] = [];
  error: ServiceError | undefined;

  constructor(readonly call: ClientDuplexStream<ReadReq, ReadResp>) {
    call.on('data', (response) => this.responses.push(response)).on('error', (error) => (this.error = error as never));
  }

  get events(): ReadResp.ReadEvent[] {
    return this.responses.filter((response) => response.hasEvent()).map((response) => response.getEvent()!);
  }

  options(group: string): void {
    const options = new Request.Options()
      .setStreamIdentifier(streamIdentifier('orders-1'))
      .setGroupName(group)
      .setBufferSize(1)
      .setUuidOption(new Request.Options.UUIDOption().setStructured(new shared.Empty()));
    this.call.write(new Request().setOptions(options));
  }

  ack(...ids: InstanceType<typeof shared.UUID>[]): void {
    this.call.write(new Request().setAck(new Request.Ack().setIdsList(ids)));
  }

  async ended(): Promise<ServiceError> {
    await until('the call has ended', () => this.error);
    return this.error!;
  }
}

describe('A call that consumes', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;
  let grpc: InstanceType<typeof grpcServices.PersistentSubscriptionsClient>;
  let call: RawCall;

  beforeEach(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
    await client.createPersistentSubscriptionToStream('orders-1', 'shipping', fromStart());
    const address = `127.0.0.1:${server.port}`;
    grpc = new grpcServices.PersistentSubscriptionsClient(address, credentials.createInsecure());
    call = new RawCall(grpc.read());
  });
  afterEach(async () => {
    grpc.close();
    await client.dispose();
    await server.stop();
  });

  it('may want ids as numbers, and answer with them', async () => {
    await appendNumbers(client, 'orders-1', 2);
    call.options('shipping');
    await until('an event is there', () => call.events.length === 1);
    const id = call.events[0]!.getEvent()!.getId()!;
    expect(id.hasStructured()).toBe(true);
    expect(uuidText(id)).toMatch(/^[0-9a-f]{8}-/);
    call.ack(id);
    await until('the next one is there', () => call.events.length === 2);
  });

  it('goes on when the client has nothing more to say', async () => {
    call.options('shipping');
    call.call.end();
    await until('it is confirmed', () => call.responses.length === 1);
    await appendNumbers(client, 'orders-1', 1);
    await until('an event is there', () => call.events.length === 1);
    call.call.cancel();
  });

  it('has to begin with the options', async () => {
    call.ack();
    expect(await call.ended()).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('ends when it is answered with what is no id, and others get its messages', async () => {
    await appendNumbers(client, 'orders-1', 1);
    call.options('shipping');
    await until('an event is there', () => call.events.length === 1);
    call.ack(new shared.UUID().setString('nonsense'));
    expect(await call.ended()).toMatchObject({ code: status.INVALID_ARGUMENT });
    const other = new RawCall(grpc.read());
    other.options('shipping');
    await until('an event is there', () => other.events.length === 1);
    expect(other.events[0]!.getRetryCount()).toBe(1);
    other.call.cancel();
  });

  it('ends when it begins a second time', async () => {
    call.options('shipping');
    await until('it is confirmed', () => call.responses.length === 1);
    call.options('shipping');
    expect(await call.ended()).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('leaves no consumer behind when it is cancelled while it connects', async () => {
    call.options('shipping');
    call.call.cancel();
    expect(await call.ended()).toMatchObject({ code: status.CANCELLED });
    await until('nobody is connected', async () => {
      const { connections } = await client.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return connections.length === 0;
    });
  });
});
