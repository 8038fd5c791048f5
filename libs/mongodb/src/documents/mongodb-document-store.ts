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
    const found = await this.connection.run((db) =>
      db.listCollections({ type: 'collection' }, { nameOnly: true, authorizedCollections: true }).toArray(),
    );
    return found
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('system.'))
      .sort(compareText);
  }

  async drop(name: string): Promise<void> {
    this.#checkName(name);
    try {
      await this.connection.run((db) => db.dropCollection(name));
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
      await createIndexes(db.collection<Document & { _id: string }>(name), descriptions);
      return;
    }
    await db.createCollection(name).catch((error: unknown) => {
      if (serverCode(error) !== NAMESPACE_EXISTS) throw error;
    });
  }
}
