import { indexFields, type IndexSpec, type SortField } from '@gesta/core';
import type { Database, Statement } from 'better-sqlite3';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import { indexedValueSql, irregularSql, isIndexable } from './indexed-value.js';

/** Which collections there are, and which indexes each has. Their names never become names in SQL. */
const REGISTRY = `
  CREATE TABLE IF NOT EXISTS document_collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE IF NOT EXISTS document_indexes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL,
    fields TEXT NOT NULL,
    UNIQUE (collection, fields)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS document_live (
    collection INTEGER PRIMARY KEY -- whose table has an index of the documents that are no tombstones
  ) STRICT;
  CREATE TABLE IF NOT EXISTS document_dropped (
    collection INTEGER PRIMARY KEY -- of which only the table is left, to be cleared away in portions
  ) STRICT;
`;

/** An index of a collection's table. */
export interface DocumentIndex {
  readonly name: string;
  readonly fields: readonly SortField[];
  /** The name of the index of those rows alone in which one of the fields is irregular. */
  readonly irregulars: string;
}

/** A table of no more rows is dropped at once. */
const FEW_ROWS = 1_000;

/** What is true of every row of an index: tombstones are in none. */
export const NO_TOMBSTONE = 'body IS NOT NULL';

/**
 * The tables behind the collections of one connection. Everything here belongs inside the connection's `read` or
 * `write`, the reading inside one transaction with whatever it is done for: another process may drop a collection.
 */
export class DocumentTables {
  readonly #find: Statement<[string], number>;
  readonly #names: Statement<[], string>;
  readonly #indexes: Statement<[number], [number, string]>;
  readonly #isLive: Statement<[number], number>;
  readonly #dropped: Statement<[], number>;

  /**
   * The tables of the connection; those that tell of the others are made when they are not there.
   * @throws {StoreUnavailable} when the file cannot be read or written
   */
  static async open(connection: SqliteConnection): Promise<DocumentTables> {
    const isThere = (db: Database) => db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'document_dropped'").get();
    if (!(await connection.read(isThere))) await connection.write((db) => void db.exec(REGISTRY));
    return connection.read((db) => new DocumentTables(db));
  }

  private constructor(private readonly db: Database) {
    this.#find = db.prepare<[string], number>('SELECT id FROM document_collections WHERE name = ?').pluck();
    this.#names = db.prepare<[], string>('SELECT name FROM document_collections ORDER BY name').pluck();
    this.#indexes = db
      .prepare<[number], [number, string]>('SELECT id, fields FROM document_indexes WHERE collection = ? ORDER BY id')
      .raw() as unknown as Statement<[number], [number, string]>;
    this.#isLive = db.prepare<[number], number>('SELECT 1 FROM document_live WHERE collection = ?').pluck();
    this.#dropped = db.prepare<[], number>('SELECT collection FROM document_dropped LIMIT 1').pluck();
  }

  /** The table of the collection, if there is one. */
  find(name: string): string | undefined {
    const id = this.#find.get(name);
    return id === undefined ? undefined : tableName(id);
  }

  /** The names of all collections, in order. */
  names(): string[] {
    return this.#names.all();
  }

  /** The indexes of a table that {@link find} gave. */
  indexes(table: string): DocumentIndex[] {
    return this.#indexes.all(idOf(table)).map(([id, fields]) => documentIndex(table, id, fields));
  }

  /** Whether the collection has a table with these indexes. */
  isComplete(name: string, indexes: readonly IndexSpec[]): boolean {
    const table = this.find(name);
    return table !== undefined && this.#lacking(table, indexes).length === 0;
  }

