import { shownUrl, type StoreAdapter, type UnknownEventPolicy } from '@gesta/core';
import type { GestaModuleOptions } from '../module/gesta-module-options.js';
import { ConfigurationError } from './configuration-error.js';

/** A store's URL and the adapter that opens it. */
export interface StoreLocation {
  readonly adapter: StoreAdapter;
  readonly url: string;
}

/** What was configured, checked and complete. */
export interface Settings {
  readonly events: StoreLocation;
  readonly documents: StoreLocation;
  readonly unknownEvents: UnknownEventPolicy | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Kind = 'events' | 'documents';

const VARIABLES = { events: 'GESTA_EVENTS_URL', documents: 'GESTA_DOCUMENTS_URL' } as const;
const OPENERS = { events: 'openEventStore', documents: 'openDocumentStore' } as const;
const POLICIES: readonly string[] = ['fail', 'park', 'skip'] satisfies UnknownEventPolicy[];

/** Where to look when nothing was said, by the adapter's scheme. */
const DEFAULT_URLS: Readonly<Record<string, string>> = { sqlite: 'sqlite:./data/gesta.db', memory: 'memory:' };

/** Who opens the schemes that Gesta knows of, to say what is missing. */
const KNOWN_ADAPTERS: Readonly<Record<string, string>> = {
  sqlite: 'sqlite() of @gesta/sqlite',
  memory: 'memory() of @gesta/core',
  esdb: 'eventStoreDB() of @gesta/eventstoredb',
  kurrentdb: 'eventStoreDB() of @gesta/eventstoredb',
  mongodb: 'mongoDB() of @gesta/mongodb',
};

/**
 * What the options say, and where they are silent the environment.
 * @throws {ConfigurationError} with everything that is wrong
 */
export function checkedSettings(options: GestaModuleOptions, environment: Environment): Settings {
  const problems: string[] = [];
  const adapters = checkedAdapters(options.adapters, problems);
  const events = location('events', options, environment, adapters, problems);
  const shared = events && holds(events.adapter, 'documents') ? events.url : undefined;
  const documents = location('documents', options, environment, adapters, problems, shared);
  const unknownEvents = policy(options, environment, problems);
  if (!events || !documents || problems.length > 0) throw new ConfigurationError(problems);
  return { events, documents, unknownEvents };
}

function checkedAdapters(given: unknown, problems: string[]): readonly StoreAdapter[] {
  if (!Array.isArray(given) || given.length === 0) {
    problems.push('No store adapters: give some, as in GestaModule.forRoot({ adapters: [sqlite()] })');
    return [];
  }
  const adapters = given as StoreAdapter[];
  const schemes = adapters.flatMap(({ scheme, aliases = [] }) => [scheme, ...aliases]);
  for (const scheme of new Set(schemes.filter((scheme, index) => schemes.indexOf(scheme) !== index))) {
    problems.push(`Two adapters open '${scheme}:' URLs: give one of them`);
  }
  return adapters;
}

function location(
  kind: Kind,
  options: GestaModuleOptions,
  environment: Environment,
  adapters: readonly StoreAdapter[],
  problems: string[],
  shared?: string,
): StoreLocation | undefined {
  if (adapters.length === 0) return undefined;
  const variable = VARIABLES[kind];
  const url = options[kind] || environment[variable] || shared || defaultUrl(kind, adapters);
  const suitable = adapters.filter((adapter) => holds(adapter, kind));
  const examples = suitable.map(({ example }) => example).join(' or ') || `nothing: no adapter given holds ${kind}`;
  if (!url) {
    problems.push(`No URL for the ${kind}: set ${variable} to ${examples}`);
    return undefined;
  }

  const source = options[kind] ? `\`${kind}\` in GestaModule.forRoot` : variable;
  const refuse = (reason: string) => {
    problems.push(`${source} is '${shownUrl(url)}': ${reason}`);
    return undefined;
  };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (!scheme) return refuse(`that is no URL; set it to ${examples}`);
  const base = scheme.split('+', 1)[0]!; // mongodb+srv: is the adapter's for mongodb:
  const adapter = adapters.find(({ scheme: own, aliases = [] }) =>
    [own, ...aliases].some((each) => each === scheme || each === base),
  );
  if (!adapter) {
    const missing = KNOWN_ADAPTERS[base];
    return refuse(
      missing
        ? `add ${missing} to the adapters, or set it to ${examples}`
        : `no adapter opens '${scheme}:'; set it to ${examples}`,
    );
  }
  if (!holds(adapter, kind)) return refuse(`'${scheme}:' holds no ${kind}; set it to ${examples}`);
  return { adapter, url };
}

function holds(adapter: StoreAdapter, kind: Kind): boolean {
  return adapter[OPENERS[kind]] !== undefined;
}

/** The embedded store where its adapter is there; otherwise none, unless there is only one thing it could be. */
function defaultUrl(kind: Kind, adapters: readonly StoreAdapter[]): string | undefined {
  const suitable = adapters.filter((adapter) => holds(adapter, kind));
  const adapter =
    suitable.find(({ scheme }) => scheme === 'sqlite') ?? (suitable.length === 1 ? suitable[0] : undefined);
  return adapter && DEFAULT_URLS[adapter.scheme];
}

function policy(
  { unknownEvents }: GestaModuleOptions,
  environment: Environment,
  problems: string[],
): UnknownEventPolicy | undefined {
  const asked: string | undefined = unknownEvents ?? (environment.GESTA_UNKNOWN_EVENTS || undefined);
  if (asked === undefined || POLICIES.includes(asked)) return asked as UnknownEventPolicy | undefined;
  const source = unknownEvents === undefined ? 'GESTA_UNKNOWN_EVENTS' : '`unknownEvents` in GestaModule.forRoot';
  problems.push(`${source} is '${asked}': set it to fail, park or skip`);
  return undefined;
}
