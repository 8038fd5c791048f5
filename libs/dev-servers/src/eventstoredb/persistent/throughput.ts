/** Counts messages, and says how many there were since it was last asked. */
export class Throughput {
  total = 0;
  #totalBefore = 0;
  #askedAt = performance.now();

  /** @returns the messages counted since the last call, and how many that is in a second, rounded down */
  sinceLastMeasurement(): { readonly count: number; readonly perSecond: number } {
    const now = performance.now();
    const count = this.total - this.#totalBefore;
    const seconds = (now - this.#askedAt) / 1000;
    this.#totalBefore = this.total;
    this.#askedAt = now;
    return { count, perSecond: seconds > 0 ? Math.floor(count / seconds) : 0 };
  }
}