  /** The table of the collection, made when it is not there, with the indexes that it lacks. */
  create(name: string, indexes: readonly IndexSpec[]): string {
    const table = this.find(name) ?? this.#createTable(name);
    for (const text of this.#lacking(table, indexes)) this.#createIndex(table, text);
    return table;
  }

  /** The index, by key, of the documents of a table that are no tombstones; made only where these are in the way. */
  liveIndex(table: string): string | undefined {
    return this.#isLive.get(idOf(table)) === undefined ? undefined : liveIndexName(table);
  }

  /** Nobody finds the collection any more. @returns whether its table is still there, to be cleared away */
  drop(name: string): boolean {
    const table = this.find(name);
    if (!table) return false;
    const id = idOf(table);
    for (const registry of ['document_indexes', 'document_live'])
      this.db.prepare(`DELETE FROM ${registry} WHERE collection = ?`).run(id);
    this.db.prepare('DELETE FROM document_collections WHERE id = ?').run(id);
    const rows = this.db
      .prepare(`SELECT count(*) FROM (SELECT 1 FROM ${table} LIMIT ?)`)
      .pluck()
      .get(FEW_ROWS + 1);
    if (Number(rows) > FEW_ROWS) this.db.prepare('INSERT INTO document_dropped (collection) VALUES (?)').run(id);
    else this.db.exec(`DROP TABLE ${table}`);
    return Number(rows) > FEW_ROWS;
  }

  /** Whether the table of a collection that was dropped is still there. */
  hasDropped(): boolean {
    return this.#dropped.get() !== undefined;
  }

  /** Removes rows of a collection that was dropped, and at last its table. */
  clear(most: number): void {
    const id = this.#dropped.get();
    if (id === undefined) return;
    const table = tableName(id);
    // It is gone where somebody has cleaned up by hand.
    const isThere = this.db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
    const clear = `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} LIMIT ?)`;
    if (isThere && this.db.prepare(clear).run(most).changes === most) return;
    this.db.exec(`DROP TABLE IF EXISTS ${table}`);
    this.db.prepare('DELETE FROM document_dropped WHERE collection = ?').run(id);
  }

  /** The indexes that the table has not, as the registry writes them. */
  #lacking(table: string, indexes: readonly IndexSpec[]): string[] {
    const known = this.#indexes.all(idOf(table)).map(([, fields]) => fields);
    const declared = indexes
      .map(indexFields)
      .filter((fields) => fields.every(({ path }) => isIndexable(path)))
      .map((fields) => JSON.stringify(fields.map(({ path, direction }) => [path, direction])));
    return [...new Set(declared)].filter((text) => !known.includes(text));
  }

  #createTable(name: string): string {
    const { lastInsertRowid } = this.db.prepare('INSERT INTO document_collections (name) VALUES (?)').run(name);
    const table = tableName(Number(lastInsertRowid));
    // With row ids: a row of more than 1,000 bytes spills out of the pages of a table without them.
    this.db.exec(`CREATE TABLE ${table} (key TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, body TEXT) STRICT`);
    return table;
  }

  #createIndex(table: string, text: string): void {
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO document_indexes (collection, fields) VALUES (?, ?)')
      .run(idOf(table), text);
    const { name, fields, irregulars } = documentIndex(table, Number(lastInsertRowid), text);
    const columns = fields.map(({ path, direction }) => `${indexedValueSql(path)}${sqlDirection(direction)}`);
    const key = `key${sqlDirection(fields.at(-1)!.direction)}`;
    this.db.exec(`CREATE INDEX ${name} ON ${table} (${[...columns, key].join(', ')}) WHERE ${NO_TOMBSTONE}`);
    const irregular = irregularSql(fields.map(({ path }) => path));
    this.db.exec(`CREATE INDEX ${irregulars} ON ${table} (key) WHERE ${NO_TOMBSTONE} AND ${irregular}`);
  }
}

function documentIndex(table: string, id: number, text: string): DocumentIndex {
  const fields = (JSON.parse(text) as [string, 1 | -1][]).map(([path, direction]) => ({ path, direction }));
  return { name: `${table}_index_${id}`, fields, irregulars: `${table}_irregular_${id}` };
}

/** SQL that makes {@link DocumentTables.liveIndex}. */
export function liveIndexSql(table: string): readonly string[] {
  return [
    `CREATE INDEX IF NOT EXISTS ${liveIndexName(table)} ON ${table} (key) WHERE ${NO_TOMBSTONE}`,
    `INSERT OR IGNORE INTO document_live (collection) VALUES (${idOf(table)})`,
  ];
}

const liveIndexName = (table: string) => `${table}_live`;
const tableName = (id: number) => `documents_${id}`;
const idOf = (table: string) => Number(table.slice('documents_'.length));
const sqlDirection = (direction: 1 | -1) => (direction === 1 ? '' : ' DESC');
