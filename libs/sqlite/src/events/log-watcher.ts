import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { LogEnd } from './log-reader.js';

/** How often other processes' appends are looked for while somebody waits, in milliseconds. */
const POLL_MS = 15;

interface Waiting {
  readonly place: number;
  readonly wake: () => void;
}

/**
 * Wakes those who wait for the log to grow: at once when the growth was this connection's, soon when it was another's.
 * Nothing is looked at, and no timer runs, while nobody waits.
 */
export class LogWatcher {
  readonly #waiting = new Set<Waiting>();
  #closed = false;
  #stop: (() => void) | undefined;

  /** @param shared whether others can append to the log as well, beside this connection */
  constructor(
    private readonly connection: SqliteConnection,
    private readonly end: LogEnd,
    private readonly shared: boolean,
  ) {}

  /** Resolves when the log goes further than the place, at the signal, on closing, or when the file cannot be read. */
  beyond(place: number, signal: AbortSignal): Promise<void> {
    // It may have grown since its reader looked.
    if (this.#closed || signal.aborted || this.#end() > place) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting: Waiting = {
        place,
        wake: () => {
          signal.removeEventListener('abort', waiting.wake);
          this.#waiting.delete(waiting);
          if (this.#waiting.size === 0) this.#rest();
          resolve();
        },
      };
      signal.addEventListener('abort', waiting.wake);
      this.#waiting.add(waiting);
      this.#start();
    });
  }

  /** Wakes everybody, for good. */
  close(): void {
    this.#closed = true;
    for (const { wake } of this.#waiting) wake();
  }

  #start(): void {
    if (this.#stop) return;
    const look = () => this.#look();
    const stopListening = this.connection.onCommit(look);
    // Not unref'd: a process that waits for events is at work, even if it does nothing else.
    const timer = this.shared ? setInterval(look, POLL_MS) : undefined;
    this.#stop = () => {
      stopListening();
      clearInterval(timer);
    };
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #look(): void {
    const end = this.#end();
    for (const { place, wake } of this.#waiting) if (end > place) wake();
  }

  #end(): number {
    try {
      return this.end.position();
    } catch {
      return Infinity; // those who wait will meet the same error when they read, and know what to do about it
    }
  }
}
