import type { StreamMetadata } from '../events/recorded-event.js';

/**
 * An aggregate could not fold one of its events: its fold threw, which is a fault of the fold. What happened, happened,
 * so this is no refusal, whatever was thrown; that error is the `cause`. A decision's own events are folded before they
 * are appended: where the message says that nothing was appended, the event is not in the log.
 */
export class FoldFailed extends Error {
  override readonly name = 'FoldFailed';
  /**
   * @param fold the aggregate and its method, such as `Order.placed`
   * @param isRecorded whether the event is in the log
   */
  constructor(fold: string, { type, revision, streamId }: StreamMetadata, cause: unknown, isRecorded = true) {
    const nothing = isRecorded
      ? ''
      : `: nothing was appended. A fold gets the event as JSON gives it back, and must take whatever is decided`;
    super(`${fold} failed to fold ${type} at revision ${revision} of ${streamId}${nothing}`, { cause });
  }
}
