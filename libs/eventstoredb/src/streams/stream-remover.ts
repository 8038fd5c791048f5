import { WrongExpectedRevision, type ExpectedRevision, type JsonObject } from '@gesta/core';
import { randomUUID } from 'node:crypto';
import { AppendRefused } from '../connection/append-failure.js';
import type { BatchAppender } from '../connection/batch-appender.js';
import type { EsdbClient } from '../connection/esdb-client.js';
import { deniedTo, exceptionOf, NotShownYet } from '../connection/failures.js';
import type { Patience } from '../connection/patience.js';
import type { LivingStreams } from './living-streams.js';
import { BEGUN, type StreamSight } from './stream-sight.js';
import type { StreamSettings } from './stream-settings.js';
import type { WritersWord } from './writers-word.js';
import type { WrittenStreams } from './written-streams.js';

/**
 * Deletes and truncates streams. What a stream has is asked of the server's writer: reads may not show yet what was
 * just begun again, and it would be said to be removed and stay.
 */
export class StreamRemover {
  readonly #encoder = new TextEncoder();

  /** @param deadlineMs how long one call may take */
  constructor(
    private readonly client: EsdbClient,
    private readonly appender: BatchAppender,
    private readonly sight: StreamSight,
    private readonly word: WritersWord,
    private readonly written: WrittenStreams,
    private readonly living: LivingStreams,
    private readonly deadlineMs: number,
  ) {}

  /** @throws {WrongExpectedRevision} */
  async delete(streamId: string, expected: ExpectedRevision, patience: Patience): Promise<void> {
    let told = expected;
    for (let sent = false; ;) {
      try {
        // A deletion of which no answer came may have been done: then there is no stream, as it should be.
        const again = sent;
        if (!again) await this.#checkThere(streamId, expected, patience);
        sent = true;
        const refusal = await this.#deleteAt(streamId, told, patience);
        if (refusal === undefined || expected === 'any' || (again && refusal.actual === 'no-stream')) return;
        const { actual } = refusal;
        if (actual === 'no-stream' || !(await this.sight.isOvertaken(streamId, expected, actual, patience))) {
          throw new WrongExpectedRevision(streamId, expected, actual);
        }
        told = actual;
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  /** Removes the events before the revision; all of them by deleting the stream, so that it can begin again. */
  async truncate(streamId: string, before: number, patience: Patience): Promise<void> {
    if (before === 0) return;
    for (;;) {
      try {
        const last = await this.word.revisionOf(streamId, patience.within(this.deadlineMs));
        if (typeof last !== 'number') return;
        if (before > last) {
          if ((await this.#deleteAt(streamId, last, patience)) === undefined) return;
        } else {
          const settings = await this.sight.settings(streamId, patience);
          if (settings?.isDeleted) {
            if (await this.sight.isLatest(streamId, settings, patience)) return;
          } else if (
            (settings?.truncateBefore ?? 0) >= before ||
            (await this.#write(streamId, settings, before, patience))
          ) {
            this.written.removed(streamId, { revision: before });
            return;
          }
        }
        throw new NotShownYet(streamId, last);
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  /**
   * Where a stream begins of which nothing is shown, though the server's writer has this revision of it.
   * @returns what the writer is to be told; `not-yet` where it is not known that the revision was removed
   */
  async beginningBehind(
    streamId: string,
    revision: number,
    patience: Patience,
  ): Promise<'no-stream' | 'not-yet' | number> {
    const settings = await this.sight.settings(streamId, patience);
    if (!settings) return 'not-yet';
    // The writer lets a deleted stream begin at `no-stream`; when it did not, somebody else has begun it meanwhile.
    if (settings.isDeleted) return (await this.sight.isLatest(streamId, settings, patience)) ? 'no-stream' : 'not-yet';
    if ((await this.sight.of(streamId, { revision, position: undefined }, patience)) !== 'removed') return 'not-yet';
    // All of it was truncated by others, or has expired: it begins behind what it had, and is seen from there on.
    const begin = revision + 1;
    if (settings.truncateBefore === begin && settings.metadata[BEGUN] === begin) return revision;
    return (await this.#write(streamId, settings, begin, patience, { [BEGUN]: begin })) ? revision : 'not-yet';
  }

  /** Where the writer would take a deleted stream for one that is there. */
  async #checkThere(streamId: string, expected: ExpectedRevision, patience: Patience): Promise<void> {
    if (expected === 'any' || expected === 'no-stream') return;
    if (!(await this.sight.isDeleted(streamId, patience))) return;
    throw new WrongExpectedRevision(streamId, expected, 'no-stream');
  }

  /** @returns why the writer did not */
  async #deleteAt(
    streamId: string,
    expected: ExpectedRevision,
    patience: Patience,
  ): Promise<WrongExpectedRevision | undefined> {
    this.living.ends(streamId);
    try {
      const position = await this.client.deleteSoftly(streamId, expected, patience.within(this.deadlineMs));
      if (position !== undefined) this.written.removed(streamId, { position });
      else if (typeof expected === 'number') this.written.removed(streamId, { revision: expected + 1 });
      return undefined;
    } catch (error) {
      const exception = exceptionOf(error);
      if (exception === 'stream-deleted') return new WrongExpectedRevision(streamId, expected, 'no-stream');
      if (exception !== 'wrong-expected-version') throw deniedTo(streamId, error);
      const actual = await this.word.revisionOf(streamId, patience.within(this.deadlineMs));
      if (expected === 'no-stream' && typeof actual !== 'number') return undefined;
      return new WrongExpectedRevision(streamId, expected, typeof actual === 'number' ? actual : 'no-stream');
    }
  }

  /**
   * Writes the metadata anew with everything else that it holds: access rights, what others put there.
   * @returns false when there is later metadata than what was read
   */
  async #write(
    streamId: string,
    settings: StreamSettings | undefined,
    before: number,
    patience: Patience,
    others: JsonObject = {},
  ): Promise<boolean> {
    const metadata: JsonObject = { ...settings?.metadata, $tb: before, ...others };
    const event = {
      id: randomUUID(),
      type: '$metadata',
      data: this.#encoder.encode(JSON.stringify(metadata)),
      metadata: new Uint8Array(),
    };
    try {
      const expected = settings?.revision ?? 'no-stream';
      await this.appender.append(`$$${streamId}`, [event], expected, patience.within(this.deadlineMs));
      return true;
    } catch (error) {
      if (error instanceof AppendRefused && error.refusal.kind === 'wrong-revision') return false;
      throw error;
    }
  }
}
