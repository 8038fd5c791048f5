import type { ReadStreamOptions } from '@gesta/core';
import type { EsdbClient } from '../connection/esdb-client.js';
import { deniedTo, exceptionOf, NoAnswer } from '../connection/failures.js';
import type { Patience } from '../connection/patience.js';
import { Responses } from '../connection/responses.js';
import { streamRequest } from '../log/read-requests.js';
import { sizeOf, storedEvent, type StoredEvent } from '../log/stored-event.js';

/** A batch has so many events, or about so many bytes. */
const BATCH = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Reads single streams as the server shows them, once: a stream of which nothing is shown has no events. */
export class StreamReader {
  /** @param deadlineMs how long the server may take to go on */
  constructor(
    private readonly client: EsdbClient,
    private readonly deadlineMs: number,
  ) {}

  /** The last event; `undefined` when none is shown. */
  async last(streamId: string, patience: Patience): Promise<StoredEvent | 'tombstoned' | undefined> {
    try {
      for await (const [event] of this.#batches(streamId, { direction: 'backwards', limit: 1 }, patience)) return event;
      return undefined;
    } catch (error) {
      if (exceptionOf(error) === 'stream-deleted') return 'tombstoned';
      throw error;
    }
  }

  /** The event at the revision, if it is shown. */
  async at(streamId: string, revision: number, patience: Patience): Promise<StoredEvent | undefined> {
    for await (const [event] of this.batches(streamId, { from: revision, limit: 1 }, patience)) {
      if (event?.revision === revision) return event;
    }
    return undefined;
  }

  /** Batches that are not empty; none of a stream that was deleted for ever. */
  async *batches(streamId: string, options: ReadStreamOptions, patience: Patience): AsyncGenerator<StoredEvent[]> {
    try {
      yield* this.#batches(streamId, options, patience);
    } catch (error) {
      if (exceptionOf(error) !== 'stream-deleted') throw error;
    }
  }

  async *#batches(
    streamId: string,
    { from, direction = 'forwards', limit: count = Infinity, signal }: ReadStreamOptions,
    patience: Patience,
  ): AsyncGenerator<StoredEvent[]> {
    const responses = new Responses(await this.client.read(streamRequest(streamId, { from, direction, count })));
    const cancel = () => responses.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      let events: StoredEvent[] = [];
      let bytes = 0;
      for (;;) {
        const message = responses.take();
        if (!message) {
          const within = patience.within(this.deadlineMs);
          const arrived = await responses.more(within);
          if (arrived === 'late') throw new NoAnswer(within);
          if (arrived === 'end') break;
          continue;
        }
        const record = message.getEvent()?.getEvent();
        if (!record) continue; // that there is no such stream, or where it ends
        const event = storedEvent(record);
        events.push(event);
        bytes += sizeOf(event);
        if (events.length < BATCH && bytes < BATCH_BYTES) continue;
        yield events;
        events = [];
        bytes = 0;
      }
      if (events.length > 0) yield events;
    } catch (error) {
      throw deniedTo(streamId, error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
    }
  }
}
