import type { StoredEvent } from '../log/stored-event.js';

/** How long and of how many streams is remembered: longer than reads lag behind what a server has taken. */
const REMEMBERED_MS = 60_000;
const MOST_STREAMS = 10_000;

/** What the server's writer has, by its own word. */
export interface Written {
  readonly revision: number;
  /** Where the event of that revision stands in the log, where the server said so. */
  readonly position: bigint | undefined;
}

interface Remembered {
  readonly written: Written | undefined;
  /** Events before this revision, and before this position, were removed. */
  readonly beforeRevision: number;
  readonly beforePosition: bigint;
  readonly at: number;
}

const NOTHING = { written: undefined, beforeRevision: 0, beforePosition: -1n };

/**
 * What this process was told of streams lately: what was acknowledged to it, and what refused it. Reads of a server may
 * lag behind that; they are held against it.
 */
export class WrittenStreams {
  readonly #streams = new Map<string, Remembered>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** An append was acknowledged, or refused because of what the stream has. */
  has(streamId: string, written: Written): void {
    const known = this.of(streamId);
    const before = known.written;
    if (before && before.revision >= written.revision && (before.position ?? -1n) >= (written.position ?? -1n)) return;
    this.#remember(streamId, { ...known, written });
  }

  /** Events were removed: those before the revision, or before the position. */
  removed(streamId: string, { revision = 0, position = -1n }: { revision?: number; position?: bigint }): void {
    const known = this.of(streamId);
    const beforeRevision = Math.max(known.beforeRevision, revision);
    const beforePosition = position > known.beforePosition ? position : known.beforePosition;
    const { written } = known;
    const isGone =
      written &&
      (written.revision < beforeRevision ||
        (written.position === undefined ? position >= 0n : written.position < beforePosition));
    this.#remember(streamId, { written: isGone ? undefined : written, beforeRevision, beforePosition });
  }

  of(streamId: string): Omit<Remembered, 'at'> {
    const known = this.#streams.get(streamId);
    return known && this.now() - known.at < REMEMBERED_MS ? known : NOTHING;
  }

  /** Whether a read shows what was removed. */
  hasRemoved({ streamId, revision, place }: StoredEvent): boolean {
    const { beforeRevision, beforePosition } = this.of(streamId);
    return revision < beforeRevision || (place.commit >= 0n && place.commit < beforePosition);
  }

  /** What was written is found to be removed. */
  gone(streamId: string, written: Written): void {
    const known = this.of(streamId);
    if (known.written === written) this.#remember(streamId, { ...known, written: undefined });
  }

  #remember(streamId: string, what: Omit<Remembered, 'at'>): void {
    this.#streams.delete(streamId); // it becomes the latest
    this.#streams.set(streamId, { ...what, at: this.now() });
    if (this.#streams.size > MOST_STREAMS) this.#streams.delete(this.#streams.keys().next().value!);
  }
}
