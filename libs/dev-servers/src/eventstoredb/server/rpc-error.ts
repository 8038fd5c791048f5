import { Metadata, status, type StatusObject } from '@grpc/grpc-js';

/** An answer that is an error: gRPC sends its code, its words and its trailers. */
export class RpcError extends Error implements StatusObject {
  override readonly name = 'RpcError';
  readonly metadata = new Metadata();

  /** @param trailers as clients look them up, `exception` first of all */
  constructor(
    readonly code: status,
    readonly details: string,
    trailers: Readonly<Record<string, string>> = {},
  ) {
    super(details);
    for (const [key, value] of Object.entries(trailers)) this.metadata.set(key, trailerText(value));
  }
}

/** A trailer holds printable ASCII only; other characters are sent as in a URL. */
function trailerText(value: string): string {
  return value.replace(/[^ -~]+/g, encodeURIComponent);
}

export function invalidArgument(details: string): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, details);
}

/** Nothing in the log begins where it was to be read from. */
export function invalidPosition(): RpcError {
  return invalidArgument('Trying to read from an invalid position.');
}

/** What EventStoreDB does not expect of a client, and fails of: in a batch of appends it is a bad request. */
export function unexpectedArgument(details: string): RpcError {
  return new RpcError(status.UNKNOWN, details);
}

export function streamDeleted(streamId: string): RpcError {
  return new RpcError(status.FAILED_PRECONDITION, `Event stream '${streamId}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': streamId,
  });
}

/** @param expected as the protocol counts: -1 for no stream, -2 for any, -4 for one that exists */
export function wrongExpectedVersion(operation: string, streamId: string, expected: string, actual: number): RpcError {
  return new RpcError(
    status.FAILED_PRECONDITION,
    `${operation} failed due to WrongExpectedVersion. Stream: ${streamId}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': streamId,
      'expected-version': expected,
      'actual-version': String(actual),
    },
  );
}

/** @param limit in bytes */
export function maximumAppendSizeExceeded(limit: number): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });
}

export function requiredMetadataPropertyMissing(property: string): RpcError {
  return new RpcError(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
}
