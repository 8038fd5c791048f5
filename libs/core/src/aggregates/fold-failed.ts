import type { StreamMetadata } from '../events/recorded-event.js';

/**
 * An aggregate could not fold one of its events: its fold threw, which is a fault of the fold. What happened, happened,
 * so this is no refusal, whatever was thrown; that error is the `cause`.
 */
export class FoldFailed extends Error {
  override readonly name = 'FoldFailed';
  constructor(aggregate: string, { type, revision, streamId }: StreamMetadata, cause: unknown) {
    super(`${aggregate} failed to fold ${type} at revision ${revision} of ${streamId}`, { cause });
  }
}
