import { StoreUnavailable } from '@gesta/core';
import type { Db, MongoClient } from 'mongodb';
import { setTimeout as delay } from 'node:timers/promises';
import { whyNotConnected } from './failed-connection.js';
import { isPassing, translated } from './mongodb-errors.js';
import { checkWriteConcern, configuredClient } from './mongodb-url.js';

/** So long, in milliseconds, a call may take that nothing else bounds, once there is a server for it: a majority's acknowledgement is waited for no longer. */
const ANSWER_MS = 10_000;
/** A pause before a read is asked again, in milliseconds. */
const PAUSE_MS = 50;
/** For so long, in milliseconds, the driver may say goodbye to the servers. */
const CLOSING_MS = 2_000;

/** The connections to one database, and what is under way on them. */
export class MongoConnection {
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;

  /**
   * Connects, and sees that the database is open to the login.
   * @throws {RangeError} for a URL that cannot be right, or is content with less than a majority of a replica set
   * @throws {StoreUnavailable} saying in one line why, and what to do
   */
  static async open(url: string): Promise<MongoConnection> {
    const { client, database, address, tls } = configuredClient(url);
    const db = client.db(database);
    const connection = new MongoConnection(client, db, address);
    try {
      await connection.call(() => client.connect());
      await connection.call(() => db.listCollections({ name: 'gesta.checkpoints' }, { nameOnly: true }).toArray());
      checkWriteConcern(client, await connection.call(() => db.command({ hello: 1 })));
      return connection;
    } catch (error) {
      await connection.close().catch(() => undefined);
      if (error instanceof RangeError || error instanceof StoreUnavailable) throw error;
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

  /**
   * Does a part of the work. It has an end: a call on a connection that broke at the wrong moment is never told by the
   * driver. What becomes of such a call is not known.
   * @param mostMs how long it may take once a server is there for it, in milliseconds
   * @throws {StoreUnavailable} when it has not ended by then
   */
  async call<T>(work: () => Promise<T>, mostMs = ANSWER_MS): Promise<T> {
    const { serverSelectionTimeoutMS, writeConcern } = this.client.options;
    const endsAfter = serverSelectionTimeoutMS + Math.max(mostMs, Number(writeConcern?.wtimeoutMS ?? 0));
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new StoreUnavailable(`${this.address}: no answer has come within ${Math.ceil(endsAfter / 1_000)} s`));
      }, endsAfter);
    });
    try {
      return await Promise.race([work(), end]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads, again where the connection broke or the primary stepped down, for as long as a server would be waited for. */
  async read<T>(work: () => Promise<T>): Promise<T> {
    const patientUntil = performance.now() + this.client.options.serverSelectionTimeoutMS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error) || performance.now() + PAUSE_MS > patientUntil) throw error;
        await delay(PAUSE_MS);
      }
    }
  }

  /** Finishes what is under way, and takes no more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    const bounded = new AbortController();
    const end = delay(CLOSING_MS, undefined, { signal: bounded.signal }).catch(() => undefined);
    await Promise.race([this.client.close(), end]).finally(() => bounded.abort());
  }
}
