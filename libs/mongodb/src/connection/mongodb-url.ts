import { MongoClient, type MongoClientOptions } from 'mongodb';

/** How such a URL looks. */
export const EXAMPLE_URL = 'mongodb://localhost:27017/gesta';

/** A client that is not connected yet, and what its URL says. */
export interface ConfiguredClient {
  readonly client: MongoClient;
  readonly database: string;
  /** The hosts and the database, for messages: no login, no parameters. */
  readonly address: string;
  readonly tls: boolean;
}

/** What the URL need not say. */
const DEFAULTS = {
  appName: 'gesta',
  // A server that is away is noticed, and waited for, so long and no longer.
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  heartbeatFrequencyMS: 2_000,
  waitQueueTimeoutMS: 10_000,
  // What is acknowledged outlives the loss of a member, and of power: MongoDB takes a majority to have it on disk.
  w: 'majority',
  wtimeoutMS: 10_000,
} as const satisfies MongoClientOptions;

/**
 * Fields that the driver is to leave as bytes: none. It looks their names up in this object, and finds `constructor` and
 * the like in one that has a prototype.
 */
const NOT_AS_BYTES = Object.create(null) as Record<string, never>;

/** Other names that URLs have for the options. */
const ALIASES: Readonly<Record<string, string>> = { wtimeout: 'wtimeoutms' };

/**
 * The client of a URL. Whatever parameters the URL has, the driver's, come before Gesta's own preferences.
 * @throws {RangeError} saying what is wrong with the URL, without showing its login
 */
export function configuredClient(url: string): ConfiguredClient {
  if (!/^mongodb(\+srv)?:\/\//i.test(url)) throw wrongUrl('it does not begin with mongodb:// or mongodb+srv://');
  const client = clientOf(url);
  const { hosts, srvHost, tls = false, writeConcern } = client.options;
  const database = databaseOf(url);
  if (writeConcern?.w === 0) throw wrongUrl('w=0 would lose writes unnoticed: leave it out, or give w=majority');
  const address = `${srvHost ?? hosts.map(String).join(',')}/${database}`;
  return { client, database, address, tls };
}

function clientOf(url: string): MongoClient {
  const said = new Set(
    [...new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]).keys()].map((name) => {
      const lower = name.toLowerCase();
      return ALIASES[lower] ?? lower;
    }),
  );
  const unsaid = Object.entries(DEFAULTS).filter(([name]) => !said.has(name.toLowerCase()));
  try {
    return new MongoClient(url, { ...Object.fromEntries(unsaid), fieldsAsRaw: NOT_AS_BYTES });
  } catch (error) {
    const hint = url.includes('@') ? ' (in a login, write special characters as %XX)' : '';
    throw wrongUrl((error as Error).message + hint, error);
  }
}

function databaseOf(url: string): string {
  const name = /^[^:]+:\/\/(?:.*@)?[^/?]*\/([^?]*)/s.exec(url)?.[1] ?? '';
  if (name === '') throw wrongUrl('it does not name the database behind the host');
  const database = decodeURIComponent(name);
  if (/[\s/\\.$"*<>:|?\0]/.test(database) || Buffer.byteLength(database) > 63) {
    throw wrongUrl(`'${database}' cannot be a database's name`);
  }
  return database;
}

function wrongUrl(reason: string, cause?: unknown): RangeError {
  return new RangeError(`The URL is not right: ${reason}; it should look like ${EXAMPLE_URL}`, { cause });
}
