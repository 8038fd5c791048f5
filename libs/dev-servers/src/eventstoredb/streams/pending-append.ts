import type { BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ExpectedRevision, ProposedEvent } from '../log/log-event.js';
import type { ServerVersion } from '../server/server-versions.js';
import { streamIdOf } from '../server/stream-identifier.js';
import { expectedRevision } from './expected-revision.js';
import { MAX_APPEND_SIZE, proposedEvent, sizeOf } from './proposed-event.js';
import { checkWritable } from './writable-stream.js';

/** How long EventStoreDB lets an append take, in milliseconds, whatever its own deadline. */
const WRITE_TIMEOUT_MS = 2_000;

/** One of the appends on a call, while its events come in. */
export class PendingAppend {
  readonly streamId: string;
  readonly expected: ExpectedRevision;
  /** The exact revision that is expected, in all its digits. */
  readonly asked: string | undefined;
  readonly events: ProposedEvent[] = [];
  /** How long it may still take, in milliseconds. */
  readonly patience: number;
  #size = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws {RpcError} when the options are not complete */
  constructor(
    options: BatchAppendReq.Options,
    private readonly version: ServerVersion,
  ) {
    this.streamId = streamIdOf(options.getStreamIdentifier());
    this.asked = options.hasStreamPosition() ? options.getStreamPosition() : undefined;
    this.expected = expectedRevision(options, this.asked);
    checkWritable(this.streamId);
    const deadline = options.getDeadline()?.toDate().getTime();
    this.patience = deadline === undefined ? WRITE_TIMEOUT_MS : Math.min(deadline - Date.now(), WRITE_TIMEOUT_MS);
  }

  /** What its events count, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Whether its events are more than can be appended at once. */
  get isTooLarge(): boolean {
    return this.#size > MAX_APPEND_SIZE;
  }

  /** @throws {RpcError} when an event is not complete */
  add(messages: readonly BatchAppendReq.ProposedMessage[]): void {
    for (const message of messages) {
      const event = proposedEvent(message);
      this.events.push(event);
      this.#size += sizeOf(event, this.version);
    }
  }

  /** Calls back if the rest of the events does not come in time. */
  expectMore(tooLate: () => void): void {
    this.#timer ??= setTimeout(tooLate, this.patience).unref();
  }

  /** No more events are expected. */
  complete(): void {
    clearTimeout(this.#timer);
  }
}
