import {
  checkedCollectionName,
  compareText,
  type DocumentCollection,
  type DocumentStore,
  type IndexSpec,
} from '@gesta/core';
import type { Document, IndexDescription } from 'mongodb';
import type { MongoConnection } from '../connection/mongodb-connection.js';
import { serverCode } from '../connection/mongodb-errors.js';
import { createIndexes, indexDescriptions } from './collection-indexes.js';
import { MongoDocumentCollection } from './mongodb-document-collection.js';

/** The most that MongoDB takes of a database's and a collection's name with a dot between them, in bytes. */
const MAX_NAMESPACE_BYTES = 255;

const NAMESPACE_EXISTS = 48;
/** An index on a great many documents takes its time, in milliseconds; when it takes longer, it is there at the next start. */
const MAX_SCHEMA_MS = 600_000;

/** Documents in a MongoDB database, a collection for each collection. */
export class MongoDocumentStore implements DocumentStore {
  /** How often each collection was dropped here: a handle that sees it counted makes the collection anew. */
  readonly #drops = new Map<string, number>();

  /** @param connection the store becomes its owner: closing the store closes it */
  constructor(private readonly connection: MongoConnection) {}

  async collection(name: string, options: { indexes?: readonly IndexSpec[] } = {}): Promise<DocumentCollection> {
    this.#checkName(name);
    const descriptions = indexDescriptions(options.indexes ?? []);
    let known = this.#dropsOf(name);
    await this.connection.run(() => this.#create(name, descriptions));
    const ensure = async () => {
      const drops = this.#dropsOf(name);
      if (drops === known) return;
      await this.#create(name, descriptions);
      known = drops;
    };
    return new MongoDocumentCollection(name, this.connection, ensure);
  }

  async collections(): Promise<string[]> {
    const options = { nameOnly: true, authorizedCollections: true };
    const found = await this.connection.run((db) => {
      const listing = () => db.listCollections({ type: 'collection' }, options).toArray();
      return this.connection.read(() => this.connection.call(listing));
    });
    return found
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('system.'))
      .sort(compareText);
  }

  async drop(name: string): Promise<void> {
    this.#checkName(name);
    try {
      await this.connection.run((db) => this.connection.call(() => db.dropCollection(name), MAX_SCHEMA_MS));
    } finally {
      this.#drops.set(name, this.#dropsOf(name) + 1);
    }
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  #dropsOf(name: string): number {
    return this.#drops.get(name) ?? 0;
  }

  #checkName(name: string): void {
    checkedCollectionName(name);
    const { databaseName } = this.connection.db;
    if (Buffer.byteLength(`${databaseName}.${name}`) > MAX_NAMESPACE_BYTES) {
      throw new RangeError(
        `${databaseName}.${name} takes more than the ${MAX_NAMESPACE_BYTES} bytes that MongoDB allows`,
      );
    }
  }

  async #create(name: string, descriptions: readonly IndexDescription[]): Promise<void> {
    const { db } = this.connection;
    if (descriptions.length > 0) {
      const indexed = db.collection<Document & { _id: string }>(name);
      await this.connection.call(() => createIndexes(indexed, descriptions), MAX_SCHEMA_MS);
      return;
    }
    await this.connection
      .call(() => db.createCollection(name))
      .catch((error: unknown) => {
        if (serverCode(error) !== NAMESPACE_EXISTS) throw error;
      });
  }
}
