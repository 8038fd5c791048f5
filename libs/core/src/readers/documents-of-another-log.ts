import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventAt, EventStore } from '../store/event-store.js';
import type { Progress } from './progress.js';

/**
 * The log, a reader's checkpoint and its documents do not belong together: one of them was restored, emptied, replaced or
 * taken away without the others. The reader does not go on, as it would leave out events or take them twice.
 */
export class StoresDoNotMatch extends Error {
  /**
   * @param reader the name of the reader
   * @param putRight what to do where the right store is at hand
   */
  constructor(
    readonly reader: string,
    message: string,
    putRight: string,
    options?: ErrorOptions,
  ) {
    super(`${message}. ${putRight}${orAnew(reader)}`, options);
  }
}

/** The document store holds what was made of the events of another log, or of another state of it, than the event store's. */
export class DocumentsOfAnotherLog extends StoresDoNotMatch {
  override readonly name = 'DocumentsOfAnotherLog';
  /** @param reader the name of the reader */
  constructor(reader: string, message: string, options?: ErrorOptions) {
    const putRight =
      'Give these events documents of their own (GESTA_DOCUMENTS_URL), or these documents their events (GESTA_EVENTS_URL)';
    super(reader, message, putRight, options);
  }
}

/** A reader's documents were put back to an older state than its checkpoint, or are gone. */
export class DocumentsOlderThanCheckpoint extends StoresDoNotMatch {
  override readonly name = 'DocumentsOlderThanCheckpoint';
  /** @param reader the name of the reader */
  constructor(reader: string, message: string) {
    super(reader, message, 'Put documents and checkpoints of one moment back, the whole database');
  }
}

/** How long a node that is behind the others may take to come to where readers are, in milliseconds. */
export const PATIENCE_MS = 2_000;
export const LOOK_EVERY_MS = 100;

/**
 * Compares a reader's checkpoint with the log. Were it of another one, queries would show its documents, and the reader
 * would not go on, or pass by what it has not taken.
 * @param log the log's id, as it was read just now
 * @param patienceMs how long the end of the log may be before the checkpoint
 * @throws {DocumentsOfAnotherLog}
 * @throws {StoreUnavailable}
 */
export async function checkPlace(
  store: EventStore,
  reader: string,
  progress: Progress,
  log: string | undefined,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const { checkpoint, position, at } = progress;
  if (checkpoint === undefined) return;
  const other = (what: string, cause?: unknown) =>
    new DocumentsOfAnotherLog(
      reader,
      `The documents were made from another log: ${reader} is at ${checkpoint}, ${what}`,
      {
        cause,
      },
    );
  if (progress.log !== undefined && log !== undefined && progress.log !== log) {
    throw other(`a place in the log ${progress.log}, and the event store has the log ${log}`);
  }
  for (const end = performance.now() + patienceMs; ; await delay(LOOK_EVERY_MS)) {
    const { position: head } = await store.head();
    if (position > head) {
      if (performance.now() < end) continue;
      throw other(`and the log ends at ${head}, before that: the log is older than the documents`);
    }
    if (progress.log !== undefined && log !== undefined) break;
    try {
      for await (const _ of store.readAll({ after: checkpoint, limit: 1 })) break;
      break;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (performance.now() >= end) throw other('which is no place in this one', error);
    }
  }
  if (!at) return;
  const there = await eventThere(store, at.position);
  // Where there is nothing, the event was removed since.
  if (there && there.id !== at.id) {
    throw other(
      `where it had met the event ${at.id} at ${at.position}, and there is ${there.id}: the log was put back to an ` +
        'older state than the documents, and has gone another way since',
    );
  }
}

/** What the log has at the position. @param patienceMs how long the end of the log may be before it */
export async function inLog(
  store: EventStore,
  position: bigint,
  patienceMs = PATIENCE_MS,
): Promise<{ readonly head: bigint; readonly there: EventAt | undefined }> {
  for (const end = performance.now() + patienceMs; ; await delay(LOOK_EVERY_MS)) {
    const { position: head } = await store.head();
    if (position <= head) return { head, there: await eventThere(store, position) };
    if (performance.now() >= end) return { head, there: undefined };
  }
}

/** The event; one of no id where none ever was. */
export async function eventThere(store: EventStore, position: bigint): Promise<EventAt | undefined> {
  return store.eventAt(position).catch((error: unknown) => {
    if (error instanceof RangeError) return { id: 'none', position };
    throw error;
  });
}

function orAnew(reader: string): string {
  const [, projection] = /^projection\.(.+)\.v\d+\.g\d+$/.exec(reader) ?? [];
  return projection === undefined
    ? `; or put the reader to a place of this log: \`gesta readers reset ${reader} --from beginning|now|documents\`, see its --help`
    : `; or build the documents anew from this log: \`gesta projections rebuild ${projection}\``;
}
