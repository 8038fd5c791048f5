import type { StoreAdapter } from './store-adapter.js';
import { shownUrl } from './store-url.js';

/** What a store holds. */
export type StoreKind = 'events' | 'documents';

/** Where a store is. */
export interface StoreLocation {
  /** Opens the URL. */
  readonly adapter: StoreAdapter;
  readonly url: string;
  /** Who said so, for people: `by GESTA_EVENTS_URL`, `by default`, `where the events are`. */
  readonly source: string;
}

/** What is known of where a store may be. */
export interface Whereabouts {
  readonly adapters: readonly StoreAdapter[];
  /** The URL that somebody set, and who; empty or absent when nobody did. */
  readonly url: string | undefined;
  readonly source: string;
  /** The variable of the environment that may hold the URL. */
  readonly variable: string;
  /** The store that holds the other kind of data; it holds this kind too when nothing else is said. */
  readonly shared?: StoreLocation | undefined;
}

const OPENERS = { events: 'openEventStore', documents: 'openDocumentStore' } as const;

/** `a, b or c` */
const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** Where to look when nothing was said, by the adapter's scheme. */
const DEFAULT_URLS: Readonly<Record<string, string>> = { sqlite: 'sqlite:./data/gesta.db', memory: 'memory:' };

/** An adapter that Gesta brings along, to say what is missing. */
interface KnownAdapter {
  readonly name: string;
  readonly schemes: readonly string[];
  readonly holds: readonly StoreKind[];
}

const DURABLE_ADAPTERS: readonly KnownAdapter[] = [
  { name: 'sqlite() of @gesta/sqlite', schemes: ['sqlite'], holds: ['events', 'documents'] },
  {
    name: 'eventStoreDB() of @gesta/eventstoredb',
    schemes: ['esdb', 'kurrentdb', 'kurrent', 'kdb'],
    holds: ['events'],
  },
  { name: 'mongoDB() of @gesta/mongodb', schemes: ['mongodb'], holds: ['documents'] },
];
const KNOWN_ADAPTERS: readonly KnownAdapter[] = [
  ...DURABLE_ADAPTERS,
  { name: 'memory() of @gesta/core', schemes: ['memory'], holds: ['events', 'documents'] },
];

/**
 * Finds the store for one kind of data: by the URL that was set, else where the other kind is, else the embedded one.
 * @param refuse hears what is wrong and what to set, without what is secret in a URL
 * @returns `undefined` when it was refused
 */
export function locateStore(
  kind: StoreKind,
  { adapters, url, source, variable, shared }: Whereabouts,
  refuse: (problem: string) => void,
): StoreLocation | undefined {
  const suitable = adapters.filter((adapter) => adapter[OPENERS[kind]] !== undefined);
  if (!url) {
    if (shared && suitable.includes(shared.adapter)) return { ...shared, source: 'where the events are' };
    const adapter = embedded(suitable);
    if (adapter) return { adapter, url: DEFAULT_URLS[adapter.scheme]!, source: 'by default' };
    refuse(
      suitable.length > 0
        ? `No URL for the ${kind}: set ${variable} to ${examplesOf(suitable)}`
        : `No adapter holds ${kind}: add ${adaptersFor(kind)} to the adapters`,
    );
    return undefined;
  }

  const scheme = schemeOf(url);
  const adapter = scheme === undefined ? undefined : adapterOf(scheme, adapters);
  if (adapter && suitable.includes(adapter)) return { adapter, url, source: `by ${source}` };
  refuse(`${source} is '${shownUrl(url)}': ${whyNot(kind, url, scheme, adapter, suitable)}`);
  return undefined;
}

/** The schemes that more than one of the adapters opens. */
export function sharedSchemes(adapters: readonly StoreAdapter[]): readonly string[] {
  const schemes = adapters.flatMap((adapter) => [...new Set(schemesOf(adapter))]);
  return [...new Set(schemes.filter((scheme, index) => schemes.indexOf(scheme) !== index))];
}

/** Why the URL cannot be opened, and what to do. */
function whyNot(
  kind: StoreKind,
  url: string,
  scheme: string | undefined,
  adapter: StoreAdapter | undefined,
  suitable: readonly StoreAdapter[],
): string {
  const remedy =
    suitable.length > 0
      ? `set it to ${examplesOf(suitable)}`
      : `add ${adaptersFor(kind)} to the adapters, and set it to a URL of theirs`;
  // What looks like a scheme may be the name of who logs in, as in `ada:password@host`.
  if (scheme === undefined || !shownUrl(url).toLowerCase().startsWith(`${scheme}:`)) return `that is no URL; ${remedy}`;
  const known = KNOWN_ADAPTERS.find(({ schemes }) => names(scheme).some((name) => schemes.includes(name)));
  if (adapter || (known && !known.holds.includes(kind))) return `'${scheme}:' holds no ${kind}; ${remedy}`;
  if (!known) return `no adapter opens '${scheme}:'; ${remedy}`;
  return `add ${known.name} to the adapters${suitable.length > 0 ? `, or ${remedy}` : ''}`;
}

/** The embedded store where its adapter is there; otherwise none, unless there is only one thing it could be. */
function embedded(suitable: readonly StoreAdapter[]): StoreAdapter | undefined {
  const adapter =
    suitable.find(({ scheme }) => scheme === 'sqlite') ?? (suitable.length === 1 ? suitable[0] : undefined);
  return adapter && DEFAULT_URLS[adapter.scheme] === undefined ? undefined : adapter;
}

function schemeOf(url: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
}

/** What an adapter may call the scheme: `mongodb+srv:` is for the one of `mongodb:`, where none has that very name. */
function names(scheme: string): readonly string[] {
  return [scheme, scheme.split('+', 1)[0]!];
}

function adapterOf(scheme: string, adapters: readonly StoreAdapter[]): StoreAdapter | undefined {
  for (const name of names(scheme)) {
    const adapter = adapters.find((each) => schemesOf(each).includes(name));
    if (adapter) return adapter;
  }
  return undefined;
}

function schemesOf({ scheme, aliases = [] }: StoreAdapter): readonly string[] {
  return [scheme, ...aliases];
}

function examplesOf(adapters: readonly StoreAdapter[]): string {
  return EITHER.format(adapters.map(({ example }) => example));
}

function adaptersFor(kind: StoreKind): string {
  return EITHER.format(DURABLE_ADAPTERS.filter(({ holds }) => holds.includes(kind)).map(({ name }) => name));
}
