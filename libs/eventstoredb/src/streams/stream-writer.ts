import {
  StoreUnavailable,
  WrongExpectedRevision,
  type Appended,
  type EventToAppend,
  type ExpectedRevision,
  type JsonObject,
} from '@gesta/core';
import { randomUUID } from 'node:crypto';
import { AppendRefused } from '../connection/append-failure.js';
import type { AppendAnswer, BatchAppender, ProposedEvent } from '../connection/batch-appender.js';
import type { EsdbClient } from '../connection/esdb-client.js';
import { exceptionOf, unavailable } from '../connection/failures.js';
import type { Patience } from '../connection/patience.js';
import { metadataOf } from '../events/event-metadata.js';
import { parsed } from '../log/stored-event.js';
import { AppendTooLarge, StreamTombstoned } from './append-refusals.js';
import type { StreamReader } from './stream-reader.js';

type Actual = number | 'no-stream';

/** Changes streams. */
export class StreamWriter {
  readonly #encoder = new TextEncoder();

  /** @param shown the store's name in messages */
  constructor(
    private readonly client: EsdbClient,
    private readonly appender: BatchAppender,
    private readonly reader: StreamReader,
    private readonly shown: string,
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
    const recognised = typeof expected === 'number' || expected === 'no-stream';
    for (;;) {
      try {
        const answer = await this.appender.append(streamId, events, expected);
        return await this.#appended(streamId, answer);
      } catch (error) {
        const refusal = error instanceof AppendRefused ? error.refusal : undefined;
        switch (refusal?.kind) {
          case 'wrong-revision': {
            const appended = await this.#afterMismatch(streamId, events, expected, refusal.actual);
            if (appended) return appended;
            continue;
          }
          case 'stream-deleted':
            if (expected === 'stream-exists') await this.#refuseUnlessThere(streamId);
            throw new StreamTombstoned(streamId);
          case 'too-large':
            throw new AppendTooLarge(streamId, bytesOf(events), refusal.mostBytes);
          case 'bad-request':
            throw new RangeError(`${streamId}: the server does not take this append: ${(error as Error).message}`);
          case 'not-now':
            break;
          default:
            if (!recognised && !(error instanceof StoreUnavailable)) throw unavailable(this.shown, error);
        }
        await patience.afterFailure(error);
      }
    }
  }

  /** @throws {WrongExpectedRevision} when the stream is not as expected */
  async check(streamId: string, expected: ExpectedRevision): Promise<Actual> {
    const actual = await this.#revisionOf(streamId);
    const holds = expected === 'any' || (expected === 'stream-exists' ? actual !== 'no-stream' : actual === expected);
    if (!holds) throw new WrongExpectedRevision(streamId, expected, actual);
    return actual;
  }

  /** @throws {WrongExpectedRevision} */
  async deleteStream(streamId: string, expected: ExpectedRevision, patience: Patience): Promise<void> {
    for (let sent = false; ;) {
      try {
        // A delete of which no answer came may have been done: then there is no stream, as it should be.
        const actual = sent ? await this.#revisionOf(streamId) : await this.check(streamId, expected);
        if (actual === 'no-stream') return;
        if (sent && typeof expected === 'number' && actual !== expected) {
          throw new WrongExpectedRevision(streamId, expected, actual);
        }
        sent = true;
        if (await this.#deleteAt(streamId, actual)) return;
        sent = false; // somebody appended meanwhile
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  /** Removes the events before the revision; all of them by deleting the stream, so that it can begin again. */
  async truncateStream(streamId: string, before: number, patience: Patience): Promise<void> {
    for (;;) {
      try {
        const last = await this.#revisionOf(streamId);
        if (last === 'no-stream' || before === 0) return;
        if (before > last ? await this.#deleteAt(streamId, last) : await this.#truncate(streamId, before)) return;
      } catch (error) {
        if (error instanceof AppendRefused && error.refusal.kind === 'wrong-revision') continue;
        await patience.afterFailure(error);
      }
    }
  }

  async #appended(streamId: string, { revision, position }: AppendAnswer): Promise<Appended> {
    if (position !== undefined) return { revision, position };
    const event = await this.reader.at(streamId, revision);
    if (event) return { revision, position: event.place.commit };
    throw new RangeError(
      `${streamId}: the server recognises the events' ids, but the events were removed; append them under new ids`,
    );
  }

  /**
   * The server compares ids where it was told to write. Where a stream was deleted in between, `no-stream` was somewhere
   * else: there we compare.
   * @returns the first answer to a repeat; `undefined` to try again
   * @throws {WrongExpectedRevision}
   */
  async #afterMismatch(
    streamId: string,
    events: readonly ProposedEvent[],
    expected: ExpectedRevision,
    actual: Actual,
  ): Promise<Appended | undefined> {
    if (expected !== 'no-stream') throw new WrongExpectedRevision(streamId, expected, actual);
    const first = await this.reader.first(streamId, events.length);
    const last = first.at(-1);
    if (!last && typeof actual === 'number') {
      // All of it was truncated by other means than ours, or has expired: it begins again behind what it had.
      return this.#appended(streamId, await this.appender.append(streamId, events, actual));
    }
    if (last && first.length === events.length && first.every(({ id }, n) => id === events[n]!.id.toLowerCase())) {
      return { revision: last.revision, position: last.place.commit };
    }
    throw new WrongExpectedRevision(streamId, expected, actual);
  }

  async #refuseUnlessThere(streamId: string): Promise<void> {
    const actual = await this.#revisionOf(streamId);
    if (actual === 'no-stream') throw new WrongExpectedRevision(streamId, 'stream-exists', actual);
  }

  async #revisionOf(streamId: string): Promise<Actual> {
    return (await this.reader.last(streamId))?.revision ?? 'no-stream';
  }

  /** @returns false when the stream is not there any more */
  async #deleteAt(streamId: string, revision: number): Promise<boolean> {
    try {
      await this.client.deleteAt(streamId, revision);
      return true;
    } catch (error) {
      if (exceptionOf(error) === 'wrong-expected-version') return false;
      throw error;
    }
  }

  /** Writes the metadata anew with everything else that it holds: access rights, what others put there. */
  async #truncate(streamId: string, before: number): Promise<true> {
    const metastream = `$$${streamId}`;
    const last = await this.reader.last(metastream);
    const metadata = (last ? parsed(last.data) : undefined) as JsonObject | undefined;
    if (typeof metadata?.$tb === 'number' && metadata.$tb >= before) return true;
    const event: ProposedEvent = {
      id: randomUUID(),
      type: '$metadata',
      data: this.#json({ ...metadata, $tb: before }),
      metadata: new Uint8Array(),
    };
    await this.appender.append(metastream, [event], last?.revision ?? 'no-stream');
    return true;
  }

  #json(value: object): Uint8Array {
    return this.#encoder.encode(JSON.stringify(value));
  }
}

function bytesOf(events: readonly ProposedEvent[]): number {
  return events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
}
