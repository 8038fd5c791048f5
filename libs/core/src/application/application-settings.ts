import type { UnknownEventPolicy } from '../observability/notice.js';
import type { StoreAdapter } from '../store/store-adapter.js';
import { locateStore, sharedSchemes, type StoreKind, type StoreLocation } from '../store/store-location.js';

/** What an application says in code of its stores, and of events that it does not know. */
export interface SettingsInCode {
  /** The kinds of stores that the URLs may name. */
  readonly adapters: readonly StoreAdapter[];
  /** The URL of the event store. */
  readonly events?: string | undefined;
  /** The URL of the document store. */
  readonly documents?: string | undefined;
  /** What happens to events of unknown names or versions. */
  readonly unknownEvents?: UnknownEventPolicy | undefined;
}

/** What was configured, checked and complete. */
export interface ApplicationSettings {
  readonly events: StoreLocation;
  readonly documents: StoreLocation;
  /** Absent when nobody said anything. */
  readonly unknownEvents: UnknownEventPolicy | undefined;
}

/** What was configured cannot work. */
export interface WrongSettings {
  /** Everything that is wrong, in words that say what to set, and without what is secret in a URL. */
  readonly problems: readonly string[];
}

const VARIABLES = { events: 'GESTA_EVENTS_URL', documents: 'GESTA_DOCUMENTS_URL' } as const;
const POLICIES: readonly string[] = ['fail', 'park', 'skip'] satisfies UnknownEventPolicy[];

/**
 * What an application says in code, and where it is silent the environment: `GESTA_EVENTS_URL`, `GESTA_DOCUMENTS_URL` and
 * `GESTA_UNKNOWN_EVENTS`. Without a URL events are in the embedded store, `sqlite:./data/gesta.db`, where its adapter is
 * given, else in memory where `memory()` is all there is; documents are where the events are, where that store holds
 * them, else as for events.
 * @param place where the code is that says it, for messages: `in GestaModule.forRoot`
 */
export function applicationSettings(
  inCode: SettingsInCode,
  environment: Readonly<Record<string, string | undefined>>,
  place: string,
): ApplicationSettings | WrongSettings {
  const problems: string[] = [];
  const refuse = (problem: string) => void problems.push(problem);
  const adapters = checkedAdapters(inCode.adapters, place, refuse);
  const locate = (kind: StoreKind, shared?: StoreLocation) => {
    const [url, source] = inCode[kind]
      ? [inCode[kind], `\`${kind}\` ${place}`]
      : [environment[VARIABLES[kind]], VARIABLES[kind]];
    return locateStore(kind, { adapters, url, source, variable: VARIABLES[kind], shared }, refuse);
  };
  const events = adapters.length > 0 ? locate('events') : undefined;
  const documents = adapters.length > 0 ? locate('documents', events) : undefined;
  const unknownEvents = policy(inCode.unknownEvents, environment, place, refuse);
  return events && documents && problems.length === 0 ? { events, documents, unknownEvents } : { problems };
}

function checkedAdapters(given: unknown, place: string, refuse: (problem: string) => void): readonly StoreAdapter[] {
  if (!Array.isArray(given) || given.length === 0) {
    refuse(`\`adapters\` ${place} names no store: write \`adapters: [sqlite()]\`, with sqlite() of @gesta/sqlite`);
    return [];
  }
  if (!given.every(isAdapter)) {
    refuse(`\`adapters\` ${place} holds what is no adapter: write \`adapters: [sqlite()]\`, not \`[sqlite]\``);
    return [];
  }
  const adapters: readonly StoreAdapter[] = given;
  for (const scheme of sharedSchemes(adapters)) refuse(`Two adapters open '${scheme}:' URLs: keep one of them`);
  return adapters;
}

function isAdapter(given: unknown): given is StoreAdapter {
  return typeof (given as StoreAdapter | null | undefined)?.scheme === 'string';
}

function policy(
  inCode: UnknownEventPolicy | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  place: string,
  refuse: (problem: string) => void,
): UnknownEventPolicy | undefined {
  const asked: string | undefined = inCode ?? (environment.GESTA_UNKNOWN_EVENTS || undefined);
  if (asked === undefined || POLICIES.includes(asked)) return asked as UnknownEventPolicy | undefined;
  const source = inCode === undefined ? 'GESTA_UNKNOWN_EVENTS' : `\`unknownEvents\` ${place}`;
  refuse(`${source} is '${asked}': set it to fail, park or skip`);
  return undefined;
}
