import type { ReadStreamOptions, RecordedEvent } from '@gesta/core';
import type { Patience } from '../connection/patience.js';
import { recorded, type StoredEvent } from '../log/stored-event.js';
import type { LivingStreams } from './living-streams.js';
import type { StreamReader } from './stream-reader.js';
import type { StreamSight } from './stream-sight.js';
import type { WrittenStreams } from './written-streams.js';

/**
 * Streams as this process knows them: what was acknowledged to it is there, and what it removed is not, also where the
 * server's reads lag behind. What is the server's own is left out, as it is of the log: links, and whatever else has a
 * type that begins with `$`.
 */
export class StreamView {
  constructor(
    private readonly reader: StreamReader,
    private readonly sight: StreamSight,
    private readonly written: WrittenStreams,
    private readonly living: LivingStreams,
  ) {}

  /** The stream's events. When the server is away for a while, reading goes on where it was. */
  async *events(
    streamId: string,
    { from, direction = 'forwards', limit = Infinity, signal }: ReadStreamOptions,
    patience: Patience,
  ): AsyncGenerator<readonly RecordedEvent[]> {
    const backwards = direction === 'backwards';
    let next = from;
    let left = limit;
    /** Whether what is shown is known to be all of it. */
    let settled = false;
    for (;;) {
      signal?.throwIfAborted();
      if (left <= 0 || (next !== undefined && next < 0)) return;
      const asked = left;
      let given = 0;
      const { heard } = this.living;
      try {
        patience.begun();
        const pass = this.reader.batches(streamId, { from: next, direction, limit: asked, signal }, patience);
        for await (const batch of pass) {
          signal?.throwIfAborted();
          if (backwards && !settled && this.#isBeyond(streamId, batch[0]!.revision, next)) break;
          settled ||= backwards;
          patience.succeeded();
          if (given === 0) this.living.lives(streamId, heard);
          given += batch.length;
          next = batch.at(-1)!.revision + (backwards ? -1 : 1);
          const ours = batch.filter((event) => this.#isGiven(event));
          left -= ours.length;
          if (ours.length > 0) yield ours.map(recorded);
          signal?.throwIfAborted();
          patience.begun();
        }
        if (given >= asked) continue; // some of them may have been left out
        const { written } = this.written.of(streamId);
        if (settled || !written || (!backwards && written.revision < (next ?? 0))) return;
        if ((await this.sight.settled(streamId, written, patience)) === 'removed') this.written.gone(streamId, written);
        settled = true;
      } catch (error) {
        signal?.throwIfAborted();
        await patience.afterFailure(error);
      }
    }
  }

  /** Whether more was written than a read backwards begins with. */
  #isBeyond(streamId: string, first: number, from = Infinity): boolean {
    const { written } = this.written.of(streamId);
    return written !== undefined && Math.min(written.revision, from) > first;
  }

  #isGiven(event: StoredEvent): boolean {
    return !event.type.startsWith('$') && !this.written.hasRemoved(event);
  }
}
