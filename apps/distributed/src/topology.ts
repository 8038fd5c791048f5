import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shownUrl } from '@gesta/core';
import type { ProcessOptions } from './supervised-process.js';

export interface TopologyOptions {
  /** Where the proxy listens. */
  readonly port: number;
  readonly host: string;
  /** The folder for the data of the local servers. */
  readonly data: string;
  /** How many processes answer the queries of each context. */
  readonly readReplicas: number;
  /** The stores, where others than the local servers are to be used. */
  readonly eventsUrl?: string | undefined;
  readonly documentsUrl?: string | undefined;
}

/** The processes of the distributed marketplace, in the order in which they start. */
export interface Topology {
  readonly servers: readonly (ProcessOptions & { readonly port: number })[];
  readonly services: readonly ProcessOptions[];
  readonly proxy: ProcessOptions;
  /** Where the stores are, as variables of the environment and as it may be shown. */
  readonly stores: readonly string[];
}

const CONTEXTS = ['ordering', 'inventory'];

const app = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @param ports as many free ports as there may be processes: see {@link portsNeeded} */
export function topologyOf(options: TopologyOptions, ports: readonly number[]): Topology {
  const { port, host, data, readReplicas, eventsUrl, documentsUrl } = options;
  const free = [...ports];
  const server = (name: string) => {
    const folder = resolve(join(data, name));
    const own = free.pop()!;
    const script = app(`distributed/dist/servers/${name}.js`);
    return { name, script, arguments: [String(own), folder], environment: {}, port: own };
  };
  const eventStoreDB = eventsUrl === undefined ? server('eventstoredb') : undefined;
  const mongoDB = documentsUrl === undefined ? server('mongodb') : undefined;
  const stores = {
    GESTA_EVENTS_URL: eventsUrl ?? `esdb://127.0.0.1:${eventStoreDB!.port}?tls=false`,
    GESTA_DOCUMENTS_URL: documentsUrl ?? `mongodb://127.0.0.1:${mongoDB!.port}/marketplace`,
  };

  const urls: Record<string, string> = {};
  const services = CONTEXTS.flatMap((context) =>
    (['command', 'query'] as const).flatMap((side) => {
      const replicas = side === 'query' ? readReplicas : 1;
      const taken = free.splice(-replicas);
      urls[`${context}_${side}_URL`.toUpperCase()] = taken.map((own) => `http://127.0.0.1:${own}`).join(',');
      return taken.map((own, index) => ({
        name: replicas > 1 ? `${context}-${side}-${index + 1}` : `${context}-${side}`,
        script: app(`${context}/dist/${side}.js`),
        environment: { ...stores, PORT: String(own), HOST: '127.0.0.1' },
      }));
    }),
  );
  return {
    servers: [eventStoreDB, mongoDB].filter((each) => each !== undefined),
    services,
    proxy: {
      name: 'proxy',
      script: app('proxy/dist/main.js'),
      environment: { ...urls, PORT: String(port), HOST: host },
    },
    stores: Object.entries(stores).map(([variable, url]) => `${variable}='${shownUrl(url)}'`),
  };
}

/** How many ports a topology takes, the proxy's left out. */
export const portsNeeded = (readReplicas: number): number => 2 + CONTEXTS.length * (1 + readReplicas);
