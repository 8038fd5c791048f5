import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject } from '../events/json.js';
import type { EventHeaders, EventToAppend, RecordedEvent } from '../events/recorded-event.js';
import {
  checkedAppend,
  checkedExpectation,
  checkedReadAll,
  checkedReadStream,
  checkedWhole,
} from '../store/checked-options.js';
import { StoreUnavailable, WrongExpectedRevision } from '../store/errors.js';
import type {
  Appended,
  Checkpoint,
  EventAt,
  EventBatch,
  EventFilter,
  EventStore,
  ExpectedRevision,
  LogHead,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
} from '../store/event-store.js';
import type { StoreOptions } from '../store/store-adapter.js';
import { categoryOf, checkedStreamId } from '../store/stream-id.js';

/** An event as it is kept. Data and headers are text, so nobody outside holds a part of what is stored. */
interface Entry {
  readonly event: Omit<RecordedEvent, 'data' | 'headers' | 'recordedAt'>;
  readonly recordedAt: number;
  readonly headers: string;
  readonly data: string;
  /** The last revision of the append that this event came with: what tells a repeat from something longer or shorter. */
  readonly appendedUpTo: number;
}

interface Stream {
  /** The last revision that was ever given, also when the event is no longer there; -1 before the first. */
  last: number;
  /** What is left of the stream, its last event at revision `last`. */
  readonly entries: Entry[];
  /** The revision with which it began, since it was last deleted. */
  begun: number;
}

/** Events that a read looks at before it gives what it found. */
const SCANNED_AT_ONCE = 1000;
const BATCH = 500;

/**
 * The reference event store: everything in memory, gone with the process. For tests and for trying things out; the
 * conformance kit was written against it.
 */
export class MemoryEventStore implements EventStore {
  private readonly streams = new Map<string, Stream>();
  /** An event's position is its index plus one. What was removed leaves a hole, so that no position is given twice. */
  private readonly entries: (Entry | undefined)[] = [];
  private readonly id: string = randomUUID();
  private readonly checkpointPrefix = `memory:${this.id}:`;
  private readonly waiting = new Set<() => void>();
  private readonly now: () => Date;
  private closed = false;

  /** @param options `now` stamps events; the system's clock when absent */
  constructor({ now = () => new Date() }: Partial<StoreOptions> = {}) {
    this.now = now;
  }

  async append(
    streamId: string,
    events: readonly EventToAppend[],
    { expected }: { expected: ExpectedRevision },
  ): Promise<Appended> {
    this.refuseWhenClosed();
    checkedStreamId(streamId);
    checkedAppend(events, expected);
    const stream = this.streams.get(streamId) ?? { last: -1, entries: [], begun: 0 };
    if (!isAt(stream, expected)) {
      const firstAnswer = answerToRepeat(stream, events, expected);
      if (firstAnswer) return firstAnswer;
      throw new WrongExpectedRevision(streamId, expected, revisionOf(stream));
    }
    if (events.length === 0) {
      return { revision: stream.entries.length > 0 ? stream.last : -1, position: BigInt(this.entries.length) };
    }
    const recordedAt = this.now().getTime();
    const entries = events.map(({ id, type, version, commandId, headers, data }, index): Entry => {
      const revision = stream.last + 1 + index;
      const position = BigInt(this.entries.length + 1 + index);
      return {
        event: { id, type, version, streamId, revision, position, commandId },
        recordedAt,
        headers: JSON.stringify(headers),
        data: JSON.stringify(data),
        appendedUpTo: stream.last + events.length,
      };
    });
    if (stream.entries.length === 0) stream.begun = stream.last + 1;
    for (const entry of entries) {
      stream.entries.push(entry);
      this.entries.push(entry);
    }
    stream.last += entries.length;
    this.streams.set(streamId, stream);
    this.wakeAll();
    return { revision: stream.last, position: BigInt(this.entries.length) };
  }

