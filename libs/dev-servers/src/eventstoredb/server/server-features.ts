import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { SERVER_VERSIONS, type ServerVersion } from './server-versions.js';
import type { Service } from './service.js';

/** What a method can do beside what its name says. */
function featuresOf(path: string): string[] {
  if (path.includes('.persistentsubscriptions/')) return ['stream', 'all'];
  return path.endsWith('.streams/read') ? ['position', 'events'] : [];
}

/** What clients ask first: which methods the server has. Their names are in lower case, as EventStoreDB gives them. */
export function supportedMethods(
  services: readonly Omit<Service, 'close'>[],
  version: ServerVersion,
): SupportedMethods {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion(SERVER_VERSIONS[version]);
  for (const { definition, implementation } of services) {
    for (const [name, method] of Object.entries(definition)) {
      if (!(name in implementation)) continue;
      const path = method.path.toLowerCase();
      const [, serviceName = '', methodName = ''] = path.split('/');
      const entry = new features.SupportedMethod();
      entry.setServiceName(serviceName);
      entry.setMethodName(methodName);
      entry.setFeaturesList(featuresOf(path));
      supported.addMethods(entry);
    }
  }
  return supported;
}
