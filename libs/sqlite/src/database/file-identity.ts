import { StoreUnavailable } from '@gesta/core';
import { statSync } from 'node:fs';

/** How often at most it is looked whether the file is still there, in milliseconds: a look costs some microseconds. */
const LOOK_EVERY_MS = 50;

/**
 * Which file was opened. One that was removed or replaced under an open connection is written to as if nothing had been,
 * and is gone with the process.
 */
export class FileIdentity {
  readonly #opened: string | undefined;
  /** That of the write-ahead log, once there was one: it stays as long as somebody has the database open. */
  #log: string | undefined;
  #lookedAt = -Infinity;

  /** @param location the file's path, right after it was opened */
  constructor(private readonly location: string) {
    this.#opened = identityOf(location);
    this.#log = identityOf(`${location}-wal`);
  }

  /** @throws {StoreUnavailable} when another file is at the path, or none */
  check(): void {
    const now = identityOf(this.location);
    if (now !== this.#opened) throw this.#gone(now === undefined ? 'was removed' : 'was replaced by another one');
    const log = identityOf(`${this.location}-wal`);
    if (this.#log !== undefined && log !== this.#log) throw this.#gone('lost its write-ahead log, which was removed');
    this.#log = log;
    this.#lookedAt = performance.now();
  }

  /**
   * For what happens often: looks when the last look was a moment ago.
   * @throws {StoreUnavailable}
   */
  checkNowAndThen(): void {
    if (performance.now() - this.#lookedAt >= LOOK_EVERY_MS) this.check();
  }

  #gone(what: string): StoreUnavailable {
    return new StoreUnavailable(
      `The database ${this.location} ${what} while this process had it open: what is written here would be lost. ` +
        'Put the file back, with its -wal file if it has one, while no process runs, and start again',
    );
  }
}

/** Device and number of the file; `undefined` where none is at the path. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found && `${found.dev}:${found.ino}`;
}
