import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventAt, EventBatch, RecordedEvent } from '@gesta/core';
import type { EsdbClient } from '../connection/esdb-client.js';
import { ALL, deniedTo, Ended, NoAnswer, NodeChanged } from '../connection/failures.js';
import { Responses } from '../connection/responses.js';
import { beginningLike, logFilter, type LogFilter } from './log-filter.js';
import {
  BEGINNING,
  checkpointAt,
  furthest,
  isBehind,
  isPlace,
  noPlaceOfThisLog,
  positionAt,
  type LogPlace,
} from './log-place.js';
import { eventFromRequest, lastEventRequest, subscriptionRequest } from './read-requests.js';
import { RemovedEvents, REMOVING_TYPES } from './removed-events.js';
import { recorded, sizeOf, storedEvent, type StoredEvent } from './stored-event.js';

/** How long a batch that is not full waits for the next event, in milliseconds. */
const LINGER_MS = 10;

/** A batch is given when its events have about so many bytes. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** The end of the log, and the connection over which it was read. */
export interface LogEnd {
  readonly place: LogPlace;
  readonly connection: number;
  /** The last event; `undefined` where there is none. */
  readonly at: EventAt | undefined;
}

/** What was found between two places of the log. */
export interface LogSection {
  readonly events: readonly StoredEvent[];
  /** Everything up to here was looked at. */
  readonly place: LogPlace;
  /** Whether that was the end of the log. */
  readonly caughtUp: boolean;
  /** The last event up to there that was seen. */
  readonly at?: EventAt | undefined;
  /** The end of the log as it was known: the server names places behind its last event, which are no events'. */
  readonly end: LogPlace;
}

/** Reads the log from a place to its end, by subscriptions that end there: only those report progress on the way. */
export class LogReader {
  readonly removed: RemovedEvents;

  constructor(
    private readonly client: EsdbClient,
    private readonly deadlineMs: number,
  ) {
    const removals = logFilter({ types: REMOVING_TYPES });
    this.removed = new RemovedEvents(async (after, found) => {
      const end = await this.end();
      let reached = after;
      for await (const { events, place } of this.#sections(after, removals, end, 1_000)) {
        for (const event of events) found(event);
        reached = place;
      }
      return reached;
    });
  }

  /** The last event of the stream that the log has, also where its stream does not show it. */
  async lastOf(streamId: string, withinMs: number): Promise<StoredEvent | undefined> {
    for await (const event of this.backwards(streamId, withinMs)) return event;
    return undefined;
  }

  /** The stream's events that the log has, also where the stream does not show them, the last first. */
  async *backwards(streamId: string, withinMs: number): AsyncGenerator<StoredEvent> {
    const responses = new Responses(await this.client.read(lastEventRequest(beginningLike(streamId)), withinMs));
    try {
      while ((await responses.more()) === 'message') {
        const record = responses.take()?.getEvent()?.getEvent();
        const event = record && storedEvent(record);
        if (event?.streamId === streamId) yield event;
      }
    } finally {
      responses.cancel();
    }
  }

  /** The end of the log as it is now. @param withinMs how long the server may take to say it */
  async end(withinMs = this.deadlineMs): Promise<LogEnd> {
    const responses = new Responses(await this.client.read(lastEventRequest(), withinMs));
    const { connections: connection } = this.client;
    try {
      while ((await responses.more()) === 'message') {
        const record = responses.take()?.getEvent()?.getEvent();
        if (record) {
          const event = storedEvent(record);
          return { place: event.place, connection, at: eventAtOf(event) };
        }
      }
      return { place: BEGINNING, connection, at: undefined };
    } catch (error) {
      throw deniedTo(ALL, error);
    } finally {
      responses.cancel();
    }
  }

  /**
   * The event at the position; `undefined` where there is none any more, or not yet.
   * @throws {RangeError} when the server says that no event begins there
   */
  async eventAt(position: bigint): Promise<EventAt | undefined> {
    const from = eventFromRequest({ commit: position, prepare: position });
    const responses = new Responses(await this.client.read(from, this.deadlineMs));
    try {
      while ((await responses.more()) === 'message') {
        const record = responses.take()?.getEvent()?.getEvent();
        if (!record) continue;
        const event = storedEvent(record);
        return event.place.commit === position ? eventAtOf(event) : undefined;
      }
      return undefined;
    } catch (error) {
      if (!isInvalidPosition(error)) throw deniedTo(ALL, error);
      throw new RangeError(`No event of this log begins at ${position}`, { cause: error });
    } finally {
      responses.cancel();
    }
  }

