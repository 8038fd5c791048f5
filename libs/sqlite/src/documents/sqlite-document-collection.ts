import {
  checkedPurge,
  compareText,
  compileFilter,
  documentsToPut,
  explicitFilter,
  findWindow,
  type DocumentCollection,
  type ExplicitFilter,
  type Filter,
  type FindOptions,
  type FindWindow,
  type IndexSpec,
  type JsonObject,
  type PurgeOptions,
  type Purged,
  type StoredDocument,
} from '@gesta/core';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { CollectionReader } from './collection-reader.js';
import { NO_TOMBSTONE, type DocumentTables } from './document-tables.js';
import { FoundDocuments } from './found-documents.js';
import { isIrregular, type IndexedValue } from './indexed-value.js';
import type { ScannedRow } from './index-scan.js';
import type { LiveIndexes, Tombstones } from './live-indexes.js';
import { planQuery, type CountRows, type Run } from './query-plan.js';

/** A document as it is written. */
type Row = [key: string, version: bigint, body: string | null];

/** The most keys that one statement looks up. */
const KEYS_AT_ONCE = 500;
/** One write takes no more than so many documents, and not many more characters: about as much as takes 5 ms. */
const DOCUMENTS_AT_ONCE = 250;
const CHARACTERS_AT_ONCE = 500_000;
/** Rows that are counted in one go. */
const COUNTED_AT_ONCE = 50_000n;

/** Documents in a table of an SQLite file. */
export class SqliteDocumentCollection implements DocumentCollection {
  /**
   * @param indexes to make with the table, should it have been dropped before a put
   * @param tables gives the tables, or throws when the store is closed
   * @param liveIndexes made where tombstones are in a query's way
   */
  constructor(
    readonly name: string,
    private readonly indexes: readonly IndexSpec[],
    private readonly connection: SqliteConnection,
    private readonly reader: CollectionReader,
    private readonly tables: () => DocumentTables,
    private readonly liveIndexes: LiveIndexes,
  ) {}

