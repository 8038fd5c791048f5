import { SqliteDatabase } from '@gesta/sqlite';
import { DataLock } from '../../data/data-lock.js';
import { Catalog } from './catalog.js';
import type { Collection } from './collection.js';
import { DocumentTable } from './document-table.js';
import { Statements } from './statements.js';

/** How long, in milliseconds, one reader reads before others get their turn. */
const TURN_MS = 4;

/** The tables, as they are during one read or write. */
export class Tables {
  readonly #tables = new WeakMap<Collection, DocumentTable>();

  constructor(
    readonly catalog: Catalog,
    readonly statements: Statements,
  ) {}

  /** The documents of a collection that the catalog gave. */
  documents(collection: Collection): DocumentTable {
    let table = this.#tables.get(collection);
    if (!table) this.#tables.set(collection, (table = new DocumentTable(this.statements, this.catalog, collection)));
    return table;
  }
}

/**
 * Where everything is kept: one SQLite file or memory. A write is there after a `kill -9` of the process; it is there
 * after a power cut too when it was asked to be flushed.
 */
export class Storage {
  readonly #tables: Tables;
  #turn: Promise<void> | undefined;
  #turnEnds = 0;

  private constructor(
    private readonly database: SqliteDatabase,
    private readonly lock: DataLock | undefined,
  ) {
    const { db } = database.documents;
    this.#tables = new Tables(new Catalog(db), new Statements(db));
  }

  /**
   * @param file the database file's path; in memory without it
   * @throws {StoreUnavailable} when the file cannot be opened, is something else or is another server's
   */
  static async open(file?: string): Promise<Storage> {
    const database = await SqliteDatabase.open(`sqlite:${file ?? ':memory:'}`);
    let lock: DataLock | undefined;
    try {
      lock = file === undefined ? undefined : await DataLock.take(file);
      await database.documents.write((db) => Catalog.prepare(db));
      const storage = new Storage(database, lock);
      await storage.write(({ catalog }) => catalog.dropTemporary());
      return storage;
    } catch (error) {
      await database.release();
      lock?.release();
      throw error;
    }
  }

  /** Does the work at once; it sees all that is committed. Keep it short, or do it in turns. */
  read<T>(work: (tables: Tables) => T): Promise<T> {
    return this.database.documents.read(() => work(this.#tables));
  }

  /**
   * Does the work in the next transaction and resolves when that is committed. The work may run more than once. What it
   * throws undoes all of it, and of its neighbours nothing.
   */
  write<T>(work: (tables: Tables) => T): Promise<T> {
    return this.database.documents.write(() => work(this.#tables));
  }

  /** Waits until the disk has everything that was written before. */
  async flush(): Promise<void> {
    if (this.database.inMemory) return;
    // The flush of one connection takes along everything that is in the log before it.
    await this.database.events.write((db) => void db.exec('UPDATE mongodb_flush SET flushes = flushes + 1'));
  }

  /**
   * Does the work again and again until it says that it is done, with time for others in between.
   * @param work a part of the reading; it looks at the deadline (of `performance.now()`) and returns true when done
   */
  async readInTurns(work: (tables: Tables, deadline: number) => boolean): Promise<void> {
    for (let done = false; !done;) {
      await this.#myTurn();
      done = await this.read((tables) => work(tables, this.#turnEnds));
    }
  }

  /** Reads are done at once, so who reads one after the other would never let the event loop go round. */
  async #myTurn(): Promise<void> {
    while (this.#turn && performance.now() >= this.#turnEnds) await this.#turn;
    if (this.#turn) return;
    this.#turnEnds = performance.now() + TURN_MS;
    this.#turn = new Promise((resolve) =>
      setImmediate(() => {
        this.#turn = undefined;
        resolve();
      }),
    );
  }

  /** Finishes the writes that were accepted and closes the file. */
  async close(): Promise<void> {
    await this.database.release();
    this.lock?.release();
  }
}
