/** Wakes those who wait for a stream, or the whole log, to grow. */
export class LogWatcher {
  readonly #waiting = new Map<string, Set<() => void>>();
  #closed = false;

  /**
   * Resolves at the next append to the stream, at the signal, or on closing. Nothing is missed if the caller read what
   * there is in the same turn.
   */
  next(streamId: string, signal: AbortSignal): Promise<void> {
    if (this.#closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      let waiting = this.#waiting.get(streamId);
      if (!waiting) this.#waiting.set(streamId, (waiting = new Set()));
      const wake = () => {
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(streamId) === waiting) this.#waiting.delete(streamId);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  /** Says that the stream has grown. */
  grown(streamId: string): void {
    const waiting = this.#waiting.get(streamId);
    if (waiting) for (const wake of waiting) wake();
  }

  /** Wakes everybody, for good. */
  close(): void {
    this.#closed = true;
    for (const streamId of this.#waiting.keys()) this.grown(streamId);
  }
}