  async get(keys: readonly string[]): Promise<Map<string, StoredDocument>> {
    this.tables();
    const found = new Map<string, StoredDocument>();
    for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
      const some = JSON.stringify(keys.slice(start, start + KEYS_AT_ONCE));
      const rows = await this.reader.read(this.name, (table) => (table ? this.#rowsOf(table, some) : []));
      for (const [key, version, body] of rows)
        found.set(key, { key, version, body: body === null ? undefined : parsed(body) });
    }
    return found;
  }

  async put(documents: readonly StoredDocument[]): Promise<readonly string[]> {
    const tables = this.tables();
    const rows = [...documentsToPut(documents).values()].map(({ key, version, body }): Row => [
      key,
      version,
      body === undefined ? null : JSON.stringify(body),
    ]);
    rows.sort(([a], [b]) => (a < b ? -1 : 1)); // neighbours share pages, which then are written once
    // All are waited for before one's failure is told: nothing goes on behind the caller's back.
    const writes = await Promise.allSettled(
      portionsOf(rows).map((portion) => this.connection.write(() => this.#write(tables, portion))),
    );
    const failed = writes.find((write) => write.status === 'rejected');
    if (failed) throw failed.reason;
    return writes.flatMap((write) => (write as PromiseFulfilledResult<string[]>).value);
  }

  async find(filter: Filter, options?: FindOptions): Promise<StoredDocument[]> {
    this.tables();
    const window = findWindow(options);
    const asked = explicitFilter(filter);
    const matches = compileFilter(asked);
    if (window.limit === 0) return [];
    return this.liveIndexes.asNeeded(async (tombstones) => {
      const found = new FoundDocuments(window);
      for (const run of await this.#plan(asked, window)) {
        let needed = run.ordered ? found.needed : Infinity;
        await this.reader.scan(this.name, run, (row) => {
          if (window.after !== undefined && compareText(row.key, window.after) <= 0) return true;
          tombstones.meet(run.path.table, row.body);
          const body = bodyIn(run, row);
          if (!body || !matches(body)) return true;
          found.add(row.key, row.version, body);
          return --needed > 0;
        });
      }
      return found.documents();
    });
  }

  async count(filter: Filter): Promise<number> {
    this.tables();
    const asked = explicitFilter(filter);
    if (Object.keys(asked).length === 0) return this.liveIndexes.asNeeded((tombstones) => this.#countAll(tombstones));
    const matches = compileFilter(asked);
    return this.liveIndexes.asNeeded(async (tombstones) => {
      let count = 0;
      for (const run of await this.#plan(asked, undefined)) {
        if (run.exact) count += await this.reader.count(this.name, run);
        else {
          await this.reader.scan(this.name, run, (row) => {
            tombstones.meet(run.path.table, row.body);
            const body = bodyIn(run, row);
            if (body && matches(body)) count++;
            return true;
          });
        }
      }
      return count;
    });
  }

  async purge(options: PurgeOptions): Promise<Purged> {
    const { upTo, after, limit } = checkedPurge(options);
    this.tables();
    let removed = 0;
    let last = after;
    // Looked for in a read, so that nobody waits for a lock where there is nothing to remove.
    for (let looked = 0; looked < limit;) {
      const most = Math.min(limit - looked, KEYS_AT_ONCE);
      const rows = await this.reader.read(this.name, (table) => (table ? this.#ages(table, last, most) : []));
      const old = rows.filter(([, isOld, version]) => isOld === 1n && version <= upTo).map(([key]) => key);
      if (old.length > 0) removed += await this.connection.write(() => this.#remove(old, upTo));
      looked += rows.length;
      if (rows.length < most) return { removed, last: undefined };
      last = rows.at(-1)![0];
    }
    return { removed, last };
  }

  #plan(filter: ExplicitFilter, window: FindWindow | undefined): Promise<Run[]> {
    const tables = this.tables();
    return this.reader.read(this.name, (table) => {
      if (!table) return [];
      const countRows: CountRows = (...segment) => this.reader.countRows(...segment);
      return planQuery(table, tables.indexes(table), filter, window, countRows, tables.liveIndex(table));
    });
  }

  #rowsOf(table: string, keys: string): Row[] {
    // One statement for all is four times as fast as one for each.
    const sql = `SELECT key, version, body FROM ${table} WHERE key IN (SELECT value FROM json_each(?))`;
    return this.reader.statement(sql).all(keys) as Row[];
  }

  /** Keys in their order, each with whether it is a tombstone's and at which version. Bodies are not read. */
  #ages(table: string, after: string | undefined, most: number): [key: string, isTombstone: bigint, version: bigint][] {
    const sql = `SELECT key, body IS NULL, version FROM ${table} WHERE key > ? ORDER BY key LIMIT ?`;
    return this.reader.statement(sql).all(after ?? '', BigInt(most)) as [string, bigint, bigint][]; // no key is empty
  }

  #remove(keys: readonly string[], upTo: bigint): number {
    const table = this.tables().find(this.name);
    if (!table) return 0;
    const sql = `DELETE FROM ${table} WHERE key IN (SELECT value FROM json_each(?)) AND body IS NULL AND version <= ?`;
    return this.reader.statement(sql).run(JSON.stringify(keys), upTo).changes;
  }

  /** The rule of versions is in the statement itself, so that no other connection can come in between. */
  #write(tables: DocumentTables, rows: readonly Row[]): string[] {
    const table = tables.find(this.name) ?? tables.create(this.name, this.indexes);
    const put = this.reader.statement(
      `INSERT INTO ${table} (key, version, body) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE
       SET version = excluded.version, body = excluded.body WHERE excluded.version > version`,
    );
    return rows.filter((row) => put.run(...row).changes === 0).map(([key]) => key);
  }

  async #countAll(tombstones: Tombstones): Promise<number> {
    let count = 0;
    let last: string | bigint | undefined;
    do {
      const after = last;
      const some = await this.reader.read(this.name, (table) => table && this.#countSome(table, after));
      if (!some) break; // there is none
      count += some.live;
      last = some.last;
      tombstones.meetMany(some.table, some.tombstones, some.live);
    } while (last !== undefined);
    return count;
  }

  /** Counts a portion: by key where there is an index of the live documents, else by row id, as the rows lie in the file. */
  #countSome(table: string, after: string | bigint | undefined): Counted {
    const index = this.tables().liveIndex(table);
    if (index !== undefined) {
      const sql = `SELECT count(*), max(key) FROM (SELECT key FROM ${table} INDEXED BY ${index} WHERE ${NO_TOMBSTONE} AND key > ? ORDER BY key LIMIT ?)`;
      const from = typeof after === 'string' ? after : ''; // no key is empty
      const [live, last] = this.reader.statement(sql).get(from, COUNTED_AT_ONCE) as [bigint, string | null];
      return { table, live: Number(live), tombstones: 0, last: live < COUNTED_AT_ONCE ? undefined : last! };
    }
    const sql = `SELECT count(*), count(body), (SELECT max(rowid) FROM ${table}) FROM ${table} WHERE rowid > ? AND rowid <= ?`;
    const from = typeof after === 'bigint' ? after : 0n;
    const to = from + COUNTED_AT_ONCE;
    const [rows, live, end] = this.reader.statement(sql).get(from, to) as [bigint, bigint, bigint | null];
    return { table, live: Number(live), tombstones: Number(rows - live), last: to < (end ?? 0n) ? to : undefined };
  }
}

/** What one portion of a count came to. */
interface Counted {
  readonly table: string;
  readonly live: number;
  readonly tombstones: number;
  /** Where the next one begins; `undefined` behind the last. */
  readonly last: string | bigint | undefined;
}

/** The body that is to be looked at; none for a tombstone and for what another run reads. */
function bodyIn(run: Run, { body, place }: ScannedRow): JsonObject | undefined {
  if (body === null || (run.regularOnly && (place as IndexedValue[]).some(isIrregular))) return undefined;
  return parsed(body);
}

function portionsOf(rows: readonly Row[]): Row[][] {
  const portions: Row[][] = [];
  let characters = Infinity;
  for (const row of rows) {
    if (characters > CHARACTERS_AT_ONCE || portions.at(-1)!.length >= DOCUMENTS_AT_ONCE) {
      portions.push([]);
      characters = 0;
    }
    portions.at(-1)!.push(row);
    characters += row[2]?.length ?? 0;
  }
  return portions;
}

const parsed = (text: string) => JSON.parse(text) as JsonObject;
