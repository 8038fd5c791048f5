import type { AccessPath } from './access-path.js';
import type { ByteRange } from './byte-ranges.js';
import { documentsTable, entriesTable } from './catalog-tables.js';
import type { DocumentRow } from './document-table.js';
import type { Statements } from './statements.js';

/** Takes a document; returns false to be given no more for now. */
export type Taking = (row: DocumentRow) => boolean;

interface EntryRow extends DocumentRow {
  readonly key: Buffer;
}

type Place = number | Buffer | { readonly key: Buffer; readonly id: number };

/**
 * Reads a collection along an access path, in as many goes as one likes: each begins behind the last document of the one
 * before, and sees what is there by then. The reading belongs inside a read or a write of the storage.
 */
export class DocumentScan {
  #range = 0;
  #place: Place | undefined;
  #ended = false;
  /** A document with several entries in an index is given once. */
  readonly #given: Set<number> | undefined;

  constructor(
    private readonly collection: number,
    private readonly path: AccessPath,
  ) {
    if (typeof path.by === 'object' && path.by.multikey) this.#given = new Set();
  }

  /** Nothing is left. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Gives documents until there is none left or `take` wants no more. */
  read(statements: Statements, take: Taking): void {
    const { by, ranges } = this.path;
    if (by === 'natural') return this.#readNatural(statements, take);
    const inOrder = this.path.reversed ? ranges.toReversed() : ranges;
    for (; this.#range < inOrder.length; this.#range++, this.#place = undefined) {
      const range = inOrder[this.#range]!;
      const all =
        by === 'id' ? this.#readIds(statements, range, take) : this.#readEntries(statements, by.id, range, take);
      if (!all) return;
    }
    this.#ended = true;
  }

  #readNatural(statements: Statements, take: Taking): void {
    const table = documentsTable(this.collection);
    const { reversed } = this.path;
    const sql = reversed
      ? `SELECT id, body FROM ${table} WHERE id < ? ORDER BY id DESC`
      : `SELECT id, body FROM ${table} WHERE id > ? ORDER BY id`;
    const start = (this.#place as number | undefined) ?? (reversed ? Number.MAX_SAFE_INTEGER : 0);
    for (const row of statements.get<[number], DocumentRow>(sql).iterate(start)) {
      this.#place = row.id;
      if (!take(row)) return;
    }
    this.#ended = true;
  }

  #readIds(statements: Statements, { low, high, single }: ByteRange, take: Taking): boolean {
    const table = documentsTable(this.collection);
    const last = this.#place as Buffer | undefined;
    if (single) {
      if (last) return true;
      this.#place = low;
      const row = statements.get<[Buffer], DocumentRow>(`SELECT id, body FROM ${table} WHERE key = ?`).get(low);
      return !row || take(row);
    }
    const { reversed } = this.path;
    const sql = `SELECT id, key, body FROM ${table} WHERE key >= ? AND key < ? ORDER BY key${reversed ? ' DESC' : ''}`;
    const from = last && !reversed ? Buffer.concat([last, ZERO]) : low;
    const to = last && reversed ? last : high;
    for (const row of statements.get<[Buffer, Buffer], EntryRow>(sql).iterate(from, to)) {
      this.#place = row.key;
      if (!take(row)) return false;
    }
    return true;
  }

  #readEntries(statements: Statements, index: number, { low, high }: ByteRange, take: Taking): boolean {
    const { reversed } = this.path;
    const last = (this.#place as { key: Buffer; id: number } | undefined) ?? (reversed ? { key: high, id: 0 } : { key: low, id: 0 }); // prettier-ignore
    const [after, within, order] = reversed ? ['<', '>=', ' DESC'] : ['>', '<', ''];
    const sql = `SELECT entry.key, document.id, document.body
      FROM ${entriesTable(index)} AS entry CROSS JOIN ${documentsTable(this.collection)} AS document ON document.id = entry.document
      WHERE (entry.key, entry.document) ${after} (?, ?) AND entry.key ${within} ?
      ORDER BY entry.key${order}, entry.document${order}`;
    const statement = statements.get<[Buffer, number, Buffer], EntryRow>(sql);
    for (const row of statement.iterate(last.key, last.id, reversed ? low : high)) {
      this.#place = { key: row.key, id: row.id };
      if (this.#given?.has(row.id)) continue;
      this.#given?.add(row.id);
      if (!take(row)) return false;
    }
    return true;
  }
}

const ZERO = Buffer.of(0);
