import { AppendRefused } from '../connection/append-failure.js';
import type { BatchAppender } from '../connection/batch-appender.js';
import { randomUUID } from 'node:crypto';

/** More than a stream can have. */
const NO_SUCH_REVISION = Number.MAX_SAFE_INTEGER - 1;

const NO_BYTES = new Uint8Array();

/** Where the server's writer has a stream: the last revision that it gave, also to what was removed since. */
export type WritersRevision = number | 'no-stream' | 'tombstoned';

/**
 * Asks the server's writer where a stream is, as reads may lag behind it: it refuses to append behind a revision that no
 * stream has, and the refusal names the one that it has.
 */
export class WritersWord {
  constructor(private readonly appender: BatchAppender) {}

  /** @throws {AppendRefused | CallFailure} when it does not answer that */
  async revisionOf(streamId: string, withinMs: number): Promise<WritersRevision> {
    const probe = { id: randomUUID(), type: 'gesta.probe', data: NO_BYTES, metadata: NO_BYTES };
    try {
      await this.appender.append(streamId, [probe], NO_SUCH_REVISION, withinMs);
    } catch (error) {
      const refusal = error instanceof AppendRefused ? error.refusal : undefined;
      if (refusal?.kind === 'wrong-revision') return refusal.actual;
      if (refusal?.kind === 'stream-deleted') return 'tombstoned';
      throw error;
    }
    throw new Error(`${streamId}: the server appended behind revision ${NO_SUCH_REVISION}`);
  }
}
