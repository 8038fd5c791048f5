import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import { AccessDenied, Unauthenticated } from '../access/refusals.js';
import type { EventLog } from '../log/event-log.js';
import { statusOf } from '../server/handlers.js';
import { RpcError } from '../server/rpc-error.js';
import type { ServerVersion } from '../server/server-versions.js';
import { uuidText } from '../server/stream-identifier.js';
import { errorResponse, outcomeResponse } from './batch-response.js';
import { batchStatus } from './batch-status.js';
import { PendingAppend } from './pending-append.js';

/** So many appends, and bytes of events, are taken from a call before some of them are answered. */
const MOST_IN_FLIGHT = 1_024;
const MOST_BYTES = 32 * 1024 * 1024;

type BatchAppendCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;

/** Serves one call that carries any number of appends, each answered under its correlation id. */
export class BatchAppends {
  readonly #log: EventLog;
  readonly #access: Access;
  readonly #call: BatchAppendCall;
  readonly #pending = new Map<string, PendingAppend>();
  #inFlight = 0;
  #bytes = 0;
  #ended = false;

  private constructor(
    log: EventLog,
    access: Access,
    call: BatchAppendCall,
    private readonly version: ServerVersion,
  ) {
    this.#log = log;
    this.#access = access;
    this.#call = call;
  }

  static serve(log: EventLog, access: Access, call: BatchAppendCall, version: ServerVersion): void {
    const appends = new BatchAppends(log, access, call, version);
    call.on('data', (request: BatchAppendReq) => appends.#take(request));
    call.on('drain', () => appends.#regulate());
    call.on('end', () => appends.#finish());
    call.on('cancelled', () => appends.#close());
    call.on('close', () => appends.#close());
    call.on('error', () => appends.#close());
  }

  #take(request: BatchAppendReq): void {
    try {
      this.#receive(request);
    } catch (error) {
      this.#call.emit('error', statusOf(error));
    }
    this.#regulate();
  }

  #receive(request: BatchAppendReq): void {
    const id = uuidText(request.getCorrelationId());
    const correlationId = request.getCorrelationId()!;
    try {
      const options = request.getOptions();
      if (options && !this.#pending.has(id)) {
        const append = new PendingAppend(options, this.version);
        this.#access.toStream(this.#access.userOf(this.#call.metadata), 'write', append.streamId);
        if (append.patience <= 0) return this.#refuse(correlationId, append.streamId, batchStatus.timeout());
        this.#pending.set(id, append);
      }
      const append = this.#pending.get(id);
      if (append) this.#extend(append, request, id, correlationId);
    } catch (error) {
      if (error instanceof Unauthenticated) throw error; // it is the call's, not this append's
      const streamId = this.#forget(id)?.streamId ?? nameIn(request);
      if (error instanceof AccessDenied) this.#refuse(correlationId, streamId, batchStatus.accessDenied());
      else if (error instanceof RpcError) this.#refuse(correlationId, streamId, batchStatus.badRequest(error.details));
      else throw error;
    }
  }

  #extend(append: PendingAppend, request: BatchAppendReq, id: string, correlationId: UUID): void {
    const before = append.size;
    append.add(request.getProposedMessagesList());
    this.#bytes += append.size - before;
    if (append.isTooLarge) {
      this.#forget(id);
      this.#refuse(correlationId, append.streamId, batchStatus.maximumAppendSizeExceeded());
    } else if (request.getIsFinal()) {
      append.complete();
      this.#pending.delete(id);
      void this.#write(append, correlationId);
    } else {
      append.expectMore(() => {
        this.#forget(id);
        this.#refuse(correlationId, append.streamId, batchStatus.timeout());
      });
    }
  }

  async #write(append: PendingAppend, correlationId: UUID): Promise<void> {
    this.#inFlight++;
    try {
      const outcome = await this.#log.append(append.streamId, append.events, append.expected);
      this.#answer(outcomeResponse(correlationId, append, outcome));
    } catch (error) {
      this.#refuse(correlationId, append.streamId, batchStatus.unknown((error as Error).message));
    }
    this.#inFlight--;
    this.#bytes -= append.size;
    this.#regulate();
    this.#endIfDone();
  }

  #refuse(correlationId: UUID, streamId: string, status: Status): void {
    this.#answer(errorResponse(correlationId, streamId, status));
  }

  #answer(response: BatchAppendResp): void {
    if (this.#call.writable) this.#call.write(response);
  }

  #forget(id: string): PendingAppend | undefined {
    const append = this.#pending.get(id);
    if (!append) return undefined;
    append.complete();
    this.#pending.delete(id);
    this.#bytes -= append.size;
    return append;
  }

  #endIfDone(): void {
    if (this.#ended && this.#inFlight === 0 && this.#call.writable) this.#call.end();
  }

  /** Takes nothing from a client that sends more than can be written, or does not take the answers. */
  #regulate(): void {
    const call = this.#call;
    const isBusy = this.#inFlight >= MOST_IN_FLIGHT || this.#bytes >= MOST_BYTES || call.writableNeedDrain;
    if (isBusy === call.isPaused()) return;
    if (isBusy) call.pause();
    else call.resume();
  }

  #finish(): void {
    this.#ended = true;
    this.#endIfDone();
  }

  #close(): void {
    for (const id of [...this.#pending.keys()]) this.#forget(id);
  }
}

function nameIn(request: BatchAppendReq): string {
  const name = request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8();
  return name ? Buffer.from(name).toString('utf8') : '';
}
