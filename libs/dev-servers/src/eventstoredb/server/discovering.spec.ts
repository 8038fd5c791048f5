import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip, { type ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('discovering the server', () => {
  let server: EventStoreDBServer;
  const at = () => `127.0.0.1:${server.port}`;

  beforeAll(async () => void (server = await startEventStoreDB()));
  afterAll(() => server.stop());

  function ask<Answer>(
    call: (callback: (error: ServiceError | null, answer: Answer) => void) => unknown,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));
  }

  it('lists the methods it has, in lower case', async () => {
    const client = new featureServices.ServerFeaturesClient(at(), credentials.createInsecure());
    const answer = await ask<SupportedMethods>((callback) => client.getSupportedMethods(new shared.Empty(), callback));
    client.close();
    expect(answer.getEventStoreServerVersion()).toBe('23.10.0');
    const methods = answer.getMethodsList().map((method) => `${method.getServiceName()}/${method.getMethodName()}`);
    expect(methods).toEqual(
      expect.arrayContaining([
        'event_store.client.streams.streams/batchappend',
        'event_store.client.persistent_subscriptions.persistentsubscriptions/getinfo',
        'event_store.client.operations.operations/startscavenge',
        'event_store.client.gossip.gossip/read',
        'event_store.client.server_features.serverfeatures/getsupportedmethods',
      ]),
    );
    expect(methods).not.toContain('event_store.client.operations.operations/shutdown');
    const read = answer.getMethodsList().find((method) => method.getMethodName() === 'create')!;
    expect(read.getFeaturesList()).toEqual(['stream', 'all']);
  });

  it('is the leader of a cluster of one', async () => {
    const client = new gossipServices.GossipClient(at(), credentials.createInsecure());
    const answer = await ask<ClusterInfo>((callback) => client.read(new shared.Empty(), callback));
    client.close();
    const [member, ...others] = answer.getMembersList();
    expect(others).toEqual([]);
    expect(member!.getState()).toBe(gossip.MemberInfo.VNodeState.LEADER);
    expect(member!.getIsAlive()).toBe(true);
    expect(member!.getHttpEndPoint()!.toObject()).toEqual({ address: '127.0.0.1', port: server.port });
  });

  it.each(['leader', 'follower', 'random'])('is found by discovery of a %s', async (preference) => {
    const client = EventStoreDBClient.connectionString(
      `esdb+discover://${at()}?tls=false&nodePreference=${preference}`,
    );
    const { success } = await client.appendToStream(preference, jsonEvent({ type: 'x', data: {} }), {
      requiresLeader: true,
    });
    expect(success).toBe(true);
    await client.dispose();
  });

  it('says of what it does not have that it is not there', async () => {
    const client = EventStoreDBClient.connectionString(server.url);
    await expect(client.createProjection('p', 'fromAll()')).rejects.toThrow(/UNIMPLEMENTED/);
    await client.dispose();
  });
});
