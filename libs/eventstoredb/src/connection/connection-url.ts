import type { NodePreference } from '@eventstore/db-client';
import { shownUrl } from '@gesta/core';

/** How URLs for this store look. */
export const EXAMPLE_URL = 'esdb://localhost:2113?tls=false';

/** What a URL says. */
export interface ConnectionSettings {
  /** The URL without login and options, for messages. */
  readonly shown: string;
  readonly hosts: readonly { readonly address: string; readonly port: number }[];
  /** Whether the host is asked for the nodes of its cluster. */
  readonly discover: boolean;
  readonly tls: boolean;
  /** Whether the server's certificate must be one that is trusted. */
  readonly verifyCertificate: boolean;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** Paths of PEM files. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly connectionName: string | undefined;
  readonly nodePreference: NodePreference;
  /** How long one call may take, in milliseconds. */
  readonly deadlineMs: number;
  /** As they were given, in milliseconds (the timeout of gossip in seconds); the client's own choice when absent. */
  readonly keepAliveInterval: number | undefined;
  readonly keepAliveTimeout: number | undefined;
  readonly discoveryInterval: number | undefined;
  readonly maxDiscoverAttempts: number | undefined;
  readonly gossipTimeout: number | undefined;
}

const DEFAULT_PORT = 2113;
const DEFAULT_DEADLINE_MS = 10_000;
const FORM =
  /^(?<scheme>esdb|kurrentdb|kurrent|kdb)(?<discover>\+discover)?:\/\/(?<authority>[^/?#]+)\/?(?:\?(?<query>.*))?$/is;
const HOST = /^(?<address>\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(?<port>\d{1,5}))?$/i;
const PREFERENCES: readonly NodePreference[] = ['leader', 'follower', 'read_only_replica', 'random'];

/** The options that a URL may have. `throwOnAppendFailure` is the client's; here a failed append always throws. */
const OPTIONS = [
  'tls',
  'tlsVerifyCert',
  'tlsCAFile',
  'userCertFile',
  'userKeyFile',
  'connectionName',
  'nodePreference',
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
  'discoveryInterval',
  'maxDiscoverAttempts',
  'gossipTimeout',
  'throwOnAppendFailure',
] as const;

type Option = (typeof OPTIONS)[number];

/**
 * What the URL says. Its options are those of EventStoreDB's clients; upper and lower case are the same.
 * @throws {RangeError} saying what is wrong with it, without its login
 */
export function connectionSettings(url: string): ConnectionSettings {
  const groups = FORM.exec(url.trim())?.groups;
  if (!groups) throw new RangeError(`'${shownUrl(url.trim())}' is no EventStoreDB URL: it looks like ${EXAMPLE_URL}`);
  const { authority, query, discover } = groups as { authority: string; query?: string; discover?: string };
  const at = authority.lastIndexOf('@');
  // An `@` in the options, or of a login that a sign in the password has cut in two.
  const isCut = (query ?? '').includes('@');
  if (isCut && (at >= 0 || !authority.split(',').every(isHost))) {
    throw new RangeError(
      `'${shownUrl(url.trim())}' is no EventStoreDB URL: a password with a sign such as / ? # @ has it percent-encoded (? as %3F)`,
    );
  }
  const hosts = authority.slice(at + 1);
  const scheme = `${groups.scheme!.toLowerCase()}${discover?.toLowerCase() ?? ''}`;
  const shown = shownUrl(isCut ? url.trim() : `${scheme}://${hosts}`);
  const options = optionsIn(query ?? '', shown);
  return {
    shown,
    hosts: hosts.split(',').map((host) => endpoint(host, shown)),
    discover: discover !== undefined,
    tls: truth(options, 'tls', shown),
    verifyCertificate: truth(options, 'tlsVerifyCert', shown),
    credentials: at < 0 ? undefined : login(authority.slice(0, at), shown),
    caFile: options.get('tlsCAFile'),
    certFile: options.get('userCertFile'),
    keyFile: options.get('userKeyFile'),
    connectionName: options.get('connectionName'),
    nodePreference: preference(options, shown),
    deadlineMs: whole(options, 'defaultDeadline', shown) ?? DEFAULT_DEADLINE_MS,
    keepAliveInterval: whole(options, 'keepAliveInterval', shown, -1),
    keepAliveTimeout: whole(options, 'keepAliveTimeout', shown, -1),
    discoveryInterval: whole(options, 'discoveryInterval', shown),
    maxDiscoverAttempts: whole(options, 'maxDiscoverAttempts', shown),
    gossipTimeout: whole(options, 'gossipTimeout', shown),
  };
}

function isHost(host: string): boolean {
  return HOST.test(host.trim());
}

function endpoint(host: string, shown: string): { address: string; port: number } {
  const groups = HOST.exec(host.trim())?.groups;
  const port = Number(groups?.port ?? DEFAULT_PORT);
  if (!groups || port < 1 || port > 65_535) {
    throw new RangeError(
      `${shown}: '${shownUrl(`esdb://${host}`).slice('esdb://'.length)}' is no host with a port; hosts look like db1:2113,db2:2113`,
    );
  }
  return { address: groups.address!, port };
}

function login(text: string, shown: string): { username: string; password: string } {
  const colon = text.indexOf(':');
  if (colon < 1) throw new RangeError(`${shown}: the login in the URL has no password; it looks like user:password@`);
  return {
    username: decoded(text.slice(0, colon), 'the login', shown),
    password: decoded(text.slice(colon + 1), 'the login', shown),
  };
}

function optionsIn(query: string, shown: string): Map<Option, string> {
  const options = new Map<Option, string>();
  for (const pair of query.split('&')) {
    if (!pair) continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const option = OPTIONS.find((known) => flat(known) === flat(name));
    if (!option) {
      // With an @ it is the rest of a password that is not encoded.
      const named = name.includes('@') ? 'an option' : `the option '${name}'`;
      throw new RangeError(`${shown}: ${named} is not known; there are ${OPTIONS.join(', ')}`);
    }
    options.set(option, decoded(equals < 0 ? '' : pair.slice(equals + 1).trim(), `the option ${option}`, shown));
  }
  return options;
}

const flat = (name: string): string => name.trim().toLowerCase().replace(/[_-]/g, '');

function decoded(text: string, what: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RangeError(`${shown}: ${what} is not percent-encoded as it should be (write % as %25)`);
  }
}

function truth(options: Map<Option, string>, option: Option, shown: string): boolean {
  const value = (options.get(option) ?? 'true').toLowerCase();
  if (value !== 'true' && value !== 'false') throw new RangeError(`${shown}: ${option} has to be true or false`);
  return value === 'true';
}

function whole(options: Map<Option, string>, option: Option, shown: string, least = 1): number | undefined {
  const text = options.get(option);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${shown}: ${option} is a whole number from ${least}`);
  }
  return value;
}

function preference(options: Map<Option, string>, shown: string): NodePreference {
  const text = options.get('nodePreference') ?? 'leader';
  const known = PREFERENCES.find((each) => flat(each) === flat(text));
  if (!known) throw new RangeError(`${shown}: nodePreference is one of ${PREFERENCES.join(', ')}`);
  return known;
}
