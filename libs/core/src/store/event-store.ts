import type { StoreCondition } from './store-condition.js';
import type { EventToAppend, RecordedEvent } from '../events/recorded-event.js';

/** What the writer believes of the stream: anything, that it has no events, that it has some, or its last revision. */
export type ExpectedRevision = 'any' | 'no-stream' | 'stream-exists' | number;

/** A store's own token for "everything up to here was taken". Opaque: it is not computed from a position. */
export type Checkpoint = string;

/** Where an append ended up: the last appended event's revision and position. */
export interface Appended {
  readonly revision: number;
  readonly position: bigint;
}

/** By event types or by categories, one of the two. */
export type EventFilter = { readonly types: readonly string[] } | { readonly categories: readonly string[] };

/** An event as a place of the log is known by it: a position is a number, which another log has too. */
export interface EventAt {
  readonly id: string;
  readonly position: bigint;
}

/** The end of the log. */
export interface LogHead {
  readonly checkpoint: Checkpoint;
  readonly position: bigint;
  /** The last event; absent where there is none, or the store does not tell. */
  readonly at?: EventAt | undefined;
}

/** Some events of the log, in order, and how far the log was read for them. */
export interface EventBatch {
  /** May be empty where nothing matched the filter. */
  readonly events: readonly RecordedEvent[];
  /** Resumes behind this batch. */
  readonly checkpoint: Checkpoint;
  /** Every matching event at or before this position has been given. */
  readonly position: bigint;
  /** Whether the batch reached what was the end of the log when it was read. */
  readonly caughtUp: boolean;
  /**
   * The last event at or before the position that the store knows of, whether or not the filter gives it. Absent where
   * it knows of none without asking for it.
   */
  readonly at?: EventAt | undefined;
}

export interface ReadStreamOptions {
  /** The first revision to give; the stream's first, or last when reading backwards, when absent. */
  from?: number;
  direction?: 'forwards' | 'backwards';
  /** The most events to give. */
  limit?: number;
  signal?: AbortSignal;
}

export interface ReadAllOptions {
  /** Only what comes after it; from the beginning when absent. */
  after?: Checkpoint | undefined;
  filter?: EventFilter | undefined;
  /** The most events to give. */
  limit?: number;
  /** The most events in one batch; the store's own choice when absent. */
  batchSize?: number;
  signal?: AbortSignal;
}

export interface SubscribeOptions {
  after?: Checkpoint | undefined;
  filter?: EventFilter | undefined;
  /** The most events in one batch; the store's own choice when absent. */
  batchSize?: number;
  /** Ends the subscription; the iteration then ends without an error. */
  signal: AbortSignal;
}

/**
 * A log of events in streams. Every adapter passes `eventStoreConformance` of `@gesta/testing`, which states what is
 * said here as tests.
 */
export interface EventStore {
  /**
   * Appends all of the events to the stream, or none. Resolves when they are durable.
   *
   * The same event ids again, at the same exact revision or at `no-stream`, are a repeat: the first answer is given and
   * nothing is appended. No events: nothing is appended, the expectation is checked all the same and the answer is the
   * stream's last revision with the head position (revision -1 where there is no stream).
   *
   * @throws {WrongExpectedRevision} when the stream is not as expected; nothing was appended
   * @throws {AppendTooLarge} when the store never takes so much at once
   * @throws {StreamTombstoned} when the store never takes an event for it again
   * @throws {StoreUnavailable} when it is not known whether the events were appended; try again with the same ids
   */
  append(
    streamId: string,
    events: readonly EventToAppend[],
    options: { expected: ExpectedRevision },
  ): Promise<Appended>;

  /**
   * The stream's events, in batches. A stream that does not exist has none. What an append of this store was acknowledged
   * is shown. What is not an application's is left out, as it is of the log: a server's links and its `$` events.
   */
  readStream(streamId: string, options?: ReadStreamOptions): AsyncIterable<readonly RecordedEvent[]>;

  /**
   * Whether the stream's present life, since it was last deleted, begins with the revision: false where events before it
   * were truncated, by whomever, so that what is left tells only a part. A store without it never removes a beginning.
   * @param revision the first that {@link readStream} gives
   */
  beginsAt?(streamId: string, revision: number): Promise<boolean>;

  /** The log up to what is its end when the reading gets there. */
  readAll(options?: ReadAllOptions): AsyncIterable<EventBatch>;

  /**
   * The log and what will be appended to it, without loss or duplicate where the one becomes the other. Reads no
   * further than its consumer has taken. Reports progress also where nothing matches the filter. Ends only by the
   * signal or with an error when the store stays away.
   * @throws {LogReplaced} when it is found, after a connection was lost, that the log is not the one that was followed
   */
  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch>;

  /** The end of the log as it is now. */
  head(): Promise<LogHead>;

  /**
   * Which log this is: an id that was made with the log, and is asked of the store at every call. A copy of the log has the
   * same; one that was begun anew has another. `undefined` where the log has none yet and this user may not give it one.
   * @throws {StoreUnavailable} also when what this process has open is not what is at the store's address any more
   */
  log(): Promise<string | undefined>;

  /**
   * The log was found to be another one than before, or put back to an older state: what the store remembers of it and of its
   * streams counts no more. A store without it remembers nothing.
   */
  forget?(): void;

  /**
   * The event at this very position; `undefined` where there is none: it was removed, or lies beyond the end.
   * @throws {RangeError} where the store knows that no event of this log ever was there
   */
  eventAt(position: bigint): Promise<EventAt | undefined>;

  /**
   * How long a read may not show yet what another process was told is durable, in milliseconds: where reads are answered
   * by a node that follows another. 0 when absent.
   */
  readonly readsLagMs?: number;

  /**
   * Removes the stream's events. Appending to it again goes on after its last revision.
   * @throws {WrongExpectedRevision}
   */
  deleteStream(streamId: string, options: { expected: ExpectedRevision }): Promise<void>;

  /** Removes the stream's events before the revision. */
  truncateStream(streamId: string, before: number): Promise<void>;

  /**
   * How long the oldest append or deletion has waited for its answer, in milliseconds, or did before it was given up and
   * none has been answered since; 0 when none does. A store without it answers at once, or fails.
   */
  oldestWaiting?(): number;

  /** Whether it takes writes, by how the last ones went or by a small one, and what will become a problem. A store that has nothing to tell may lack it. */
  condition?(): Promise<StoreCondition>;

  /** How long a call waits for the store's server, counted from the call, in milliseconds; absent where there is no server. */
  readonly patienceMs?: number;

  /** Ends subscriptions and lets go of the store. Appends that were accepted are finished first. */
  close(): Promise<void>;
}