  /**
   * What matches behind the place, up to the end or a little further. The last section is the one that has caught up;
   * there is none when the signal is aborted before.
   * @param end the log's end as it was read before
   * @param most the most events in a section
   * @throws {NodeChanged} when the end was read over another connection: it may be none for this one
   */
  async *backlog(
    after: LogPlace,
    filter: LogFilter,
    end: LogEnd,
    most: number,
    signal?: AbortSignal,
  ): AsyncGenerator<LogSection> {
    for await (const section of this.#sections(after, filter, end, most, signal)) {
      yield { ...section, events: section.events.filter((event) => !this.removed.has(event)) };
    }
  }

  async *#sections(
    after: LogPlace,
    filter: LogFilter,
    end: LogEnd,
    most: number,
    signal?: AbortSignal,
  ): AsyncGenerator<LogSection> {
    if (!filter.possible) {
      yield { events: [], place: furthest(after, end.place), caughtUp: true, at: end.at, end: end.place };
      return;
    }
    const responses = new Responses(await this.client.read(subscriptionRequest(after, filter.options)));
    const cancel = () => responses.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      if (signal?.aborted) return;
      if (this.client.connections !== end.connection) throw new NodeChanged();
      yield* this.#read(responses, after, filter, end, most);
    } catch (error) {
      if (signal?.aborted) return;
      if (!isInvalidPosition(error)) throw deniedTo(ALL, error);
      throw noPlaceOfThisLog(after, error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      cancel();
    }
  }

  async *#read(
    responses: Responses,
    after: LogPlace,
    filter: LogFilter,
    end: LogEnd,
    most: number,
  ): AsyncGenerator<LogSection> {
    let place = after;
    let given = after;
    let events: StoredEvent[] = [];
    let bytes = 0;
    let at: EventAt | undefined;
    const section = (caughtUp: boolean): LogSection => {
      const found = { events, place: (given = place), caughtUp, at, end: end.place };
      events = [];
      bytes = 0;
      return found;
    };
    for (let confirmed = false; ;) {
      const message = responses.take();
      if (!message) {
        const arrived = await responses.more(confirmed ? (place === given ? Infinity : LINGER_MS) : this.deadlineMs);
        if (arrived === 'end') throw new Ended();
        if (arrived === 'late' && !confirmed) throw new NoAnswer(this.deadlineMs);
        if (arrived === 'late') yield section(false);
        continue;
      }
      confirmed = true;
      const record = message.getEvent()?.getEvent();
      if (record) {
        const event = storedEvent(record);
        place = event.place;
        at = eventAtOf(event);
        if (!filter.matches(event)) continue;
        events.push(event);
        bytes += sizeOf(event);
        if (events.length >= most || bytes >= BATCH_BYTES) yield section(false);
      } else if (message.hasCheckpoint()) {
        place = furthest(place, checkpointIn(message.getCheckpoint()!) ?? place);
        if (events.length === 0 && isBehind(place, given)) yield section(false);
      } else if (message.hasCaughtUp()) {
        place = furthest(place, end.place);
        if (place === end.place) at = end.at;
        yield section(true);
        return;
      }
    }
  }
}

/** By these words a server says that nothing in its log begins at a place: in what was not scavenged, it knows. */
function isInvalidPosition(error: unknown): boolean {
  return error instanceof Error && /invalid position/i.test(error.message);
}

/**
 * Where the checkpoint leads. Some servers send one before the first event of an empty log that leads nowhere: it is -1,
 * which is 2^64-1 without a sign.
 */
function checkpointIn(checkpoint: ReadResp.Checkpoint): LogPlace | undefined {
  const place = {
    commit: BigInt(checkpoint.getCommitPosition()),
    prepare: BigInt(checkpoint.getPreparePosition()),
  };
  return isPlace(place) ? place : undefined;
}

/** The section as those who read the log have it. */
export function batchOf({ events, place, caughtUp, at, end }: LogSection): EventBatch {
  const read: RecordedEvent[] = events.map(recorded);
  const seen = at?.position ?? 0n;
  const known = end.commit > seen ? end.commit : seen;
  // A place behind the last event, as the server names one, is no position: that of the log's end is the greatest.
  const upTo = positionAt(place);
  const position = upTo < known ? upTo : known;
  const last = read.at(-1)?.position ?? 0n;
  return { events: read, checkpoint: checkpointAt(place), position: position > last ? position : last, caughtUp, at };
}

function eventAtOf({ id, place }: StoredEvent): EventAt {
  return { id, position: place.commit };
}
