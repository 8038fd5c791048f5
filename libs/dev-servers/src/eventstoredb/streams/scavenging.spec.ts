import { EventStoreDBClient, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import services from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations, { type ScavengeResp } from '@eventstore/db-client/generated/operations_pb.js';
import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

const { STARTED } = operations.ScavengeResp.ScavengeResult;

describe('scavenging', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;
  let raw: InstanceType<typeof services.OperationsClient>;

  beforeAll(async () => {
    server = await startEventStoreDB({ readsLagMs: 0 });
    client = EventStoreDBClient.connectionString(server.url);
    raw = new services.OperationsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });
  afterAll(async () => {
    raw.close();
    await client.dispose();
    await server.stop();
  });

  const append = (stream: string, count = 1) =>
    client.appendToStream(
      stream,
      Array.from({ length: count }, () => jsonEvent({ type: 'x', data: {} })),
    );
  const name = ({ event }: ResolvedEvent) => `${event!.revision}@${event!.streamId}`;
  const all = async () => (await Array.fromAsync(client.readAll())).map(name);

  function start(): Promise<ScavengeResp> {
    return new Promise((resolve, reject) => {
      raw.startScavenge(new operations.StartScavengeReq(), (error: ServiceError | null, response: ScavengeResp) =>
        error ? reject(error) : resolve(response),
      );
    });
  }
  function stop(id: string): Promise<ServiceError | ScavengeResp> {
    const request = new operations.StopScavengeReq();
    const options = new operations.StopScavengeReq.Options();
    options.setScavengeId(id);
    request.setOptions(options);
    return new Promise((resolve) => {
      raw.stopScavenge(request, (error: ServiceError | null, response: ScavengeResp) => resolve(error ?? response));
    });
  }
  /** Runs one to its end: only then is the id not known any more. */
  async function scavenge(): Promise<void> {
    const response = await start();
    expect(response.getScavengeResult()).toBe(STARTED);
    while ((await start()).getScavengeId() === response.getScavengeId());
    while (!((await stop((await start()).getScavengeId())) instanceof Error));
  }

  it('removes what no reader sees, and keeps revisions and links numbered as they were', async () => {
    await append('old-1', 3);
    await client.setStreamMetadata('old-1', { maxCount: 2 });
    await client.setStreamMetadata('old-1', { maxCount: 1 });
    await append('gone-1', 2);
    await client.deleteStream('gone-1');
    await append('over-1', 2);
    await client.setStreamMetadata('over-1', { maxCount: 2 });
    await client.tombstoneStream('over-1');
    await append('whole-1', 2);
    await scavenge();
    expect(await all()).toEqual([
      '2@old-1',
      '1@$$old-1',
      '1@gone-1',
      '0@$$gone-1',
      '9223372036854775807@over-1',
      '0@whole-1',
      '1@whole-1',
    ]);
    await append('gone-1');
    expect((await Array.fromAsync(client.readStream('gone-1'))).map(name)).toEqual(['2@gone-1']);
    await append('over-2');
    const links = await Array.fromAsync(client.readStream('$ce-over', { resolveLinkTos: true }));
    expect(links.map(({ event, link }) => [Number(link!.revision), event?.streamId])).toEqual([
      [2, undefined],
      [3, 'over-2'],
    ]);
  });

  it('takes any place in what was scavenged, and no other', async () => {
    const from = (commit: bigint) =>
      Array.fromAsync(client.readAll({ fromPosition: { commit, prepare: commit } })).then(
        (found) => found.length,
        (error: Error) => error.message,
      );
    await append('far-1', 4);
    const [first, second] = (await Array.fromAsync(client.readAll()))
      .map(({ event }) => event!.position!.commit)
      .slice(-4);
    expect(await from(first! + 1n)).toContain('invalid position');
    await client.setStreamMetadata('far-1', { maxCount: 1 });
    await scavenge();
    expect(await from(first! + 1n)).toBe(2);
    expect(await from(second!)).toBe(2);
    await append('near-1', 2);
    const last = (await Array.fromAsync(client.readAll())).at(-1)!.event!.position!.commit;
    expect(await from(last - 1n)).toContain('invalid position');
  });

  it('answers that a scavenge is not known', async () => {
    const error = (await stop('none')) as ServiceError;
    expect(error.code).toBe(status.NOT_FOUND);
    expect(error.metadata.getMap()).toMatchObject({ exception: 'scavenge-not-found', 'scavenge-id': 'none' });
  });
});
