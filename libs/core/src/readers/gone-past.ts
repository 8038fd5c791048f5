import type { RecordedEvent } from '../events/recorded-event.js';

/** An event was held back while its key went on with later events: it cannot be taken in order any more. */
export class GonePast extends Error {
  override readonly name = 'GonePast';
  constructor(key: string, event: RecordedEvent, version: bigint) {
    super(
      `${key} has gone on to position ${version} while ${event.type} at ${event.position} was held back; skip it, or rebuild from the log`,
    );
  }
}
