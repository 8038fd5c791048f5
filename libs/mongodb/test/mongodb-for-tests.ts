import { startMongoDB, type MongoDBServer } from '@gesta/dev-servers';
import { afterAll, beforeAll, jest } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { randomUUID } from 'node:crypto';

/** Generous: tests wait for what should happen, and a machine may be busy. */
export const PATIENCE_MS = 60_000;

/** A MongoDB for the tests of one file, and a database in it that nobody else has. */
export interface MongoDBForTests {
  /** The URL of the database. */
  readonly url: string;
  readonly database: string;
  /** The driver itself, connected. */
  readonly client: MongoClient;
}

/**
 * Gives the calling file a database for its tests: on the server that `GESTA_TEST_MONGODB_URL` names, or on a local one
 * that is started for it. The database is dropped when the tests have run.
 */
export function useMongoDB(): MongoDBForTests {
  jest.setTimeout(PATIENCE_MS);
  const given = process.env.GESTA_TEST_MONGODB_URL;
  const database = `gesta_test_${randomUUID().replaceAll('-', '')}`;
  let server: MongoDBServer | undefined;
  let client: MongoClient | undefined;
  let url = '';
  beforeAll(async () => {
    if (!given) server = await startMongoDB();
    url = withDatabase(given ?? server!.url, database);
    client = await new MongoClient(url).connect();
  });
  afterAll(async () => {
    await client?.db(database).dropDatabase();
    await client?.close();
    await server?.stop();
  });
  return {
    database,
    get url() {
      return url;
    },
    get client() {
      return client!;
    },
  };
}

/** The URL with another database in its path. The login is looked up where it was: there, or in `admin`. */
function withDatabase(url: string, database: string): string {
  const [, start, before, query = ''] = /^([^:]+:\/\/[^/?]*)\/?([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  if (start === undefined) throw new Error('GESTA_TEST_MONGODB_URL is no URL such as mongodb://localhost:27017/');
  const parameters = new URLSearchParams(query);
  if (!/[?&]authSource=/i.test(`?${query}`) && start.includes('@')) parameters.set('authSource', before || 'admin');
  return `${start}/${database}?${parameters}`;
}
