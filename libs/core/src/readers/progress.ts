import type { Checkpoint, EventAt } from '../store/event-store.js';

/** How far a reader has taken the log. It may lag behind what was done, never lead. */
export interface Progress {
  /** Resumes behind what was taken; `undefined` at the beginning of the log. */
  readonly checkpoint: Checkpoint | undefined;
  readonly position: bigint;
  /** The types that were looked for up to there, where the reader keeps account of that. */
  readonly types?: readonly string[] | undefined;
  /** The log that was read; absent where an older version saved it, or the log has no id. */
  readonly log?: string | undefined;
  /** The last event at or before the position: by it the place is known again. Absent where none was met. */
  readonly at?: EventAt | undefined;
  /** The version of the last mark that was put beside the reader's documents; absent where it puts none. */
  readonly mark?: bigint | undefined;
  /** By how much the stored version is greater than the position: a reset puts a reader back, and versions never go back. */
  readonly lift?: bigint | undefined;
}

/** Where a reader is that has taken nothing yet. */
export const NOWHERE: Progress = { checkpoint: undefined, position: 0n };