  async *readStream(streamId: string, options: ReadStreamOptions = {}): AsyncGenerator<readonly RecordedEvent[]> {
    checkedStreamId(streamId);
    checkedReadStream(options);
    const { direction = 'forwards', limit = Infinity, signal } = options;
    const backwards = direction === 'backwards';
    let from = options.from ?? (backwards ? Infinity : 0);
    let left = limit;
    for (;;) {
      this.refuseWhenClosed();
      signal?.throwIfAborted();
      const stream = this.streams.get(streamId);
      if (!stream) return;
      const most = Math.min(BATCH, left);
      const batch = (backwards ? upTo(stream, from, most) : since(stream, from, most)).map(recorded);
      if (batch.length === 0) return;
      yield batch;
      left -= batch.length;
      from = batch.at(-1)!.revision + (backwards ? -1 : 1);
    }
  }

  async beginsAt(streamId: string, revision: number): Promise<boolean> {
    this.refuseWhenClosed();
    return (this.streams.get(streamId)?.begun ?? 0) === revision;
  }

  async *readAll(options: ReadAllOptions = {}): AsyncGenerator<EventBatch> {
    checkedReadAll(options);
    const { after, filter, limit = Infinity, batchSize = BATCH, signal } = options;
    const matches = matching(filter);
    let place = this.placeOf(after);
    let left = limit;
    while (left > 0) {
      this.refuseWhenClosed();
      signal?.throwIfAborted();
      const batch = this.batchAfter(place, matches, Math.min(batchSize, left));
      yield batch;
      if (batch.caughtUp) return;
      place = Number(batch.position);
      left -= batch.events.length;
      await nextTurn(); // a long read lets others have their turn
    }
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    checkedReadAll(options);
    const { after, filter, batchSize = BATCH, signal } = options;
    const matches = matching(filter);
    let place = this.placeOf(after);
    let caughtUp = false;
    this.refuseWhenClosed();
    while (!signal.aborted && !this.closed) {
      if (caughtUp && place === this.entries.length) {
        await this.somethingHappens(signal);
        continue;
      }
      const batch = this.batchAfter(place, matches, batchSize);
      yield batch;
      place = Number(batch.position);
      caughtUp = batch.caughtUp;
      if (!caughtUp) await nextTurn();
    }
  }

  async head(): Promise<LogHead> {
    this.refuseWhenClosed();
    const end = this.entries.length;
    return { checkpoint: this.checkpointAt(end), position: BigInt(end), at: this.lastUpTo(end) };
  }

  async log(): Promise<string> {
    this.refuseWhenClosed();
    return this.id;
  }

  async eventAt(position: bigint): Promise<EventAt | undefined> {
    this.refuseWhenClosed();
    const event = this.entries[Number(position) - 1]?.event;
    return event && { id: event.id, position };
  }

  async deleteStream(streamId: string, { expected }: { expected: ExpectedRevision }): Promise<void> {
    this.refuseWhenClosed();
    checkedStreamId(streamId);
    checkedExpectation(expected);
    const stream = this.streams.get(streamId) ?? { last: -1, entries: [], begun: 0 };
    if (!isAt(stream, expected)) throw new WrongExpectedRevision(streamId, expected, revisionOf(stream));
    this.remove(stream, stream.entries.length);
  }

  async truncateStream(streamId: string, before: number): Promise<void> {
    this.refuseWhenClosed();
    checkedStreamId(streamId);
    checkedWhole('before', before);
    const stream = this.streams.get(streamId);
    if (stream) this.remove(stream, indexOf(stream, before));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.wakeAll();
  }

  private batchAfter(place: number, matches: (entry: Entry) => boolean, most: number): EventBatch {
    const events: RecordedEvent[] = [];
    const end = Math.min(this.entries.length, place + SCANNED_AT_ONCE);
    let reached = place;
    while (reached < end && events.length < most) {
      const entry = this.entries[reached++];
      if (entry && matches(entry)) events.push(recorded(entry));
    }
    const caughtUp = reached === this.entries.length;
    const at = this.lastUpTo(reached);
    return { events, checkpoint: this.checkpointAt(reached), position: BigInt(reached), caughtUp, at };
  }

