import { MongoClient, type Document, type MongoClientOptions } from 'mongodb';

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
 * Whatever the URL prefers. A secondary lags behind what was just written, and what no majority has may be taken back:
 * whoever decides on it moves a checkpoint past a document that is gone.
 */
const ALWAYS = { readPreference: 'primary', readConcern: { level: 'majority' } } as const satisfies MongoClientOptions;

/** Parameters of the URL about where to read. Whatever they say, it is the primary; a set without secondaries opens all the same. */
const READ_FROM: ReadonlySet<string> = new Set([
  'readpreference',
  'readpreferencetags',
  'maxstalenessseconds',
  'readconcernlevel',
]);

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
  if (writeConcern?.journal === false) {
    throw wrongUrl('journal=false would lose what was acknowledged with the power: leave it out');
  }
  const address = `${srvHost ?? hosts.map(String).join(',')}/${database}`;
  return { client, database, address, tls };
}

function clientOf(url: string): MongoClient {
  const address = withoutParameters(url, READ_FROM);
  const said = new Set(
    [...new URLSearchParams(/\?(.*)$/s.exec(address)?.[1]).keys()].map((name) => {
      const lower = name.toLowerCase();
      return ALIASES[lower] ?? lower;
    }),
  );
  const unsaid = Object.entries(DEFAULTS).filter(([name]) => !said.has(name.toLowerCase()));
  try {
    return new MongoClient(address, { ...Object.fromEntries(unsaid), ...ALWAYS, fieldsAsRaw: NOT_AS_BYTES });
  } catch (error) {
    const hint = url.includes('@') ? ' (in a login, write special characters as %XX)' : '';
    throw wrongUrl((error as Error).message + hint, error);
  }
}

function withoutParameters(url: string, names: ReadonlySet<string>): string {
  const [, before, query] = /^([^?]*)\?(.*)$/s.exec(url) ?? [];
  if (query === undefined) return url;
  const left = query.split('&').filter((parameter) => !names.has(parameter.split('=')[0]!.toLowerCase()));
  return left.length === 0 ? before! : `${before}?${left.join('&')}`;
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

/**
 * @param hello what the server says of itself
 * @throws {RangeError} when the URL is content with fewer members of a replica set than a majority
 */
export function checkWriteConcern({ options }: MongoClient, hello: Document): void {
  const w = options.writeConcern?.w;
  if (typeof w !== 'number' || (hello.setName === undefined && hello.msg !== 'isdbgrid')) return;
  const members = [hello.hosts, hello.passives, hello.arbiters].flatMap(
    (names) => (names as string[] | undefined) ?? [],
  );
  if (hello.setName !== undefined && w > members.length / 2) return;
  throw wrongUrl(
    `w=${w} is less than a majority of the replica set, and another primary would take back what was acknowledged: leave it out, or give w=majority`,
  );
}

function wrongUrl(reason: string, cause?: unknown): RangeError {
  return new RangeError(`The URL is not right: ${reason}; it should look like ${EXAMPLE_URL}`, { cause });
}
