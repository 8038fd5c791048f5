import { performance } from 'node:perf_hooks';
import type { Statement } from 'better-sqlite3';
import { statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { holdersOf } from './lock-holders.js';
import { onSideThread } from './side-thread.js';
import type { SqliteConnection } from './sqlite-connection.js';

/**
 * More pages than this in the write-ahead log, and it is emptied beside the event loop: 16 MB. SQLite's own way, which
 * keeps it at 4 MB, gets nowhere while some reader is always in the middle of something, and would stop the event loop
 * for as long as there is much to carry over.
 */
const LARGE_PAGES = 4_096;
/** SQLite's own checkpoint comes after so many pages; more stops the event loop for longer, and is hardly faster. */
export const OWN_CHECKPOINT_PAGES = 1_000;

const LOOK_EVERY_MS = 50;
/** For so long, in milliseconds, writers may have to wait while the last readers leave the log. */
const READERS_LEAVE_MS = 150;
/** Between two attempts, in milliseconds: growing, as somebody may hold the log for hours. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** For so long who asks how large the log is waits for an attempt, in milliseconds. */
const ATTEMPT_MS = 350;

interface Pages {
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Keeps a file's write-ahead log small. Each process that writes does so; what they do at once does no harm. Only a
 * transaction that somebody leaves open for long can let it grow, and then {@link WriteAheadLog.grown} says so.
 */
export class WriteAheadLog {
  readonly #look: Statement<[], Pages>;
  readonly #stop: (() => void)[];
  #nextLook = 0;
  #nextAttempt = 0;
  #pause = FIRST_PAUSE_MS;
  #isLarge = false;
  #attempt: Promise<void> | undefined;

  /** @param connections those of this process that write to the file */
  constructor(
    private readonly location: string,
    private readonly connections: readonly SqliteConnection[],
  ) {
    this.#look = connections[0]!.db.prepare<[], Pages>('PRAGMA wal_checkpoint(NOOP)');
    this.#stop = connections.map((connection) => connection.onCommit(() => this.#committed()));
  }

  /**
   * Says how large the log is, and what may hold it, where it is large and cannot be emptied; else `undefined`. It is
   * tried before.
   */
  async grown(): Promise<string | undefined> {
    for (let attempts = 0; attempts < 2; attempts++) {
      if (!this.#measure()) return undefined;
      const late = new AbortController();
      const waiting = wait(ATTEMPT_MS, undefined, { signal: late.signal }).catch(() => undefined);
      await Promise.race([(this.#attempt ??= this.#empty()), waiting]);
      late.abort();
    }
    if (!this.#measure()) return undefined;
    const log = `${this.location}-wal`;
    const bytes = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const holders = holdersOf(`${this.location}-shm`);
    const who = holders.length > 0 ? ` (it is ${holders.join(' or ')})` : '';
    return (
      `the write-ahead log ${log} has grown to ${Math.round(bytes / 2 ** 20)} MB and cannot be emptied: ` +
      `somebody keeps a transaction open on the file, such as an SQLite shell, a backup, a viewer or a process that stands still${who}; end it`
    );
  }

  async close(): Promise<void> {
    for (const stop of this.#stop) stop();
    await this.#attempt;
  }

  #committed(): void {
    const now = performance.now();
    if (now < this.#nextLook) return;
    this.#nextLook = now + LOOK_EVERY_MS;
    if (!this.#measure() || this.#attempt || now < this.#nextAttempt) return;
    this.#attempt = this.#empty();
  }

  /** Whether the log is large. SQLite's own checkpoints rest meanwhile: they would do all of it at once, on this thread. */
  #measure(): boolean {
    const large = (this.#pages()?.log ?? 0) > LARGE_PAGES;
    if (large === this.#isLarge) return large;
    this.#isLarge = large;
    for (const { db } of this.connections) {
      if (db.open) db.pragma(`wal_autocheckpoint = ${large ? 0 : OWN_CHECKPOINT_PAGES}`);
    }
    return large;
  }

  #pages(): Pages | undefined {
    try {
      return this.connections[0]!.db.open ? this.#look.get() : undefined;
    } catch {
      return undefined; // who writes or reads meets the same error, and tells it
    }
  }

  /** Carries over what can be carried over while others write, and then waits for the readers of the rest. */
  async #empty(): Promise<void> {
    try {
      const statements = [
        'PRAGMA checkpoint_fullfsync = ON',
        'PRAGMA wal_checkpoint(PASSIVE)',
        'PRAGMA wal_checkpoint(TRUNCATE)',
      ];
      const found = await onSideThread(this.location, statements, READERS_LEAVE_MS);
      const { busy } = found.at(-1) as { busy: number };
      this.#pause = busy ? Math.min(2 * this.#pause, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    } catch {
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS); // the next attempt may do better, and the size is told
    } finally {
      this.#nextAttempt = performance.now() + this.#pause;
      this.#attempt = undefined;
    }
  }
}
