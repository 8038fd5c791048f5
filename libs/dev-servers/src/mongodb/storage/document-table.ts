import type { Statement } from 'better-sqlite3';
import type { BsonDocument } from '../semantics/bson-document.js';
import { encodeKey } from '../semantics/key-encoding.js';
import type { Catalog } from './catalog.js';
import { documentsTable, entriesTable } from './catalog-tables.js';
import { type Collection, type Index, namespaceOf } from './collection.js';
import { DuplicateKey } from './duplicate-key.js';
import { entriesOf, type Entry } from './index-entries.js';
import type { Statements } from './statements.js';

/** A stored document. */
export interface DocumentRow {
  /** Its place in the natural order. */
  readonly id: number;
  /** The document in BSON. */
  readonly body: Buffer;
}

/** A document ready to be stored: what it is, and its bytes. */
export interface StorableDocument {
  readonly document: BsonDocument;
  readonly body: Buffer;
}

/**
 * The documents of one collection with their index entries. Everything here belongs inside a write of the storage; a
 * method that throws has changed nothing.
 */
export class DocumentTable {
  readonly #insert: Statement<[Buffer, Buffer]>;
  readonly #replace: Statement<[Buffer, number]>;
  readonly #remove: Statement<[number]>;
  readonly #byKey: Statement<[Buffer], DocumentRow>;
  readonly #byId: Statement<[number], DocumentRow>;

  constructor(
    private readonly statements: Statements,
    private readonly catalog: Catalog,
    readonly collection: Collection,
  ) {
    const table = documentsTable(collection.id);
    this.#insert = statements.get(`INSERT INTO ${table} (key, body) VALUES (?, ?) ON CONFLICT (key) DO NOTHING`);
    this.#replace = statements.get(`UPDATE ${table} SET body = ? WHERE id = ?`);
    this.#remove = statements.get(`DELETE FROM ${table} WHERE id = ?`);
    this.#byKey = statements.get(`SELECT id, body FROM ${table} WHERE key = ?`);
    this.#byId = statements.get(`SELECT id, body FROM ${table} WHERE id = ?`);
  }

  /** The document that is in this place now. */
  at(id: number): DocumentRow | undefined {
    return this.#byId.get(id);
  }

  /** How many there are. */
  count(): number {
    const sql = `SELECT count(*) AS count FROM ${documentsTable(this.collection.id)}`;
    return this.statements.get<[], { count: number }>(sql).get()!.count;
  }

  /** All of them in their natural order, as they are now; what is added meanwhile may be missed. */
  *all(): Generator<DocumentRow> {
    const sql = `SELECT id, body FROM ${documentsTable(this.collection.id)} WHERE id > ? ORDER BY id LIMIT 100`;
    let rows: DocumentRow[];
    for (let last = 0; (rows = this.statements.get<[number], DocumentRow>(sql).all(last)).length > 0;) {
      yield* rows;
      last = rows.at(-1)!.id;
    }
  }

  /** @throws {DuplicateKey} */
  insert({ document, body }: StorableDocument): void {
    const key = encodeKey([document._id]);
    const added = this.#entries(document);
    if (added.length > 0) {
      if (this.#byKey.get(key)) throw this.#duplicateId(document._id);
      this.#checkUnique(added, undefined);
    }
    const { changes, lastInsertRowid } = this.#insert.run(key, body);
    if (changes === 0) throw this.#duplicateId(document._id);
    this.#addEntries(added, Number(lastInsertRowid));
  }

  /**
   * Replaces a document by one with the same `_id`.
   * @throws {DuplicateKey}
   */
  replace(id: number, before: BsonDocument, { document, body }: StorableDocument): void {
    const had = this.#entries(before);
    const wanted = this.#entries(document);
    const added = without(wanted, had);
    this.#checkUnique(added, id);
    for (const { index, key } of without(had, wanted)) this.#entryRemoval(index).run(key, id);
    this.#replace.run(body, id);
    this.#addEntries(added, id);
  }

  remove(id: number, before: BsonDocument): void {
    for (const { index, key } of this.#entries(before)) this.#entryRemoval(index).run(key, id);
    this.#remove.run(id);
  }

  /**
   * Adds a document that is stored already to an index that is new.
   * @throws {DuplicateKey}
   */
  addToIndex(index: Index, id: number, document: BsonDocument): void {
    const added = entriesOf(index, document);
    this.#checkUnique(added, id);
    this.#addEntries(added, id);
  }

  #entries(document: BsonDocument): Entry[] {
    const { indexes } = this.collection;
    return indexes.length === 0 ? [] : indexes.flatMap((index) => entriesOf(index, document));
  }

  #checkUnique(added: readonly Entry[], id: number | undefined): void {
    for (const { index, key, values } of added) {
      if (!index.unique) continue;
      const owners = this.statements.get<[Buffer], { document: number }>(
        `SELECT document FROM ${entriesTable(index.id)} WHERE key = ?`,
      );
      if (owners.all(key).every(({ document }) => document === id)) continue;
      const keyValue = Object.fromEntries(index.fields.map(({ path }, at) => [path, values[at]]));
      throw new DuplicateKey(
        namespaceOf(this.collection),
        index.name,
        index.specification.key as BsonDocument,
        keyValue,
      );
    }
  }

  #addEntries(added: readonly Entry[], id: number): void {
    for (const { index, key, multikey } of added) {
      this.statements.get(`INSERT OR IGNORE INTO ${entriesTable(index.id)} (key, document) VALUES (?, ?)`).run(key, id);
      if (multikey && !index.multikey) this.catalog.markMultikey(index);
    }
  }

  #entryRemoval(index: Index): Statement<[Buffer, number]> {
    return this.statements.get(`DELETE FROM ${entriesTable(index.id)} WHERE key = ? AND document = ?`);
  }

  #duplicateId(id: unknown): DuplicateKey {
    return new DuplicateKey(namespaceOf(this.collection), '_id_', { _id: 1 }, { _id: id });
  }
}

/** Those entries that are not among the others. */
function without(entries: readonly Entry[], others: readonly Entry[]): Entry[] {
  if (others.length === 0) return [...entries];
  return entries.filter(
    ({ index, key }) => !others.some((other) => other.index.id === index.id && other.key.equals(key)),
  );
}
