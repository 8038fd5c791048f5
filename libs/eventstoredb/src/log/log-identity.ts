import { StoreUnavailable } from '@gesta/core';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { AppendRefused } from '../connection/append-failure.js';
import type { BatchAppender, ProposedEvent } from '../connection/batch-appender.js';
import { isAccessDenied } from '../connection/failures.js';
import { Patience } from '../connection/patience.js';
import type { StreamReader } from '../streams/stream-reader.js';

/** Holds the one event by which a log is known. No reading of the log gives it. */
export const LOG_IDENTITY = 'gesta.log-identity';
const TYPE = 'gesta.log-begun';
const LOOK_EVERY_MS = 50;

/**
 * Which log the server has: the id of the first event of a stream of ours. A server that was started empty does not have
 * it, and one that was put back to a copy has the copy's.
 */
export class LogIdentity {
  /**
   * @param shown the store's name in messages
   * @param patienceMs how long it is waited for that an id can be read which somebody else has just written
   */
  constructor(
    private readonly streams: StreamReader,
    private readonly appender: BatchAppender,
    private readonly shown: string,
    private readonly patienceMs: number,
  ) {}

  /** Writes an event that nobody is given, beside the one by which the log is known. */
  async tryWriting(patience: Patience): Promise<void> {
    const tried = emptyEvent('gesta.write-tried');
    for (;;) {
      try {
        await this.appender.append(LOG_IDENTITY, [tried], 'stream-exists', patience.within(this.patienceMs));
        return;
      } catch (error) {
        await patience.afterFailure(error);
      }
    }
  }

  /** The log's id as the server shows it; `undefined` where it has none, or does not show it yet. */
  async read(patience = new Patience(this.patienceMs, this.shown)): Promise<string | undefined> {
    for await (const [event] of this.streams.batches(LOG_IDENTITY, { limit: 1 }, patience)) return event?.id;
    return undefined;
  }

  /**
   * The log's id; it is made where the server's writer says that there is none. That no read shows one says nothing.
   * @returns `undefined` where there is none and this user may not write one
   * @throws {StoreUnavailable}
   */
  async readOrMake(patience: Patience): Promise<string | undefined> {
    let taken: number | undefined;
    // Sent again when its answer got lost, it is the same event; another log that begins later has another one.
    const proposed = emptyEvent(TYPE);
    for (;;) {
      try {
        const known = await this.read(patience);
        if (known !== undefined) return known;
        if (taken === undefined) {
          await this.appender.append(LOG_IDENTITY, [proposed], 'no-stream');
          return proposed.id;
        }
      } catch (error) {
        if (error instanceof AppendRefused && error.refusal.kind === 'wrong-revision') {
          taken = performance.now();
        } else if (isAccessDenied(error)) {
          return undefined;
        } else {
          await patience.afterFailure(error);
        }
        continue;
      }
      if (performance.now() - taken > this.patienceMs) {
        throw new StoreUnavailable(
          `${this.shown}: the stream ${LOG_IDENTITY}, by which the log is known, has been begun, but its event cannot be read: was it truncated?`,
        );
      }
      await delay(LOOK_EVERY_MS);
    }
  }
}

function emptyEvent(type: string): ProposedEvent {
  return {
    id: randomUUID(),
    type,
    data: new TextEncoder().encode('{}'),
    metadata: new TextEncoder().encode('{}'),
  };
}
