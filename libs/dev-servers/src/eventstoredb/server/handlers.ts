import { StoreUnavailable } from '@gesta/core';
import {
  status,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type sendUnaryData,
  type ServerReadableStream,
  type ServerErrorResponse,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { RpcError } from './rpc-error.js';

/** Answers a call with one message; what is thrown becomes the call's error. */
export function unary<Request, Response>(
  handle: (call: ServerUnaryCall<Request, Response>) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => void answer(() => handle(call), callback);
}

/** Takes a stream of messages and answers with one. */
export function clientStreaming<Request, Response>(
  handle: (call: ServerReadableStream<Request, Response>) => Promise<Response>,
): handleClientStreamingCall<Request, Response> {
  return (call, callback) => {
    call.on('error', ignore); // the client went away or sent what is no message; gRPC ends the call
    void answer(() => handle(call), callback);
  };
}

/**
 * Answers a call with a stream of messages, which ends when the promise is settled.
 * @param handle gets a signal that is aborted when nobody waits for the answer any more
 */
export function serverStreaming<Request, Response>(
  handle: (call: ServerWritableStream<Request, Response>, signal: AbortSignal) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
  return async (call) => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    call.on('close', () => gone.abort());
    call.on('error', ignore);
    try {
      await handle(call, gone.signal);
      call.end();
    } catch (error) {
      if (!gone.signal.aborted) call.emit('error', statusOf(error));
    }
  };
}

async function answer<Response>(handle: () => Promise<Response> | Response, callback: sendUnaryData<Response>) {
  try {
    callback(null, await handle());
  } catch (error) {
    callback(statusOf(error));
  }
}

/** What of an error goes to the client. */
export function statusOf(error: unknown): ServerErrorResponse {
  if (error instanceof Error && 'code' in error && 'details' in error) return error as ServerErrorResponse;
  if (error instanceof StoreUnavailable) return new RpcError(status.UNAVAILABLE, error.message);
  return new RpcError(status.UNKNOWN, error instanceof Error ? error.message : String(error));
}

function ignore(): void {}
