import { StoreUnavailable } from '@gesta/core';
import type { Db, MongoClient } from 'mongodb';
import { whyNotConnected } from './failed-connection.js';
import { translated } from './mongodb-errors.js';
import { configuredClient } from './mongodb-url.js';

/** The connections to one database, and what is under way on them. */
export class MongoConnection {
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  /**
   * Connects, and sees that the database is open to the login.
   * @throws {RangeError} for a URL that cannot be right
   * @throws {StoreUnavailable} saying in one line why, and what to do
   */
  static async open(url: string): Promise<MongoConnection> {
    const { client, database, address, tls } = configuredClient(url);
    try {
      await client.connect();
      // Whatever the URL prefers: reads that lag behind would not show what was just written.
      const db = client.db(database, { readPreference: 'primary' });
      await db.listCollections({ name: 'gesta.checkpoints' }, { nameOnly: true }).toArray();
      return new MongoConnection(client, db, address);
    } catch (error) {
      await client.close().catch(() => undefined);
      throw new StoreUnavailable(whyNotConnected(error, { database, address, tls }), { cause: error });
    }
  }

  private constructor(
    private readonly client: MongoClient,
    readonly db: Db,
    /** The hosts and the database, for messages. */
    readonly address: string,
  ) {}

  /**
   * Does the work, unless the connection is closed.
   * @throws {StoreUnavailable} when it is, or the server does not answer
   * @throws {RefusedByMongoDB}
   */
  async run<T>(work: (db: Db) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailable(`The document store at ${this.address} is closed`);
    const working = work(this.db);
    this.#underWay.add(working);
    try {
      return await working;
    } catch (error) {
      throw translated(this.address, error);
    } finally {
      this.#underWay.delete(working);
    }
  }

  /** Finishes what is under way, and takes no more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await this.client.close();
  }
}
