import { isIP } from 'node:net';
import { applicationSettings, shownUrl } from '@gesta/core';
import { storeAdapters } from './store-adapters.js';

/** Where a server is to listen. */
export interface Listening {
  /** The port to listen on; 0 takes any that is free. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
}

/** What the environment says about how to run a service. */
export interface Environment extends Listening {
  /** Where the data lies, as it may be shown: URLs without what is secret. */
  readonly data: string;
}

/** The environment cannot be worked with. Lists everything that is wrong, and what to set instead. */
export class InvalidEnvironment extends Error {
  override readonly name = 'InvalidEnvironment';
  constructor(readonly problems: readonly string[]) {
    super(['Cannot start in this environment:', ...problems].join('\n- '));
  }
}

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/**
 * The environment of a service that keeps its data in stores.
 * @param defaultPort where to listen when PORT is not set
 * @throws {InvalidEnvironment} with every variable that cannot be used, those of `GestaModule` too
 */
export function environmentFrom(variables: NodeJS.ProcessEnv, defaultPort = 3000): Environment {
  const { problems, ...listening } = listeningIn(variables, defaultPort);
  const stores = applicationSettings({ adapters: storeAdapters() }, variables, 'of the service');
  if ('problems' in stores) throw new InvalidEnvironment([...problems, ...stores.problems]);
  if (problems.length > 0) throw new InvalidEnvironment(problems);
  const urls = [stores.events, stores.documents].map(({ url }) => url);
  return { ...listening, data: [...new Set(urls)].map(shownUrl).join(' and ') };
}

/**
 * The environment of a server that has no stores.
 * @param defaultPort where to listen when PORT is not set
 * @throws {InvalidEnvironment} with every variable that cannot be used
 */
export function listeningFrom(variables: NodeJS.ProcessEnv, defaultPort = 3000): Listening {
  const { problems, ...listening } = listeningIn(variables, defaultPort);
  if (problems.length > 0) throw new InvalidEnvironment(problems);
  return listening;
}

/** Whether the API is described to whoever asks: not in production, unless `API_DOCS` is `true`. */
export function describesApi({ NODE_ENV: kind, API_DOCS: asked }: NodeJS.ProcessEnv): boolean {
  return asked === undefined ? kind !== 'production' : asked === 'true';
}

function listeningIn(
  { PORT: port, HOST: host = '127.0.0.1' }: NodeJS.ProcessEnv,
  defaultPort: number,
): Listening & { readonly problems: readonly string[] } {
  const problems: string[] = [];
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) {
    problems.push(`PORT is '${port}': set it to a number from 0 to 65535, such as ${defaultPort}`);
  }
  if (!isIP(host) && !HOST_NAME.test(host)) {
    problems.push(`HOST is '${host}': set it to an address to listen on, such as 127.0.0.1, or 0.0.0.0 for all`);
  }
  return { port: Number(port ?? defaultPort), host, problems };
}
