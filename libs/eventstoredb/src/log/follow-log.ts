import { LogReplaced, type EventAt, type EventBatch } from '@gesta/core';
import { setTimeout as delay } from 'node:timers/promises';
import type { Patience } from '../connection/patience.js';
import type { LogFilter } from './log-filter.js';
import { checkedPlace, isBeyond, type LogPlace } from './log-place.js';
import { batchOf, type LogReader } from './log-reader.js';
import type { FollowedTail, LogTail } from './log-tail.js';

/** A log to follow, and by what. */
export interface Following {
  readonly reader: LogReader;
  readonly tail: LogTail;
  readonly filter: LogFilter;
  readonly batchSize: number;
  /** How long the node may be behind the one that leads, in milliseconds. */
  readonly nodeLagsMs: number;
  readonly patience: Patience;
  /** Ends the following. */
  readonly signal: AbortSignal;
}

/** How long a node may be behind the one that answered before, in milliseconds. */
export const NODE_LAGS_MS = 2_000;
/** How soon a node that is behind is asked again, in milliseconds. */
export const LOOK_EVERY_MS = 100;

/**
 * The log behind the place and what comes after it: first from the server, by a filtered subscription, then from the
 * store's tail. A place in both of them means the same, so nothing is lost or given twice where one takes over from the
 * other, whoever was behind or lost its connection.
 * @throws {StoreUnavailable} when the server stays away
 * @throws {LogReplaced} when a connection was lost and the log is another one now, or was put back to an older state
 */
export async function* followLog(after: LogPlace, following: Following): AsyncGenerator<EventBatch> {
  const { reader, tail, filter, batchSize, patience, signal } = following;
  let place = after;
  /** Whether somebody was told that the end was reached. */
  let told = false;
  /** The last event that was met, and the tail by which it is known that the log is the one it was. */
  let met: EventAt | undefined;
  let trusted: FollowedTail | undefined;
  tail.enter();
  try {
    while (!signal.aborted) {
      try {
        patience.begun();
        const live = await tail.now();
        if (place === after) {
          await reached(place, live, following.nodeLagsMs, signal);
          if (signal.aborted) return;
          checkedPlace(place, live.end);
        }
        if (trusted && live !== trusted) await checkReplaced(trusted, live, place, met, following);
        trusted = live;
        await reader.removed.learn(place, live.begun.place);
        if (!live.covers(place)) {
          for await (const section of reader.backlog(place, filter, live.begun, batchSize, signal)) {
            patience.succeeded();
            place = section.place;
            told = section.caughtUp;
            met = section.at ?? met;
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
          met = section.at ?? met;
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

/** @throws {LogReplaced} */
async function checkReplaced(
  before: FollowedTail,
  live: FollowedTail,
  place: LogPlace,
  met: EventAt | undefined,
  { reader, signal }: Following,
): Promise<void> {
  if (before.log !== undefined && live.log !== before.log) {
    throw new LogReplaced('The server has another log than before: it was begun anew, or another one is there');
  }
  if (!(await reached(place, live, NODE_LAGS_MS, signal))) {
    throw new LogReplaced(`The log was put back to an older state: it ends at ${live.end.commit}, before where it was`);
  }
  const there = met && (await eventAt(reader, met.position));
  if (met && there && there.id !== met.id) {
    throw new LogReplaced(`The log was put back to an older state: at ${met.position} is another event than before`);
  }
}

/** @returns whether the end of the log comes to the place within the time, or nobody waits for it any more. */
async function reached(place: LogPlace, live: FollowedTail, withinMs: number, signal: AbortSignal): Promise<boolean> {
  for (const until = performance.now() + withinMs; isBeyond(place, live.end) && !signal.aborted;) {
    if (live.lost !== undefined) throw live.lost;
    if (performance.now() >= until) return false;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return true;
}

async function eventAt(reader: LogReader, position: bigint): Promise<EventAt | undefined> {
  try {
    return await reader.eventAt(position);
  } catch (error) {
    if (error instanceof RangeError) return { id: '', position };
    throw error;
  }
}
