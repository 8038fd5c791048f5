import type { RecordedEvent } from '../events/recorded-event.js';
import type { LogReplaced } from '../store/errors.js';
import type { StoresDoNotMatch } from '../readers/documents-of-another-log.js';

/**
 * Something an operator may want to know. Nothing depends on notices being heard: what must not be lost is in a store.
 * `kind` tells which one it is.
 */
export type Notice =
  /** Another writer was first; the command decides again. */
  | { readonly kind: 'redecided'; readonly streamId: string; readonly attempt: number }
  /** A state could not be saved, or a saved one not be read; loading goes on from the events. */
  | { readonly kind: 'snapshot-failed'; readonly streamId: string; readonly error: unknown }
  /** An event's name or version is not known; what follows is the policy's. */
  | {
      readonly kind: 'unknown-event';
      readonly reader: string;
      readonly event: RecordedEvent;
      readonly policy: UnknownEventPolicy;
    }
  /** A key was parked with a dead letter; the runner goes on with the others. */
  | {
      readonly kind: 'parked';
      readonly reader: string;
      readonly key: string;
      readonly position: bigint;
      readonly error: unknown;
    }
  /** A runner's pass failed as a whole; it starts again from its checkpoint after `retryInMs`. */
  | { readonly kind: 'runner-failed'; readonly reader: string; readonly error: unknown; readonly retryInMs: number }
  /**
   * Events of these types were passed by code that did not name them, or by this code before it did; they are read now, up
   * to the position, and then those behind it.
   */
  | {
      readonly kind: 'looked-for-later';
      readonly reader: string;
      readonly types: readonly string[];
      readonly upTo: bigint;
    }
  /** Commands are in the log that have no handler here. They wait until one comes; told again at every start. */
  | {
      readonly kind: 'command-without-handler';
      readonly reader: string;
      readonly type: string;
      readonly count: number;
    }
  /** A projection goes on with documents that other code has made, of the same version. */
  | { readonly kind: 'fold-changed'; readonly reader: string; readonly change: string }
  /** An effect has not ended for long: its key waits, and so does its reader unless the others go on. */
  | {
      readonly kind: 'still-waiting';
      readonly reader: string;
      readonly key: string;
      readonly position: bigint;
      readonly forMs: number;
      readonly othersGoOn: boolean;
    }
  /** The application was told to stop, and these readers were not waited for any longer. */
  | { readonly kind: 'not-waited-for'; readonly readers: readonly string[]; readonly afterMs: number }
  /** The log is another one than it was, or was put back, while the application runs. */
  | { readonly kind: 'log-replaced'; readonly error: LogReplaced }
  /** A reader stands still, as its log, its checkpoint and its documents do not belong together. Told once, not at every look. */
  | { readonly kind: 'stores-do-not-match'; readonly reader: string; readonly error: StoresDoNotMatch }
  /** A runner took over the work, or lost it to another process. */
  | { readonly kind: 'lease-taken' | 'lease-lost'; readonly reader: string };

/** What happens when an event in a stream or category that is being folded is of no known name or version. */
export type UnknownEventPolicy = 'fail' | 'park' | 'skip';

/** Hears notices: a logger, metrics. It must not throw. */
export type NoticeListener = (notice: Notice) => void;
