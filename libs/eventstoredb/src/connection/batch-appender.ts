import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ExpectedRevision } from '@gesta/core';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import { streamIdentifier } from '../log/read-requests.js';
import { uuidText } from '../log/stored-event.js';
import { appendFailure } from './append-failure.js';
import type { EsdbClient } from './esdb-client.js';
import { deniedTo, Ended, NotConfirmed } from './failures.js';

/** An event ready to be sent. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  /** JSON in UTF-8. */
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Where the server says that an append ended up. */
export interface AppendAnswer {
  readonly revision: number;
  /** Absent when the server recognised the events but does not find them any more. */
  readonly position: bigint | undefined;
}

interface Waiting {
  readonly done: (answer: AppendAnswer) => void;
  readonly fail: (error: unknown) => void;
  /** By `performance.now()`. */
  readonly since: number;
}

/** One call to the server, and the appends that wait for their answers on it. */
interface AppendCall {
  readonly stream: ClientDuplexStream<streams.BatchAppendReq, BatchAppendResp>;
  readonly waiting: Map<string, Waiting>;
  /** Why no answer will come on it any more. */
  lost: unknown;
}

/** Bytes of events that go into one message. */
const MESSAGE_BYTES = 1024 * 1024;
/** How long an answer may take before its node is asked whether it is there, in milliseconds. */
const SUSPECT_AFTER_MS = 2_000;
const UNKNOWN_POSITION = 2n ** 63n;

/**
 * Sends appends over one call, many at once, each with its own answer. The client's own batch appends do the same, but
 * keep the waiting of all clients of a process in one place: a lost connection to one server fails the appends to every
 * other, and an answer that comes after that ends the process.
 */
export class BatchAppender {
  #call: Promise<AppendCall> | undefined;
  #suspecting: NodeJS.Timeout | undefined;

  /** @param answerWithinMs how long an append waits for its answer */
  constructor(
    private readonly client: EsdbClient,
    private readonly answerWithinMs: number,
  ) {}

  /**
   * @param withinMs how long it waits for its answer, which is no longer than others wait
   * @throws {AppendRefused | CallFailure} the server's refusal, or why it is not known what became of the append
   */
  async append(
    streamId: string,
    events: readonly ProposedEvent[],
    expected: ExpectedRevision,
    withinMs = this.answerWithinMs,
  ): Promise<AppendAnswer> {
    const { stream, waiting, lost } = await this.#connected();
    if (lost !== undefined) throw lost;
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        waiting.delete(id);
      };
      const fail = (error: unknown) => {
        finish();
        reject(deniedTo(streamId, error instanceof Error ? error : new Error(String(error))));
      };
      const timer = setTimeout(() => fail(new NotConfirmed(withinMs)), withinMs);
      this.#suspect();
      waiting.set(id, {
        since: performance.now(),
        done: (answer) => {
          finish();
          resolve(answer);
        },
        fail,
      });
      try {
        for (const request of requestsFor(id, streamId, events, expected)) stream.write(request);
      } catch (error) {
        fail(error);
      }
    });
  }

  /** While answers are waited for, whether one is long in coming is looked at now and then. */
  #suspect(): void {
    if (this.#suspecting) return;
    this.#suspecting = setTimeout(() => {
      this.#suspecting = undefined;
      void this.#call?.then(
        ({ waiting }) => {
          const [oldest] = waiting.values(); // in the order of their coming
          if (!oldest) return;
          if (performance.now() - oldest.since >= SUSPECT_AFTER_MS) void this.client.doubt();
          this.#suspect();
        },
        () => undefined,
      );
    }, SUSPECT_AFTER_MS).unref();
  }

  #connected(): Promise<AppendCall> {
    const call = (this.#call ??= this.#connect(() => {
      if (this.#call === call) this.#call = undefined;
    }));
    return call;
  }

  async #connect(lost: () => void): Promise<AppendCall> {
    let stream: AppendCall['stream'];
    try {
      stream = await this.client.batchAppend();
    } catch (error) {
      lost();
      throw error;
    }
    const call: AppendCall = { stream, waiting: new Map(), lost: undefined };
    const end = (error: unknown) => {
      lost();
      call.lost ??= error;
      for (const { fail } of call.waiting.values()) fail(error);
    };
    stream.on('data', (response) => settle(call.waiting, response));
    stream.on('error', end);
    stream.on('end', () => end(new Ended()));
    return call;
  }
}

function settle(waiting: Map<string, Waiting>, response: BatchAppendResp): void {
  const append = waiting.get(uuidText(response.getCorrelationId()));
  if (!append) return; // too late: nobody waits for it any more
  const error = response.getError();
  if (error) {
    append.fail(appendFailure(error));
    return;
  }
  const success = response.getSuccess();
  const commit = success?.getPosition()?.getCommitPosition();
  const position = commit === undefined ? undefined : BigInt(commit);
  append.done({
    revision: Number(success?.getCurrentRevision() ?? -1),
    position: position !== undefined && position < UNKNOWN_POSITION ? position : undefined,
  });
}

/** Mostly one; the first holds the options. */
function* requestsFor(
  id: string,
  streamId: string,
  events: readonly ProposedEvent[],
  expected: ExpectedRevision,
): Generator<streams.BatchAppendReq> {
  const correlation = uuid(id);
  let request = new streams.BatchAppendReq();
  request.setCorrelationId(correlation);
  request.setOptions(optionsFor(streamId, expected));
  let bytes = 0;
  for (const event of events) {
    if (bytes > MESSAGE_BYTES) {
      yield request;
      request = new streams.BatchAppendReq();
      request.setCorrelationId(correlation);
      bytes = 0;
    }
    request.addProposedMessages(proposedMessage(event));
    bytes += event.data.length + event.metadata.length;
  }
  request.setIsFinal(true);
  yield request;
}

function optionsFor(streamId: string, expected: ExpectedRevision): streams.BatchAppendReq.Options {
  const options = new streams.BatchAppendReq.Options();
  options.setStreamIdentifier(streamIdentifier(streamId));
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === 'no-stream') options.setNoStream(new shared.Empty());
  else if (expected === 'stream-exists') options.setStreamExists(new shared.Empty());
  else options.setStreamPosition(String(expected));
  // No deadline: the protocol has a time of the day there, and the server's clock may differ from ours.
  return options;
}

function proposedMessage({ id, type, data, metadata }: ProposedEvent): streams.BatchAppendReq.ProposedMessage {
  const message = new streams.BatchAppendReq.ProposedMessage();
  message.setId(uuid(id));
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
}

function uuid(id: string): shared.UUID {
  const uuid = new shared.UUID();
  uuid.setString(id);
  return uuid;
}
