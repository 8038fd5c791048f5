import gossipServices, { type IGossipServer } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import featureServices, { type IServerFeaturesServer } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { randomUUID } from 'node:crypto';
import { clusterOfOne } from './gossip.js';
import { unary } from './handlers.js';
import { supportedMethods } from './server-features.js';
import type { ServerVersion } from './server-versions.js';
import type { Service } from './service.js';

/** The service `Gossip`. @param address where the server can be reached */
export function gossipService(address: () => { readonly host: string; readonly port: number }): Service {
  const instanceId = randomUUID();
  const implementation: IGossipServer = {
    read: unary(() => clusterOfOne(instanceId, address().host, address().port)),
  };
  return { definition: gossipServices.GossipService, implementation };
}

/** The service `ServerFeatures`. @param services the others */
export function serverFeaturesService(services: readonly Service[], version: ServerVersion): Service {
  const definition = featureServices.ServerFeaturesService;
  const implementation: IServerFeaturesServer = { getSupportedMethods: unary(() => methods) };
  const methods = supportedMethods([...services, { definition, implementation }], version);
  return { definition, implementation };
}
