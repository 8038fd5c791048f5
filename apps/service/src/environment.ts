import { isIP } from 'node:net';
import { shownUrl } from '@gesta/core';

/** What the environment says about how to run; the stores' URLs are read by `GestaModule`. */
export interface Environment {
  /** The port to listen on; 0 takes any that is free. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
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

/** Where everything is when no store is named. */
const EMBEDDED = 'sqlite:./data/gesta.db';
const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/**
 * @param defaultPort where to listen when PORT is not set
 * @throws {InvalidEnvironment} with every variable that cannot be used
 */
export function environmentFrom(variables: NodeJS.ProcessEnv, defaultPort = 3000): Environment {
  const { PORT: port = String(defaultPort), HOST: host = '127.0.0.1' } = variables;
  const problems: string[] = [];
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    problems.push(`PORT is '${port}': set it to a number from 0 to 65535, such as ${defaultPort}`);
  }
  if (!isIP(host) && !HOST_NAME.test(host)) {
    problems.push(`HOST is '${host}': set it to an address to listen on, such as 127.0.0.1, or 0.0.0.0 for all`);
  }
  if (problems.length > 0) throw new InvalidEnvironment(problems);

  const events = variables.GESTA_EVENTS_URL || EMBEDDED;
  const documents = variables.GESTA_DOCUMENTS_URL || (/^(sqlite|memory):/.test(events) ? events : EMBEDDED);
  const data = [...new Set([events, documents])].map(shownUrl).join(' and ');
  return { port: Number(port), host, data };
}
