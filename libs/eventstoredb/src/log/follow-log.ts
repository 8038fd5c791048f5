import type { EventBatch } from '@gesta/core';
import type { Patience } from '../connection/patience.js';
import type { LogFilter } from './log-filter.js';
import { checkedPlace, type LogPlace } from './log-place.js';
import { batchOf, type LogReader } from './log-reader.js';
import type { LogTail } from './log-tail.js';

/** A log to follow, and by what. */
export interface Following {
  readonly reader: LogReader;
  readonly tail: LogTail;
  readonly filter: LogFilter;
  readonly batchSize: number;
  readonly patience: Patience;
  /** Ends the following. */
  readonly signal: AbortSignal;
}

/**
 * The log behind the place and what comes after it: first from the server, by a filtered subscription, then from the
 * store's tail. A place in both of them means the same, so nothing is lost or given twice where one takes over from the
 * other, whoever was behind or lost its connection.
 * @throws {StoreUnavailable} when the server stays away
 */
export async function* followLog(after: LogPlace, following: Following): AsyncGenerator<EventBatch> {
  const { reader, tail, filter, batchSize, patience, signal } = following;
  let place = after;
  /** Whether somebody was told that the end was reached. */
  let told = false;
  tail.enter();
  try {
    while (!signal.aborted) {
      try {
        patience.begun();
        const live = await tail.now();
        if (place === after) checkedPlace(place, live.end);
        await reader.removed.learn(place, live.begun.place);
        if (!live.covers(place)) {
          for await (const section of reader.backlog(place, filter, live.begun, batchSize, signal)) {
            patience.succeeded();
            place = section.place;
            told = section.caughtUp;
            yield batchOf(section);
            if (signal.aborted) return;
          }
        }
        while (live.covers(place) && !signal.aborted) {
          patience.succeeded();
          const section = live.section(place, filter, batchSize);
          if (told && section.place === place) {
            await live.beyond(place, signal);
            continue;
          }
          place = section.place;
          told = section.caughtUp;
          yield batchOf(section);
        }
      } catch (error) {
        if (signal.aborted) return;
        await patience.afterFailure(error);
      }
    }
  } finally {
    tail.leave();
  }
}
