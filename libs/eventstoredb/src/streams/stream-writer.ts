import {
  AppendTooLarge,
  StoreUnavailable,
  StreamTombstoned,
  WrongExpectedRevision,
  type Appended,
  type EventToAppend,
  type ExpectedRevision,
} from '@gesta/core';
import { AppendRefused } from '../connection/append-failure.js';
import type { AppendAnswer, BatchAppender, ProposedEvent } from '../connection/batch-appender.js';
import { isCallFailure, NotShownYet, unavailable } from '../connection/failures.js';
import type { Patience } from '../connection/patience.js';
import { metadataOf } from '../events/event-metadata.js';
import type { LivingStreams } from './living-streams.js';
import type { StreamReader } from './stream-reader.js';
import type { StreamRemover } from './stream-remover.js';
import type { StreamSight } from './stream-sight.js';
import type { WritersWord } from './writers-word.js';
import type { WrittenStreams } from './written-streams.js';

/** What EventStoreDB takes at the most, whatever its settings say: a record of its log, less what it has around an event. */
const MOST_BYTES = 16 * 1024 * 1024 - 10_000;

type Actual = number | 'no-stream';

/** Appends to streams. */
export class StreamWriter {
  readonly #encoder = new TextEncoder();

  /**
   * @param shown the store's name in messages
   * @param deadlineMs how long one call may take
   */
  constructor(
    private readonly appender: BatchAppender,
    private readonly reader: StreamReader,
    private readonly sight: StreamSight,
    private readonly word: WritersWord,
    private readonly remover: StreamRemover,
    private readonly written: WrittenStreams,
    private readonly living: LivingStreams,
    private readonly shown: string,
    private readonly deadlineMs: number,
  ) {}

