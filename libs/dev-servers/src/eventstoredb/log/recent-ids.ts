const MOST = 50_000;

interface Place {
  readonly stream: number;
  readonly revision: number;
}

/**
 * Where recently appended events stand, by their ids. So is a repeated append recognised when it names no exact revision;
 * EventStoreDB, too, has only a memory for that. An id that was appended more than once has its first place.
 */
export class RecentIds {
  #newer = new Map<string, Place>();
  #older = new Map<string, Place>();

  add(id: string, stream: number, revision: number): void {
    if (this.#newer.has(id) || this.#older.has(id)) return;
    this.#newer.set(id, { stream, revision });
    if (this.#newer.size < MOST) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** For what was not written after all. */
  remove(id: string): void {
    this.#newer.delete(id);
    this.#older.delete(id);
  }

  /** @returns the revision at which the stream has or had the event */
  revisionOf(id: string, stream: number): number | undefined {
    const place = this.#newer.get(id) ?? this.#older.get(id);
    return place?.stream === stream ? place.revision : undefined;
  }
}
