import type { ReadStreamOptions, RecordedEvent } from '@gesta/core';
import type { EsdbClient } from '../connection/esdb-client.js';
import { exceptionOf, NoAnswer } from '../connection/failures.js';
import type { Patience } from '../connection/patience.js';
import { Responses } from '../connection/responses.js';
import { streamRequest } from '../log/read-requests.js';
import { recorded, sizeOf, storedEvent, type StoredEvent } from '../log/stored-event.js';

/** A batch has so many events, or about so many bytes. */
const BATCH = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Reads single streams. A stream that is not there, or was deleted for ever, has no events. */
export class StreamReader {
  /** @param deadlineMs how long the server may take to go on */
  constructor(
    private readonly client: EsdbClient,
    private readonly deadlineMs: number,
  ) {}

  /** The stream's events. When the server is away for a while, reading goes on where it was. */
  async *events(
    streamId: string,
    { from, direction = 'forwards', limit = Infinity, signal }: ReadStreamOptions,
    patience: Patience,
  ): AsyncGenerator<readonly RecordedEvent[]> {
    const backwards = direction === 'backwards';
    let next = from;
    let left = limit;
    for (;;) {
      signal?.throwIfAborted();
      if (left <= 0 || (next !== undefined && next < 0)) return;
      try {
        for await (const batch of this.#batches(streamId, backwards, next, left, signal)) {
          signal?.throwIfAborted();
          patience.succeeded();
          next = batch.at(-1)!.revision + (backwards ? -1 : 1);
          left -= batch.length;
          yield batch.map(recorded);
          signal?.throwIfAborted();
        }
        return;
      } catch (error) {
        signal?.throwIfAborted();
        await patience.afterFailure(error);
      }
    }
  }

  /** The first events that there are, as the server has them; `count` at the most. */
  async first(streamId: string, count: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    for await (const batch of this.#batches(streamId, false, undefined, count)) events.push(...batch);
    return events;
  }

  /** The event at the revision, if it is there. */
  async at(streamId: string, revision: number): Promise<StoredEvent | undefined> {
    for await (const [event] of this.#batches(streamId, false, revision, 1)) {
      if (event?.revision === revision) return event;
    }
    return undefined;
  }

  /** The last event; `undefined` when there is none. */
  async last(streamId: string): Promise<StoredEvent | undefined> {
    for await (const [event] of this.#batches(streamId, true, undefined, 1)) return event;
    return undefined;
  }

  /** Batches that are not empty. */
  async *#batches(
    streamId: string,
    backwards: boolean,
    from: number | undefined,
    count: number,
    signal?: AbortSignal,
  ): AsyncGenerator<StoredEvent[]> {
    const direction = backwards ? 'backwards' : 'forwards';
    const responses = new Responses(await this.client.read(streamRequest(streamId, { from, direction, count })));
    const cancel = () => responses.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      let events: StoredEvent[] = [];
      let bytes = 0;
      for (;;) {
        const message = responses.take();
        if (!message) {
          const arrived = await responses.more(this.deadlineMs);
          if (arrived === 'late') throw new NoAnswer(this.deadlineMs);
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
      if (exceptionOf(error) !== 'stream-deleted') throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
    }
  }
}
