const MOST = 50_000;

interface Place {
  readonly stream: number;
  readonly revision: number;
}

/**
 * Where recently appended events stand, by their ids. So is a repeated append recognised when it names no exact revision;
 * EventStoreDB, too, has only a memory for that. What is in here is a hint: the transaction may have been undone.
 */
export class RecentIds {
  #newer = new Map<string, Place>();
  #older = new Map<string, Place>();

  add(id: string, stream: number, revision: number): void {
    this.#newer.set(id, { stream, revision });
    if (this.#newer.size < MOST) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  /** @returns the revision at which the stream should have the event */
  revisionOf(id: string, stream: number): number | undefined {
    const place = this.#newer.get(id) ?? this.#older.get(id);
    return place?.stream === stream ? place.revision : undefined;
  }
}