  /** The last event up to the place, unless a long stretch before it was removed. */
  private lastUpTo(place: number): EventAt | undefined {
    for (let index = place; index > Math.max(0, place - SCANNED_AT_ONCE); index--) {
      const event = this.entries[index - 1]?.event;
      if (event) return { id: event.id, position: event.position };
    }
    return undefined;
  }

  private remove(stream: Stream, count: number): void {
    for (const { event } of stream.entries.splice(0, count)) this.entries[Number(event.position) - 1] = undefined;
  }

  private checkpointAt(place: number): Checkpoint {
    return `${this.checkpointPrefix}${place}`;
  }

  private placeOf(checkpoint: Checkpoint | undefined): number {
    if (checkpoint === undefined) return 0;
    const place = Number(checkpoint.slice(this.checkpointPrefix.length));
    if (this.checkpointAt(place) !== checkpoint) throw new RangeError(`'${checkpoint}' is no checkpoint of this store`);
    return place;
  }

  /** Resolves at the next append, at the signal or when the store is closed. */
  private somethingHappens(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.waiting.add(wake);
    });
  }

  private wakeAll(): void {
    for (const wake of this.waiting) wake();
  }

  private refuseWhenClosed(): void {
    if (this.closed) throw new StoreUnavailable('The event store was closed');
  }
}

function isAt(stream: Stream, expected: ExpectedRevision): boolean {
  if (expected === 'any') return true;
  if (expected === 'stream-exists') return stream.entries.length > 0;
  return revisionOf(stream) === expected;
}

function revisionOf({ last, entries }: Stream): number | 'no-stream' {
  return entries.length > 0 ? last : 'no-stream';
}

/** What an append was answered, when these very events are what it put behind the expected revision. */
function answerToRepeat(
  stream: Stream,
  events: readonly EventToAppend[],
  expected: ExpectedRevision,
): Appended | undefined {
  const { entries } = stream;
  const start = expected === 'no-stream' ? 0 : typeof expected === 'number' ? indexOf(stream, expected) + 1 : -1;
  const last = entries[start + events.length - 1]?.event;
  if (!last || start < 0 || events.length === 0) return undefined;
  if (last.revision !== entries[start]!.appendedUpTo) return undefined;
  if (events.some(({ id }, index) => id !== entries[start + index]!.event.id)) return undefined;
  return { revision: last.revision, position: last.position };
}

/** Where the revision stands among what is left of the stream; below 0 when it is gone. */
function indexOf({ last, entries }: Stream, revision: number): number {
  return revision - (last - entries.length + 1);
}

function since(stream: Stream, revision: number, most: number): Entry[] {
  const start = Math.max(0, indexOf(stream, revision));
  return stream.entries.slice(start, start + most);
}

function upTo(stream: Stream, revision: number, most: number): Entry[] {
  const end = Math.max(0, Math.min(stream.entries.length, indexOf(stream, revision) + 1));
  return stream.entries.slice(Math.max(0, end - most), end).toReversed();
}

function matching(filter: EventFilter | undefined): (entry: Entry) => boolean {
  if (!filter) return () => true;
  if ('types' in filter) {
    const types = new Set(filter.types);
    return ({ event }) => types.has(event.type);
  }
  const categories = new Set(filter.categories);
  return ({ event }) => categories.has(categoryOf(event.streamId));
}

function recorded({ event, recordedAt, headers, data }: Entry): RecordedEvent {
  return {
    ...event,
    recordedAt: new Date(recordedAt),
    headers: JSON.parse(headers) as EventHeaders,
    data: JSON.parse(data) as JsonObject,
  };
}
