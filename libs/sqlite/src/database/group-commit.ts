import { setImmediate } from 'node:timers';
import { performance } from 'node:perf_hooks';
import { StoreUnavailable, WrongExpectedRevision } from '@gesta/core';
import type { Database, Statement } from 'better-sqlite3';
import { setTimeout as wait } from 'node:timers/promises';
import { LOCK_PATIENCE_MS, lockPause } from './lock-patience.js';
import { isBusy, isUnavailable, unavailable } from './sqlite-errors.js';

/** A group ends with whichever of the two bounds it meets first, so that the event loop gets its turn. */
const MAX_GROUP = 1_000;
const MAX_GROUP_MS = 10;
/** A lock of so many milliseconds is told of, though it is waited for longer. */
const LONG_LOCK_MS = 700;
/** For so long, in milliseconds, a write's outcome says how writes go. */
const TOLD_MS = 5_000;

interface Write {
  readonly work: (db: Database) => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

/**
 * Writes that are asked for at about the same time share one transaction, and so one flush to disk. Nothing is
 * acknowledged before it is committed.
 */
export class GroupCommit {
  #queue: Write[] = [];
  #scheduled = false;
  #busySince: number | undefined;
  #closed = false;
  #drained: (() => void)[] = [];
  #lastSuccess = -Infinity;
  #lastFailure: { readonly reason: string; readonly at: number } | undefined;
  readonly #committed = new Set<() => void>();
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;

  /**
   * @param location what to call the database in messages
   * @param patience how long another connection's lock is waited for, in milliseconds
   * @param check throws where nothing may be written any more
   */
  constructor(
    private readonly db: Database,
    private readonly location: string,
    private readonly patience = LOCK_PATIENCE_MS,
    private readonly check: () => void = () => undefined,
  ) {
    this.#begin = db.prepare<[]>('BEGIN IMMEDIATE');
    this.#commit = db.prepare<[]>('COMMIT');
  }

  /**
   * Does the work inside the next transaction and resolves to its result once that is committed.
   *
   * The work may run more than once (a lock, a neighbour's failure), so it changes nothing but the database. A
   * `WrongExpectedRevision` must be thrown before the work writes anything; it rejects this write alone. Any other error
   * undoes the transaction; it rejects this write, and the others are done again without it.
   *
   * @throws {StoreUnavailable} when the disk or a lasting lock is in the way: the whole group is refused, and the next
   * one is tried again
   */
  write<T>(work: (db: Database) => T): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable(`${this.location} is closed`));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve, reject, since: performance.now() });
      this.#schedule();
    });
  }

  /**
   * Why writes fail, in one sentence; `undefined` where they do not. How the last ones went tells; where that was some
   * time ago, a small one.
   * @param probe makes the database write something that changes nothing
   */
  async failing(probe: (db: Database) => void): Promise<string | undefined> {
    const now = performance.now();
    const lockedFor = now - (this.#busySince ?? now);
    if (lockedFor > LONG_LOCK_MS) {
      return `${this.location}: another connection has kept it locked for ${(lockedFor / 1_000).toFixed(1)} s`;
    }
    if (this.#lastFailure && now - this.#lastFailure.at < TOLD_MS) return this.#lastFailure.reason;
    if (now - this.#lastSuccess < TOLD_MS || this.#closed) return undefined;
    const late = new AbortController();
    const waited = wait(LONG_LOCK_MS, 'late' as const, { signal: late.signal }).catch(() => 'late' as const);
    try {
      const outcome = await Promise.race([this.write(probe), waited]);
      return outcome === 'late' ? `${this.location}: another connection keeps it locked` : undefined;
    } catch (error) {
      return (error as Error).message;
    } finally {
      late.abort();
    }
  }

  /** Calls the listener after every group that was committed. @returns what ends that */
  onCommit(listener: () => void): () => void {
    this.#committed.add(listener);
    return () => void this.#committed.delete(listener);
  }

  /** Resolves when no accepted write is left undone. */
  async drain(): Promise<void> {
    if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  /** Takes no further writes, and resolves when those accepted are done. */
  close(): Promise<void> {
    this.#closed = true;
    return this.drain();
  }

  /** After the poll phase, so that the requests of all sockets that were readable in this turn join. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    this.#flush();
    if (this.#queue.length > 0) return this.#schedule();
    for (const drained of this.#drained.splice(0)) drained();
  };

  #flush(): void {
    const queue = this.#queue;
    const outcomes: { value?: unknown; refusal?: unknown }[] = [];
    let working = false;
    try {
      this.#rollBack(); // should the last one's undoing have failed too
      this.check();
      this.#begin.run();
      const deadline = performance.now() + MAX_GROUP_MS;
      const most = Math.min(queue.length, MAX_GROUP);
      do {
        working = true;
        outcomes.push(this.#outcome(queue[outcomes.length]!));
        working = false;
      } while (outcomes.length < most && performance.now() < deadline);
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      return this.#failed(error, outcomes.length, working);
    }
    this.#busySince = this.#lastFailure = undefined;
    this.#lastSuccess = performance.now();
    this.#take(outcomes.length).forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index]!;
      if ('refusal' in outcome) reject(outcome.refusal);
      else resolve(outcome.value as never);
    });
    for (const listener of this.#committed) listener();
  }

  #outcome(write: Write): { value: unknown } | { refusal: unknown } {
    try {
      return { value: write.work(this.db) };
    } catch (error) {
      if (error instanceof WrongExpectedRevision) return { refusal: error };
      throw error;
    }
  }

  #rollBack(): void {
    if (!this.db.open || !this.db.inTransaction) return; // some errors undo the transaction by themselves
    try {
      this.db.exec('ROLLBACK');
    } catch {
      // The error that led here is the one to report; the next group tries to undo again before it begins.
    }
  }

  #failed(error: unknown, done: number, working: boolean): void {
    if (isBusy(error)) return this.#waitForLock(error);
    if (working && !isUnavailable(error)) {
      // The one at fault is known, so its neighbours need not suffer: they run again in the next turn.
      this.#queue.splice(done, 1)[0]!.reject(error);
      return;
    }
    const refused = this.#take(working ? done + 1 : done || Math.min(this.#queue.length, MAX_GROUP));
    const reason = unavailable(this.location, error);
    this.#lastFailure = { reason: reason.message, at: performance.now() };
    for (const { reject } of refused) reject(reason);
  }

  #waitForLock(error: unknown): void {
    const now = performance.now();
    this.#busySince ??= now;
    const busySince = this.#busySince;
    const stillPatient = this.#queue.findIndex(({ since }) => now - Math.max(since, busySince) < this.patience);
    const refused = this.#take(stillPatient < 0 ? this.#queue.length : stillPatient);
    const reason = unavailable(this.location, error);
    if (refused.length > 0) this.#lastFailure = { reason: reason.message, at: now };
    for (const { reject } of refused) reject(reason);
    if (this.#queue.length === 0) {
      this.#busySince = undefined;
      return;
    }
    this.#scheduled = true;
    setTimeout(this.#turn, lockPause());
  }

  #take(count: number): Write[] {
    if (count < this.#queue.length) return this.#queue.splice(0, count);
    const all = this.#queue;
    this.#queue = [];
    return all;
  }
}
