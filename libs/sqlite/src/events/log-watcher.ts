import type { EventAt, EventFilter } from '@gesta/core';
import type { Statement } from 'better-sqlite3';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { EventNames } from './event-names.js';
import { NO_EVENT } from './event-tables.js';
import type { LogEnd } from './log-reader.js';

/** How often other processes' appends are looked for while somebody waits, in milliseconds. */
const POLL_MS = 15;
/** So seldom where nothing was appended for some seconds: an application that rests is to cost next to nothing. */
const LONGEST_POLL_MS = 60;
/** The log has been still for so many times as long as it is not looked at. */
const STILL_FOR_POLLS = 50;
/** For whom nothing was appended is told so a little later, in milliseconds: the later, the more of them there are. */
const LULL_MS_FOR_EACH = 0.1;
/** What telling them takes is at most one part of so many of the time. */
const SHARE_OF_TELLING = 10;
const LONGEST_LULL_MS = 500;
/** What is appended is looked into once for all who wait; of more than so many events nobody is told in particular. */
const MOST_LOOKED_INTO = 2_000;

interface Waiting {
  readonly place: number;
  readonly filter: EventFilter | undefined;
  /** @param passed how far the log was seen to hold nothing for them */
  readonly wake: (passed: Passed | undefined) => void;
}

/** How far the log was looked into for somebody. */
export interface Passed {
  readonly reached: number;
  /** The last event up to there. */
  readonly at: EventAt | undefined;
}

/**
 * Wakes those who wait for the log to grow by what they wait for: at once when the growth was this connection's, soon when it
 * was another's. What was appended is looked into once, and not by everybody; all others hear a little later that they have
 * missed nothing. Nothing is looked at, and no timer runs, while nobody waits.
 */
export class LogWatcher {
  readonly #waiting = new Set<Waiting>();
  /** By the names in their filters; those without a filter under `undefined`. */
  readonly #byName = new Map<string | undefined, Set<Waiting>>();
  /** Up to here it was looked into what was appended. */
  #seen = 0;
  /** When it had last grown, by `performance.now()`. */
  #grown = -Infinity;
  #lull: NodeJS.Timeout | undefined;
  /** How long the last telling took with what followed from it, in milliseconds. */
  #telling = 0;
  #closed = false;
  #stop: (() => void) | undefined;
  readonly #kinds: Statement<[number, number], [type: number, category: number]>;

  /** @param shared whether others can append to the log as well, beside this connection */
  constructor(
    private readonly connection: SqliteConnection,
    private readonly end: LogEnd,
    private readonly names: EventNames,
    private readonly shared: boolean,
  ) {
    this.#kinds = connection.db
      .prepare<[number, number], [number, number]>(
        'SELECT DISTINCT type, category FROM event WHERE position > ? AND position <= ?',
      )
      .raw();
  }

  /**
   * Resolves when the log goes further than the place, at the signal, on closing, or when the file cannot be read.
   * @returns how far it holds nothing for the filter; `undefined` where that is to be looked up
   */
  beyond(place: number, signal: AbortSignal, filter?: EventFilter): Promise<Passed | undefined> {
    // It may have grown since its reader looked.
    if (this.#closed || signal.aborted || this.#end() > place) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        place,
        filter,
        wake: (passed) => {
          signal.removeEventListener('abort', ended);
          this.#remove(waiting);
          resolve(passed);
        },
      };
      const ended = () => waiting.wake(undefined);
      signal.addEventListener('abort', ended);
      this.#add(waiting);
    });
  }

  /** Wakes everybody, for good. */
  close(): void {
    this.#closed = true;
    for (const { wake } of this.#waiting) wake(undefined);
  }

  #add(waiting: Waiting): void {
    if (this.#waiting.size === 0) this.#seen = waiting.place;
    this.#waiting.add(waiting);
    for (const name of namesOf(waiting)) {
      const others = this.#byName.get(name);
      if (others) others.add(waiting);
      else this.#byName.set(name, new Set([waiting]));
    }
    this.#start();
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    for (const name of namesOf(waiting)) {
      const others = this.#byName.get(name)!;
      others.delete(waiting);
      if (others.size === 0) this.#byName.delete(name);
    }
    if (this.#waiting.size === 0) this.#rest();
  }

  #start(): void {
    if (this.#stop) return;
    const look = () => this.#look();
    const stopListening = this.connection.onCommit(look);
    let timer: NodeJS.Timeout | undefined;
    const poll = () => {
      // Not unref'd: a process that waits for events is at work, even if it does nothing else.
      timer = setTimeout(() => {
        poll();
        look();
      }, this.#pause());
    };
    if (this.shared) poll();
    this.#stop = () => {
      stopListening();
      clearTimeout(timer);
    };
  }

  #pause(): number {
    const still = performance.now() - this.#grown;
    return Math.min(LONGEST_POLL_MS, Math.max(POLL_MS, still / STILL_FOR_POLLS));
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
    clearTimeout(this.#lull);
    this.#lull = undefined;
  }

  #look(): void {
    const end = this.#end();
    if (end <= this.#seen) return;
    this.#grown = performance.now();
    const concerned = this.#concerned(this.#seen, end);
    if (end < Infinity) this.#seen = end;
    for (const waiting of concerned) waiting.wake(undefined);
    if (this.#waiting.size === 0) return;
    const lull = Math.min(
      LONGEST_LULL_MS,
      Math.max(LULL_MS_FOR_EACH * this.#waiting.size, SHARE_OF_TELLING * this.#telling),
    );
    this.#lull ??= setTimeout(() => void this.#tellOthers(), lull);
  }

  /** Those who wait for what was appended between the places; everybody where that is not known. */
  #concerned(after: number, until: number): Iterable<Waiting> {
    if (until - after > MOST_LOOKED_INTO) return [...this.#waiting];
    try {
      const concerned = new Set(this.#byName.get(undefined));
      for (const [type, category] of this.#kinds.all(after, until)) {
        if (type === NO_EVENT) continue;
        for (const name of [`type ${this.names.nameOf(type)}`, `category ${this.names.nameOf(category)}`]) {
          for (const waiting of this.#byName.get(name) ?? []) concerned.add(waiting);
        }
      }
      return concerned;
    } catch {
      return [...this.#waiting];
    }
  }

  async #tellOthers(): Promise<void> {
    this.#lull = undefined;
    const reached = this.#seen;
    // Looked up once for all of them. Where that fails, each reads for itself, and meets the error where it can tell it.
    const passed = await this.connection
      .read(() => ({ reached, at: this.end.lastUpTo(reached) }))
      .catch(() => undefined);
    const begun = performance.now();
    for (const { place, wake } of this.#waiting) if (place < reached) wake(passed);
    setImmediate(() => (this.#telling = performance.now() - begun));
  }

  #end(): number {
    try {
      return this.end.position();
    } catch {
      return Infinity; // those who wait will meet the same error when they read, and know what to do about it
    }
  }
}

function namesOf({ filter }: Waiting): readonly (string | undefined)[] {
  if (!filter) return [undefined];
  return 'types' in filter
    ? filter.types.map((name) => `type ${name}`)
    : filter.categories.map((name) => `category ${name}`);
}
