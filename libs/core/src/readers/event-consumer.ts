import type { EventRegistry } from '../events/event-registry.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { Waiting } from '../messaging/waiting-commands.js';
import type { FoldedBy } from '../projections/fold-fingerprint.js';
import type { DocumentCollection } from '../store/document-store.js';
import type { EventFilter } from '../store/event-store.js';
import type { EffectUnderWay } from './effect-under-way.js';

/** An event, lifted to its present shape, and the key it is for. */
export interface KeyedEvent {
  readonly key: string;
  readonly event: RecordedEvent;
}

/** An event that could not be taken for its key, after bounded attempts. Later events of the key were left alone. */
export interface Failure extends KeyedEvent {
  readonly error: unknown;
  readonly attempts: number;
  /** It has not failed, but takes long: it is to be given again once the consumer says that it has ended. */
  readonly isUnderWay?: true;
}

export interface TakeOptions {
  /** The events were held back while their keys may have gone on: one that its key has gone past is a failure. */
  readonly late: boolean;
  /**
   * The events may have been passed before they were looked for, so that their keys have gone past them without having been
   * given them: those are taken all the same. What is made of them is written behind this position.
   */
  readonly missed?: bigint | undefined;
  /**
   * What is written is to be behind this, the end of the log, as an owner before that stood still may write without having
   * been given the events.
   */
  readonly fence?: bigint | undefined;
  /**
   * Ends waiting and retrying; the events are given again later. What is in hand is finished all the same, so that nothing
   * is done twice, unless the reason is `LeaseLost`.
   */
  readonly signal: AbortSignal;
  /**
   * The position up to which the reader's checkpoint is past everything: what events up to there led to is done, not only
   * noted. Absent where events are taken again that the checkpoint has passed.
   */
  readonly passed?: bigint | undefined;
}

/** What a reader drives: something that takes events, key by key, and may be given them again. */
export interface EventConsumer {
  readonly registry: EventRegistry;
  readonly filter: EventFilter;
  /** The most events in one batch; the store's choice when absent. */
  readonly batchSize?: number;
  /** Whether an event that is given again may have its effect again. */
  readonly repeatsEffects?: boolean;
  /** What it makes its documents by, where those that other code has made are not to be gone on with unnoticed. */
  readonly foldedBy?: FoldedBy;
  /** How many commands of each name are left waiting, because they have no handler here. */
  waiting?(): Promise<Waiting>;
  /** The keys that the event is for. */
  keysOf(event: RecordedEvent): readonly string[];
  /**
   * Takes events in the order of the log; what it made of them is durable when it resolves.
   * @returns the events that failed, at most one a key
   */
  take(work: readonly KeyedEvent[], options: TakeOptions): Promise<readonly Failure[]>;
  /**
   * Takes events of a backlog without making them durable yet: that is for `settle`, before the checkpoint moves. Where
   * it is absent, every batch is taken by `take`.
   * @returns `false` when an event failed: all that was absorbed is forgotten, and is to be given again to `take`
   */
  absorb?(work: readonly KeyedEvent[]): Promise<boolean>;
  /** Whether so much was absorbed that it is time to settle. */
  readonly isFull?: boolean;
  /**
   * Makes what was absorbed durable.
   * @throws {DocumentRefused} when the store will never take a part of it: nothing is forgotten, and all of it is to be
   * given again to `take`
   */
  settle?(): Promise<void>;
  /**
   * A pass begins; nothing is absorbed.
   * @param pristine whether it begins at the beginning of the log and nothing was ever taken
   * @param mark the last one that the checkpoint knows of
   */
  opened?(pristine: boolean, mark: bigint | undefined): void;
  /** Where what it has made of the events is kept, with a mark of how far it was made. */
  readonly documents?: DocumentCollection;
  /** The version of the last mark that was put there. */
  readonly mark?: bigint | undefined;
  /** The reader is to read no further: what it has written belongs to nobody, and goes away. May be called again. */
  ended?(): Promise<void>;
  /** Of what it does for the events: what has been under way for the longest time. */
  readonly waitsFor?: EffectUnderWay | undefined;
  /** Whether it is still at an event that it has told of as under way: for the key, or for any where none is named. */
  isUnderWay?(key?: string): boolean;
  /**
   * Waits for what it has told of as under way: nobody else is to begin before.
   * @returns what it has taken of that
   */
  rest?(): Promise<readonly KeyedEvent[]>;
  /** Ends `take` without waiting for what is under way: the reader has to stop. */
  abandon?(): void;
  /** Work of its own, beside the events, for as long as this process owns it. Handles its own errors. */
  whileOwned?(signal: AbortSignal): Promise<void>;
}
