import type { Database, Statement } from 'better-sqlite3';
import { serialize } from 'bson';
import { randomBytes, randomUUID } from 'node:crypto';
import { type BsonDocument, readDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import {
  CATALOG_TABLES,
  createDocumentsTable,
  createEntriesTable,
  documentsTable,
  entriesTable,
} from './catalog-tables.js';
import { type Collection, type Index, namespaceOf } from './collection.js';
import { type IndexSpecification, toIndex } from './index-specification.js';

/** Names of collections that are being made and have not taken their place yet. */
export const TEMPORARY_PREFIX = 'tmp.agg_out.';

interface CollectionRow {
  id: number;
  uuid: Buffer;
  options: Buffer;
}

interface IndexRow {
  id: number;
  specification: Buffer;
  multikey: number;
}

/** The collections and their indexes. All of it belongs inside a read or a write of the storage. */
export class Catalog {
  readonly #known = new Map<string, Collection | undefined>();
  /** What is known is right as long as the mark in the database is this one; a transaction undone undoes its mark. */
  #mark: string | undefined;
  readonly #currentMark: Statement<[], string>;
  readonly #setMark: Statement<[string]>;
  readonly #find: Statement<[string, string], CollectionRow>;
  readonly #indexes: Statement<[number], IndexRow>;

  /** Makes the tables where there are none. */
  static prepare(db: Database): void {
    db.exec(CATALOG_TABLES);
  }

  constructor(private readonly db: Database) {
    this.#currentMark = db.prepare<[], string>('SELECT mark FROM mongodb_catalog').pluck();
    this.#setMark = db.prepare('UPDATE mongodb_catalog SET mark = ?');
    this.#find = db.prepare('SELECT id, uuid, options FROM mongodb_collection WHERE database = ? AND name = ?');
    this.#indexes = db.prepare(
      'SELECT id, specification, multikey FROM mongodb_index WHERE collection = ? ORDER BY id',
    );
  }

  find(database: string, name: string): Collection | undefined {
    this.#forgetWhatChanged();
    const namespace = namespaceOf({ database, name });
    if (!this.#known.has(namespace)) this.#known.set(namespace, this.#load(database, name));
    return this.#known.get(namespace);
  }

  /** The collections of a database, by name. */
  list(database: string): Collection[] {
    const names = this.db.prepare<[string], string>(
      'SELECT name FROM mongodb_collection WHERE database = ? ORDER BY name',
    );
    return names.pluck().all(database).map((name) => this.find(database, name)!); // prettier-ignore
  }

  /** The databases that have a collection, by name. */
  databases(): string[] {
    return this.db
      .prepare<[], string>('SELECT DISTINCT database FROM mongodb_collection ORDER BY database')
      .pluck()
      .all();
  }

  /** @throws {MongoDBError} NamespaceExists */
  create(database: string, name: string, options: BsonDocument): Collection {
    if (this.find(database, name)) {
      throw new MongoDBError('NamespaceExists', `Collection ${database}.${name} already exists.`);
    }
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO mongodb_collection (database, name, uuid, options) VALUES (?, ?, ?, ?)')
      .run(database, name, Buffer.from(randomUUID().replaceAll('-', ''), 'hex'), serialize(options));
    this.db.exec(createDocumentsTable(Number(lastInsertRowid)));
    this.#changed();
    return this.find(database, name)!;
  }

  findOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name, {});
  }

  drop(collection: Collection): void {
    for (const index of collection.indexes) this.#dropIndex(index);
    this.db.exec(`DROP TABLE ${documentsTable(collection.id)}`);
    this.db.prepare('DELETE FROM mongodb_collection WHERE id = ?').run(collection.id);
    this.#changed();
  }

  /** Drops what was being made when the server was killed. */
  dropTemporary(): void {
    for (const database of this.databases()) {
      for (const collection of this.list(database))
        if (collection.name.startsWith(TEMPORARY_PREFIX)) this.drop(collection);
    }
  }

  /** Gives a collection another name, which is free. */
  rename(collection: Collection, database: string, name: string): void {
    this.db
      .prepare('UPDATE mongodb_collection SET database = ?, name = ? WHERE id = ?')
      .run(database, name, collection.id);
    this.#changed();
  }

  setOptions(collection: Collection, options: BsonDocument): void {
    this.db.prepare('UPDATE mongodb_collection SET options = ? WHERE id = ?').run(serialize(options), collection.id);
    this.#changed();
  }

  /** Adds an index, with no entries in it yet. */
  addIndex(collection: Collection, { name, document }: IndexSpecification): Index {
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO mongodb_index (collection, name, specification) VALUES (?, ?, ?)')
      .run(collection.id, name, serialize(document));
    this.db.exec(createEntriesTable(Number(lastInsertRowid)));
    this.#changed();
    return this.find(collection.database, collection.name)!.indexes.at(-1)!;
  }

  dropIndex(index: Index): void {
    this.#dropIndex(index);
    this.#changed();
  }

  /** Replaces what is declared of an index and leaves its entries. */
  redeclareIndex(index: Index, document: BsonDocument): void {
    this.db.prepare('UPDATE mongodb_index SET specification = ? WHERE id = ?').run(serialize(document), index.id);
    this.#changed();
  }

  markMultikey(index: Index): void {
    this.db.prepare('UPDATE mongodb_index SET multikey = 1 WHERE id = ?').run(index.id);
    this.#changed();
  }

  #dropIndex(index: Index): void {
    this.db.exec(`DROP TABLE ${entriesTable(index.id)}`);
    this.db.prepare('DELETE FROM mongodb_index WHERE id = ?').run(index.id);
  }

  #load(database: string, name: string): Collection | undefined {
    const row = this.#find.get(database, name);
    if (!row) return undefined;
    const indexes = this.#indexes
      .all(row.id)
      .map(({ id, specification, multikey }) => toIndex(id, readDocument(specification), multikey === 1));
    return { id: row.id, database, name, uuid: row.uuid, options: readDocument(row.options), indexes };
  }

  #changed(): void {
    this.#setMark.run(randomBytes(9).toString('base64'));
  }

  #forgetWhatChanged(): void {
    const mark = this.#currentMark.get();
    if (mark === this.#mark) return;
    this.#known.clear();
    this.#mark = mark;
  }
}
