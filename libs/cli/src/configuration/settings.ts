import { shownUrl, type StoreAdapter, type UnknownEventPolicy } from '@gesta/core';
import { dirname } from 'node:path';
import { ConfigurationProblem } from './configuration-problem.js';
import { databaseUrl } from './database-file.js';
import type { GestaConfig } from './gesta-config.js';

/** A store's URL, and the adapter that opens it. */
export interface StoreSetting {
  readonly adapter: StoreAdapter;
  readonly url: string;
  /** Who said so, for people. */
  readonly source: string;
}

/** What was configured, complete. */
export interface Settings {
  readonly events: StoreSetting;
  readonly documents: StoreSetting;
  readonly unknownEvents: UnknownEventPolicy | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Kind = 'events' | 'documents';

const VARIABLES = { events: 'GESTA_EVENTS_URL', documents: 'GESTA_DOCUMENTS_URL' } as const;
const POLICIES: readonly string[] = ['fail', 'park', 'skip'] satisfies UnknownEventPolicy[];
const EMBEDDED = 'sqlite:./data/gesta.db';

/**
 * What the configuration file says, and where it is silent the environment, else the embedded store: what
 * `GestaModule.forRoot` makes of the same options.
 * @param file the configuration file, where relative paths start
 * @throws {ConfigurationProblem} with everything that is wrong
 */
export function settingsOf(config: GestaConfig, file: string, env: Environment): Settings {
  const problems: string[] = [];
  const folder = dirname(file);
  const located = (kind: Kind, fallback?: StoreSetting) => {
    try {
      return storeSetting(kind, config, env, folder, fallback);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const events = located('events');
  const documents = located('documents', events);
  const policy = config.unknownEvents ?? (env.GESTA_UNKNOWN_EVENTS || undefined);
  if (policy !== undefined && !POLICIES.includes(policy)) {
    const source = config.unknownEvents === undefined ? 'GESTA_UNKNOWN_EVENTS' : '`unknownEvents`';
    problems.push(`${source} is '${policy}': set it to ${POLICIES.join(', ')}`);
  }
  if (!events || !documents || problems.length > 0) throw new ConfigurationProblem(file, problems);
  return { events, documents, unknownEvents: policy as UnknownEventPolicy | undefined };
}

/** @throws {RangeError} when the URL, or its having none, cannot work */
function storeSetting(
  kind: Kind,
  config: GestaConfig,
  env: Environment,
  folder: string,
  fallback: StoreSetting | undefined,
): StoreSetting {
  const said = config[kind]
    ? { url: config[kind], source: `\`${kind}\` of the configuration` }
    : { url: env[VARIABLES[kind]], source: VARIABLES[kind] };
  const suitable = config.adapters.filter((adapter) => holds(adapter, kind));
  const examples = suitable.map(({ example }) => example).join(' or ');
  if (suitable.length === 0) throw new RangeError(`no adapter holds ${kind}: add one to \`adapters\``);
  if (!said.url) {
    if (fallback && holds(fallback.adapter, kind)) return { ...fallback, source: 'where the events are' };
    const embedded = suitable.find(({ scheme }) => scheme === 'sqlite');
    if (embedded) return { adapter: embedded, url: databaseUrl(EMBEDDED, folder), source: 'by default' };
    throw new RangeError(`no URL for the ${kind}: set ${VARIABLES[kind]} to ${examples}`);
  }
  const { url, source } = said;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (!scheme) throw new RangeError(`${source} is '${shownUrl(url)}', which is no URL: set it to ${examples}`);
  const plain = scheme.split('+', 1)[0]; // mongodb+srv: is for the adapter of mongodb:
  const adapter = suitable.find(({ scheme: own, aliases = [] }) =>
    [own, ...aliases].some((each) => each === scheme || each === plain),
  );
  if (!adapter) {
    throw new RangeError(
      `${source} is '${shownUrl(url)}', and no adapter holds ${kind} there: add one to \`adapters\`, or set it to ${examples}`,
    );
  }
  return { adapter, url: databaseUrl(url, folder), source: `by ${source}` };
}

function holds(adapter: StoreAdapter, kind: Kind): boolean {
  return (kind === 'events' ? adapter.openEventStore : adapter.openDocumentStore) !== undefined;
}
