import { MongoClient, type Collection, type Db, type MongoClientOptions } from 'mongodb';
import { startMongoDB, type MongoDBServer, type MongoDBServerOptions } from '../src/mongodb/start-mongodb.js';

/** Documents of any shape, with `_id`s of any type. */
// oxlint-disable-next-line typescript/no-explicit-any -- the driver's types for documents of a known shape are in the way here
export type Anything = any;

/** A server of a spec's own with the official driver connected to it. */
export class MongoDBConnection {
  #databases = 0;

  private constructor(
    readonly server: MongoDBServer,
    readonly client: MongoClient,
  ) {}

  static async open(options: MongoDBServerOptions = {}, client: MongoClientOptions = {}): Promise<MongoDBConnection> {
    const server = await startMongoDB(options);
    return new MongoDBConnection(server, await new MongoClient(server.url, client).connect());
  }

  /** A database that nobody has used before. */
  database(): Db {
    return this.client.db(`spec_${++this.#databases}`);
  }

  /** A collection that nobody has used before, of documents of any shape. */
  collection(name = 'things'): Collection<Anything> {
    return this.database().collection<Anything>(name);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.server.stop();
  }
}
