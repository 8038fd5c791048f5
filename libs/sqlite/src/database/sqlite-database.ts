import { StoreUnavailable, type StoreCondition } from '@gesta/core';
import Database from 'better-sqlite3';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkSqliteVersion, prepareSchema } from './database-schema.js';
import { FileIdentity } from './file-identity.js';
import { onceUnlocked } from './lock-patience.js';
import { SqliteConnection } from './sqlite-connection.js';
import { isNoDatabase, isUnavailable, unavailable } from './sqlite-errors.js';
import { OWN_CHECKPOINT_PAGES, WriteAheadLog } from './write-ahead-log.js';

const MEMORY = ':memory:';

/**
 * Where a URL points to: the file's absolute path, or `:memory:`.
 * @throws {RangeError} for a URL that is not like `sqlite:./data/gesta.db`, `sqlite:/var/lib/gesta.db` or `sqlite::memory:`
 */
export function locationOf(url: string): string {
  const path = /^sqlite:(?!\/\/[^/])(.+)$/.exec(url)?.[1];
  if (!path) {
    throw new RangeError(
      `'${url}' is no SQLite URL: it looks like sqlite:./data/gesta.db, sqlite:/abs/path.db or sqlite::memory:`,
    );
  }
  return path === MEMORY ? MEMORY : resolve(path);
}

/**
 * One database file, shared by an event store and a document store, in as many processes as like.
 *
 * Events and documents have a connection each. An event is on the disk when it is acknowledged (`synchronous=FULL`);
 * documents and their checkpoints are not flushed on their own (`synchronous=NORMAL`). Both go into the one write-ahead
 * log, of which a power cut can only cut off the end, and an event's flush takes everything before it along. So after a
 * power cut documents and checkpoints may lag behind the events, and never lead.
 */
export class SqliteDatabase {
  #users = 1;
  #closing: Promise<void> | undefined;
  /** Absent when the database is in memory. */
  readonly #log: WriteAheadLog | undefined;

  private constructor(
    /** The file's absolute path, or `:memory:`. */
    readonly location: string,
    readonly events: SqliteConnection,
    /** The same connection as `events` when the database is in memory. */
    readonly documents: SqliteConnection,
    private readonly file?: FileIdentity,
  ) {
    if (location !== MEMORY) this.#log = new WriteAheadLog(location, [events, documents]);
  }

  /**
   * Opens the file, which is made with its folder when it is not there. The caller is its first user.
   * @param url such as `sqlite:./data/gesta.db`, relative to the working directory, or `sqlite::memory:`
   * @throws {RangeError} for a URL of another form
   * @throws {StoreUnavailable} when the file cannot be opened or is not Gesta's; the message says which, and what to do
   */
  static async open(url: string): Promise<SqliteDatabase> {
    const location = locationOf(url);
    if (location !== MEMORY) makeFolder(location);
    if (location === MEMORY) {
      const only = await connect(location, 'FULL');
      return new SqliteDatabase(location, only, only);
    }
    let file: FileIdentity | undefined;
    const check = () => file?.checkNowAndThen();
    const events = await connect(location, 'FULL', check);
    try {
      file = new FileIdentity(location);
      return new SqliteDatabase(location, events, await connect(location, 'NORMAL', check), file);
    } catch (error) {
      await events.close();
      throw error;
    }
  }

  /** Whether all of it is in this process and nowhere else. */
  get inMemory(): boolean {
    return this.location === MEMORY;
  }

  /**
   * Whether one of its connections takes writes, and how large the write-ahead log is where it cannot be emptied.
   * @param connection `events` or `documents`
   */
  async condition(connection: SqliteConnection): Promise<StoreCondition> {
    const [failing, grown] = await Promise.all([connection.failing(), this.#log?.grown()]);
    return { failing, warnings: grown === undefined ? [] : [grown] };
  }

  /** @throws {StoreUnavailable} when the file that is open is not the one at the path any more */
  checkFile(): void {
    this.file?.check();
  }

  /** Counts one more user. @returns false when it is too late because the last user has let go */
  retain(): boolean {
    if (this.#users === 0) return false;
    this.#users++;
    return true;
  }

  /** Lets go of the database. The last user's letting go finishes accepted writes and closes the file. */
  async release(): Promise<void> {
    if (this.#users > 0) this.#users--;
    if (this.#users === 0) await (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await this.#log?.close();
    await this.events.close();
    if (this.documents !== this.events) await this.documents.close();
  }
}

function makeFolder(location: string): void {
  const folder = dirname(location);
  try {
    makeFolders(folder);
  } catch (error) {
    throw new StoreUnavailable(`The folder ${folder} of the database cannot be made: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** One after the other: Node's own way of making several never ends below a folder that takes none, such as /proc. */
function makeFolders(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(folder) !== folder) makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error; // else another process was first
  }
}

async function connect(
  location: string,
  synchronous: 'FULL' | 'NORMAL',
  check?: () => void,
): Promise<SqliteConnection> {
  let db: Database.Database | undefined;
  try {
    // No busy-wait inside the driver, which would stop the event loop: whoever meets a lock waits outside.
    const opened = (db = new Database(location, { timeout: 0 }));
    await onceUnlocked(() => {
      checkSqliteVersion(opened.prepare<[], string>('SELECT sqlite_version()').pluck().get()!);
      prepareSchema(opened, location);
    });
    const journal = await onceUnlocked(() => opened.pragma('journal_mode = WAL', { simple: true }));
    if (journal !== 'wal' && location !== MEMORY) {
      throw new StoreUnavailable(`${location}: its file system has no shared memory, which write-ahead logging needs`);
    }
    db.pragma(`synchronous = ${synchronous}`);
    db.pragma('fullfsync = ON'); // on macOS a plain fsync does not reach the disk
    db.pragma('checkpoint_fullfsync = ON');
    db.pragma('foreign_keys = OFF');
    db.pragma('cache_size = -16000'); // KiB; more made nothing faster. No mmap: it made no read faster, and an I/O error in it kills the process
    db.pragma(`wal_autocheckpoint = ${OWN_CHECKPOINT_PAGES}`);
    db.pragma('journal_size_limit = 67108864'); // bytes that the log keeps on the disk when it is reset after a peak
    db.pragma('temp_store = MEMORY');
    return new SqliteConnection(db, location, check);
  } catch (error) {
    db?.close();
    if (isNoDatabase(error)) {
      throw new StoreUnavailable(`${location} is no SQLite database: give Gesta a file of its own`, { cause: error });
    }
    throw isUnavailable(error) ? unavailable(location, error) : error;
  }
}
