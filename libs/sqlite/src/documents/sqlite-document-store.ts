import {
  checkedCollectionName,
  indexFields,
  StoreUnavailable,
  type DocumentCollection,
  type DocumentStore,
  type IndexSpec,
  type StoreCondition,
} from '@gesta/core';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { SqliteDatabase } from '../database/sqlite-database.js';
import { clearDropped } from './cleared-tables.js';
import { CollectionReader } from './collection-reader.js';
import { DocumentTables } from './document-tables.js';
import { LiveIndexes } from './live-indexes.js';
import { SqliteDocumentCollection } from './sqlite-document-collection.js';

interface Opened {
  readonly tables: DocumentTables;
  readonly reader: CollectionReader;
}

/**
 * Documents in an SQLite file, a table for each collection. Any number of stores and processes may use one file at once.
 *
 * A declared index serves equalities, ranges and sorts as MongoDB's does, but for documents that hold an array in an
 * indexed field: these are found by looking into each of them. Making an index on many documents that are there
 * already takes a moment in which nothing else runs in the process: about half a second for 100,000.
 */
export class SqliteDocumentStore implements DocumentStore {
  readonly #connection: SqliteConnection;
  #opened: Promise<Opened> | undefined;
  readonly #liveIndexes: LiveIndexes;
  #clearing: Promise<void> | undefined;
  #closed = false;

  /** @param database the store becomes its user in the caller's place: closing the store releases it */
  constructor(private readonly database: SqliteDatabase) {
    this.#connection = database.documents;
    this.#liveIndexes = new LiveIndexes(database);
  }

  async collection(name: string, options: { indexes?: readonly IndexSpec[] } = {}): Promise<DocumentCollection> {
    checkedCollectionName(name);
    const indexes = structuredClone(options.indexes ?? []);
    indexes.forEach(indexFields);
    const { tables, reader } = await this.#open();
    const complete = await reader.read(name, () => tables.isComplete(name, indexes));
    if (!complete) await this.#connection.write(() => void tables.create(name, indexes));
    const whileOpen = () => this.#whileOpen(tables);
    return new SqliteDocumentCollection(name, indexes, this.#connection, reader, whileOpen, this.#liveIndexes);
  }

  async collections(): Promise<string[]> {
    const { tables } = await this.#open();
    return this.#connection.read(() => tables.names());
  }

  async drop(name: string): Promise<void> {
    const { tables } = await this.#open();
    const isLeft = await this.#connection.write(() => tables.drop(name));
    if (isLeft) await this.#clear(tables);
  }

  async condition(): Promise<StoreCondition> {
    return this.#whileOpen(this.database).condition(this.#connection);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#clearing;
    await this.#connection.drain();
    await this.database.release();
  }

  /** Clears away what was dropped, here or before a crash, in portions that others hardly notice. */
  #clear(tables: DocumentTables): Promise<void> {
    return (this.#clearing ??= clearDropped(this.#connection, tables, () => !this.#closed).finally(() => {
      this.#clearing = undefined;
    }));
  }

  async #prepared(): Promise<Opened> {
    const tables = await DocumentTables.open(this.#connection);
    if (await this.#connection.read(() => tables.hasDropped())) void this.#clear(tables);
    return { tables, reader: new CollectionReader(this.#connection, tables) };
  }

  async #open(): Promise<Opened> {
    this.#whileOpen(undefined);
    const opening = (this.#opened ??= this.#prepared());
    try {
      return await opening;
    } catch (error) {
      if (this.#opened === opening) this.#opened = undefined; // tried anew next time
      throw error;
    }
  }

  #whileOpen<T>(value: T): T {
    if (this.#closed) throw new StoreUnavailable(`The document store in ${this.database.location} is closed`);
    return value;
  }
}
