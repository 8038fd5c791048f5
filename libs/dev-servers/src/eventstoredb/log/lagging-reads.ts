/** How many streams' last appends are kept in mind. */
const MOST_STREAMS = 10_000;

interface LastAppend {
  /** When it was acknowledged. */
  readonly at: number;
  /** The stream's last revision before it; -1 for none, or where it was deleted. */
  readonly before: number;
}

interface Hidden {
  readonly until: number;
  /** The last revision that reads show meanwhile. */
  readonly through: number;
}

/**
 * Which reads of streams lag behind the writer, as those of a real EventStoreDB do: it counts what is written, and reads
 * show what is indexed and replicated. Whoever is refused because of what another writer appends at the same time does not find
 * it for some milliseconds; a stream that begins again is not found for as long.
 */
export class LaggingReads {
  readonly #appends = new Map<string, LastAppend>();
  readonly #hidden = new Map<string, Hidden>();

  /** @param lagMs how long a read lags, in milliseconds; 0 for never */
  constructor(private readonly lagMs: number) {}

  /** Events were appended behind the revision. */
  appended(streamId: string, before: number): void {
    if (this.lagMs === 0) return;
    this.#appends.delete(streamId);
    this.#appends.set(streamId, { at: performance.now(), before });
    if (this.#appends.size > MOST_STREAMS) this.#appends.delete(this.#appends.keys().next().value!);
  }

  /** A writer was refused because of what the stream has. @param since when it asked, by `performance.now()` */
  refused(streamId: string, since: number): void {
    const last = this.#appends.get(streamId);
    if (!last || since > last.at) return; // what was acknowledged before is shown
    this.#appends.delete(streamId); // it lags once: who asks again and again is to see it some time
    this.hide(streamId, last.before);
  }

  /** Reads of the stream do not show what is behind the revision for a while. */
  hide(streamId: string, through: number): void {
    if (this.lagMs > 0) this.#hidden.set(streamId, { until: performance.now() + this.lagMs, through });
  }

  /** The last revision of the stream that a read shows. */
  through(streamId: string): number {
    const hidden = this.#hidden.get(streamId);
    if (!hidden) return Infinity;
    if (performance.now() < hidden.until) return hidden.through;
    this.#hidden.delete(streamId);
    return Infinity;
  }
}
