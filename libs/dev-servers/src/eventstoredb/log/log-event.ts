/** The revision under which a tombstone is kept; the protocol shows it as 2^63 - 1. */
export const TOMBSTONE_REVISION = Number.MAX_SAFE_INTEGER;

/** A revision as EventStoreDB writes it. */
export function revisionText(revision: number): string {
  return revision === TOMBSTONE_REVISION ? '9223372036854775807' : String(revision);
}

/** The type of a link event: its data is `revision@stream`. */
export const LINK_TYPE = '$>';

/** An event as it stands in the log. */
export interface LogEvent {
  /** Where it stands in the log; commit and prepare position are the same. Positions grow, and are not dense. */
  readonly position: number;
  readonly streamId: string;
  /** Its number in its stream, from 0; {@link TOMBSTONE_REVISION} for a tombstone. */
  readonly revision: number;
  /** A UUID in lower case. */
  readonly id: string;
  readonly type: string;
  /** Whether it was appended as `application/json`, and not as `application/octet-stream`. */
  readonly isJson: boolean;
  /** When it was appended, in microseconds since 1970. */
  readonly created: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** What a reader gets: an event; a link and the event it leads to; or a link that leads nowhere (any more). */
export interface ResolvedEvent {
  readonly event?: LogEvent;
  readonly link?: LogEvent;
}

/** The event as it was met in the stream or the log that was read: the link where there is one. */
export function originalOf({ event, link }: ResolvedEvent): LogEvent {
  return (link ?? event)!;
}

/** An event to append. */
export type ProposedEvent = Pick<LogEvent, 'id' | 'type' | 'isJson' | 'data' | 'metadata'>;

/** What a stream must be like for a write: an exact last revision, or one of the three words. */
export type ExpectedRevision = number | 'any' | 'no-stream' | 'stream-exists';

/** How an append or a deletion went. A refusal wrote nothing. */
export type WriteOutcome =
  | {
      readonly result: 'written';
      /** The stream's last revision after the write (or after the first of two identical ones); -1 for none. */
      readonly revision: number;
      /** The last written event's position; undefined when nothing had to be written. */
      readonly position: number | undefined;
      /** Whether the stream had been deleted. */
      readonly beganAgain?: boolean;
    }
  | {
      readonly result: 'wrong-expected-revision';
      /** The stream's last revision; -1 for a stream without events. */
      readonly actual: number;
    }
  | { readonly result: 'stream-deleted' };
