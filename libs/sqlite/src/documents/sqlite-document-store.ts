import {
  checkedCollectionName,
  compileFilter,
  documentOrder,
  documentsToPut,
  findWindow,
  sortValues,
  StoreUnavailable,
  type DocumentCollection,
  type DocumentStore,
  type Filter,
  type FindOptions,
  type JsonObject,
  type StoredDocument,
} from '@gesta/core';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { SqliteDatabase } from '../database/sqlite-database.js';

interface Row {
  key: string;
  version: bigint;
  body: string | null;
}

/** Placeholder by the lead until the real one arrives: correct, unindexed. */
export class SqliteDocumentStore implements DocumentStore {
  #closed = false;
  constructor(private readonly database: SqliteDatabase) {}

  async collection(name: string): Promise<DocumentCollection> {
    this.#check();
    checkedCollectionName(name);
    const table = `"doc_${Buffer.from(name).toString('hex')}"`;
    await this.database.documents.write((db) =>
      db.exec(
        `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT) WITHOUT ROWID`,
      ),
    );
    return new Collection(name, table, this.database.documents);
  }

  async collections(): Promise<string[]> {
    this.#check();
    const names = await this.database.documents.read((db) =>
      db
        .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'doc\\_%' ESCAPE '\\'`)
        .pluck()
        .all(),
    );
    return names.map((name) => Buffer.from(name.slice(4), 'hex').toString()).sort();
  }

  async drop(name: string): Promise<void> {
    await this.database.documents.write((db) =>
      db.exec(`DROP TABLE IF EXISTS "doc_${Buffer.from(name).toString('hex')}"`),
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.database.documents.drain();
    await this.database.release();
  }

  #check(): void {
    if (this.#closed) throw new StoreUnavailable('The document store was closed');
  }
}

class Collection implements DocumentCollection {
  constructor(
    readonly name: string,
    private readonly table: string,
    private readonly connection: SqliteConnection,
  ) {}

  async get(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    const rows = await this.connection.read((db) =>
      db
        .prepare<[string], Row>(
          `SELECT key, version, body FROM ${this.table} WHERE key IN (SELECT value FROM json_each(?))`,
        )
        .safeIntegers()
        .all(JSON.stringify(keys)),
    );
    return new Map(rows.map((row) => [row.key, documentOf(row)]));
  }

  async put(documents: readonly StoredDocument[]): Promise<readonly string[]> {
    const given = [...documentsToPut(documents).values()].map(({ key, version, body }) => [
      key,
      version,
      body ? JSON.stringify(body) : null,
    ]);
    return this.connection.write((db) => {
      const put = db.prepare(
        `INSERT INTO ${this.table} (key, version, body) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body WHERE excluded.version > version`,
      );
      return given.filter((row) => put.run(...row).changes === 0).map(([key]) => key as string);
    });
  }

  async find(filter: Filter, options?: FindOptions): Promise<StoredDocument[]> {
    const { sort, skip, limit } = findWindow(options);
    return (await this.#matching(filter))
      .map((document) => ({ key: document.key, document, values: sortValues(document.body!, sort) }))
      .sort(documentOrder(sort))
      .slice(skip, skip + limit)
      .map(({ document }) => document);
  }

  async count(filter: Filter): Promise<number> {
    return (await this.#matching(filter)).length;
  }

  async #matching(filter: Filter): Promise<StoredDocument[]> {
    const matches = compileFilter(filter);
    const rows = await this.connection.read((db) =>
      db.prepare<[], Row>(`SELECT key, version, body FROM ${this.table} WHERE body IS NOT NULL`).safeIntegers().all(),
    );
    return rows.map(documentOf).filter(({ body }) => matches(body!));
  }
}

const documentOf = ({ key, version, body }: Row): StoredDocument => ({
  key,
  version,
  body: body === null ? undefined : (JSON.parse(body) as JsonObject),
});
