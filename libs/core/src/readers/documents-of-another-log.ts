import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Checkpoint, EventStore } from '../store/event-store.js';
import type { Checkpoints } from './checkpoints.js';

/** The document store holds what was made of the events of another log than the event store's. */
export class DocumentsOfAnotherLog extends Error {
  override readonly name = 'DocumentsOfAnotherLog';
  constructor(reader: string, checkpoint: Checkpoint, options?: ErrorOptions) {
    super(
      `The documents were made from another log: ${reader} is at ${checkpoint}, which is no place in this one. ` +
        'Give these events documents of their own (GESTA_DOCUMENTS_URL), or these documents their events (GESTA_EVENTS_URL)',
      options,
    );
  }
}

/** How long a node that is behind the others may take to come to where readers are, in milliseconds. */
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 100;

/**
 * Compares the readers' checkpoints with the log. Were they of another one, queries would show its documents, and no
 * reader would go on.
 * @throws {DocumentsOfAnotherLog}
 * @throws {StoreUnavailable}
 */
export async function checkDocumentsAreOf(store: EventStore, checkpoints: Checkpoints): Promise<void> {
  const readers = new Map<Checkpoint, string>();
  for (const { reader, checkpoint } of await checkpoints.all()) if (checkpoint) readers.set(checkpoint, reader);
  await Promise.all([...readers].map(([checkpoint, reader]) => checkPlace(store, checkpoint, reader)));
}

async function checkPlace(store: EventStore, checkpoint: Checkpoint, reader: string): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ; await delay(LOOK_EVERY_MS)) {
    try {
      for await (const _ of store.readAll({ after: checkpoint, limit: 1 })) return;
      return;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (performance.now() > end) throw new DocumentsOfAnotherLog(reader, checkpoint, { cause: error });
    }
  }
}