  /** The event as it is now: what its caller does to it later does not matter. */
  proposed({ id, type, data, ...kept }: EventToAppend): ProposedEvent {
    return { id, type, data: this.#json(data), metadata: this.#json(metadataOf(kept)) };
  }

  /**
   * Appends, or finds what was appended before. While it is not known what became of an append, it is sent again where
   * the server recognises it durably: at an exact revision and at `no-stream`.
   * @throws {WrongExpectedRevision}
   * @throws {StoreUnavailable}
   */
  async append(
    streamId: string,
    events: readonly ProposedEvent[],
    expected: ExpectedRevision,
    patience: Patience,
  ): Promise<Appended> {
    // More than any server takes would break the call, and with it every other append on its way.
    if (bytesOf(events) > MOST_BYTES) throw new AppendTooLarge(streamId, bytesOf(events), MOST_BYTES);
    const recognised = typeof expected === 'number' || expected === 'no-stream';
    /** What the server is told: behind what is not ours in a stream, it is another revision. */
    let told = expected;
    for (;;) {
      const { heard } = this.living;
      try {
        if (typeof expected === 'number') await this.#refuseDeleted(streamId, expected, patience);
        const answer = await this.appender.append(streamId, events, told, patience.within(this.deadlineMs));
        const appended = await this.#appended(streamId, answer, patience);
        this.living.lives(streamId, heard);
        return appended;
      } catch (error) {
        const refusal = error instanceof AppendRefused ? error.refusal : undefined;
        switch (refusal?.kind) {
          case 'wrong-revision': {
            const found = await this.#afterMismatch(streamId, events, expected, refusal.actual, patience);
            if (typeof found === 'object') return found;
            told = found;
            continue;
          }
          case 'stream-deleted':
            if (expected === 'stream-exists') await this.#refuseUnlessThere(streamId, patience);
            throw new StreamTombstoned(streamId);
          case 'too-large':
            throw new AppendTooLarge(streamId, bytesOf(events), refusal.mostBytes, 'its setting MaxAppendSize');
          case 'event-too-large': {
            const largest = Math.max(...events.map((event) => bytesOf([event])));
            throw new AppendTooLarge(
              streamId,
              largest,
              refusal.mostBytes,
              'for one event: its setting MaxAppendEventSize',
            );
          }
          case 'bad-request':
            throw new RangeError(`${streamId}: the server does not take this append: ${(error as Error).message}`);
          case 'not-now':
            break;
          default:
            if (!recognised && isCallFailure(error)) throw unavailable(this.shown, error);
        }
        await patience.afterFailure(error);
      }
    }
  }

  /**
   * What appending nothing finds.
   * @throws {WrongExpectedRevision} when the stream is not as expected
   */
  async check(streamId: string, expected: ExpectedRevision, patience: Patience): Promise<Actual> {
    return this.#tried(async () => {
      const actual = await this.#revisionOf(streamId, patience);
      if (expected === 'any' || expected === actual) return actual;
      if (expected === 'stream-exists' && actual !== 'no-stream') return actual;
      if (await this.sight.isOvertaken(streamId, expected, actual, patience)) return actual;
      throw new WrongExpectedRevision(streamId, expected, actual);
    }, patience);
  }

  async #appended(streamId: string, { revision, position }: AppendAnswer, patience: Patience): Promise<Appended> {
    if (position === undefined) {
      const sight = await this.sight.settled(streamId, { revision, position }, patience).catch(goneWhereNeverShown);
      const event = sight === 'shown' && (await this.reader.at(streamId, revision, patience));
      if (!event) {
        throw new RangeError(
          `${streamId}: the server recognises the events' ids, but the events were removed; append them under new ids`,
        );
      }
      return { revision, position: event.place.commit };
    }
    this.written.has(streamId, { revision, position });
    return { revision, position };
  }

  /**
   * The server compares ids where it was told to write. Where a stream was deleted in between, or others put something
   * into it, that was somewhere else: there we compare. What refused the append is waited for until it can be read.
   * @returns the first answer to a repeat, or where the server is to be told to write
   * @throws {WrongExpectedRevision}
   */
  async #afterMismatch(
    streamId: string,
    events: readonly ProposedEvent[],
    expected: ExpectedRevision,
    actual: Actual,
    patience: Patience,
  ): Promise<Appended | ExpectedRevision> {
    const refused = new WrongExpectedRevision(streamId, expected, actual);
    if (typeof actual !== 'number' || expected === 'any' || expected === 'stream-exists') throw refused;
    this.written.has(streamId, { revision: actual, position: undefined });
    if (expected !== 'no-stream') {
      // The writer has decided; it may only have counted what others put behind it.
      if (expected > actual) throw refused;
      const found = await this.#tried(
        () => this.#whatRefused(streamId, events, expected + 1, actual, patience),
        patience,
      );
      if (typeof found === 'object') return found;
      if (found === 'nothing of ours') return actual;
      throw refused;
    }
    return this.#tried(async () => {
      const found = await this.#whatRefused(streamId, events, undefined, actual, patience);
      if (typeof found === 'object') return found;
      if (found === 'others') throw refused;
      if (found === 'nothing of ours') return actual;
      const begin = await this.remover.beginningBehind(streamId, actual, patience);
      if (begin !== 'not-yet') return begin;
      throw new NotShownYet(streamId, actual);
    }, patience);
  }

  /** Compares what reads show, of what is ours, with the events. */
  async #whatRefused(
    streamId: string,
    events: readonly ProposedEvent[],
    from: number | undefined,
    actual: number,
    patience: Patience,
  ): Promise<Appended | 'others' | 'nothing of ours' | 'not shown'> {
    let same = 0;
    let seen = -1;
    for await (const batch of this.reader.batches(streamId, from === undefined ? {} : { from }, patience)) {
      for (const { id, type, revision, place } of batch) {
        seen = revision;
        if (type.startsWith('$')) continue;
        if (id !== events[same]?.id.toLowerCase()) return 'others';
        if (++same === events.length) return { revision, position: place.commit };
      }
    }
    if (seen < actual) return 'not shown';
    return same > 0 ? 'others' : 'nothing of ours';
  }

  /** The writer would take it for one that begins the stream again, by what was decided on what is deleted. */
  async #refuseDeleted(streamId: string, expected: number, patience: Patience): Promise<void> {
    if (this.living.has(streamId)) return;
    await this.living.watched();
    const { heard } = this.living;
    if (await this.sight.isDeleted(streamId, patience)) {
      throw new WrongExpectedRevision(streamId, expected, 'no-stream');
    }
    this.living.lives(streamId, heard);
  }

  async #refuseUnlessThere(streamId: string, patience: Patience): Promise<void> {
    if ((await this.word.revisionOf(streamId, patience.within(this.deadlineMs))) === 'tombstoned') return;
    throw new WrongExpectedRevision(streamId, 'stream-exists', 'no-stream');
  }

  /** The last revision, by the server's writer; `no-stream` where what it has was removed. */
  async #revisionOf(streamId: string, patience: Patience): Promise<Actual> {
    const revision = await this.word.revisionOf(streamId, patience.within(this.deadlineMs));
    if (typeof revision !== 'number') return 'no-stream';
    const sight = await this.sight.settled(streamId, { revision, position: undefined }, patience);
    return sight === 'removed' ? 'no-stream' : revision;
  }

  /** Again while the server is away, or does not show what it has. */
  async #tried<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  #json(value: object): Uint8Array {
    return this.#encoder.encode(JSON.stringify(value));
  }
}

/** The server itself does not find what it recognises: where that is not to be seen in time, it is not there. */
function goneWhereNeverShown(error: unknown): 'removed' {
  if (error instanceof StoreUnavailable && error.cause instanceof NotShownYet) return 'removed';
  throw error;
}

/** As the server counts: it keeps names of types at two bytes a sign. */
function bytesOf(events: readonly ProposedEvent[]): number {
  return events.reduce((sum, { type, data, metadata }) => sum + data.length + metadata.length + 2 * type.length, 0);
}
