import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import { status } from '@grpc/grpc-js';
import { numberIn } from './protobuf-field.js';

const PACKAGE = 'event_store.client.';

/** By these words a server says that it has not even looked at an append: it has no other sign for it. */
const NOT_LOOKED_AT = /not ready|busy|leader|read.?only/i;

/** The field of `MaximumAppendEventSizeExceeded` that says how large one event may be. The client knows no such message. */
const MOST_BYTES_OF_AN_EVENT = 3;

/** What the server answered to one append instead of recording it, or while it may have. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';
  constructor(
    /** `not-now` was not appended and may be tried again; of `unknown` nobody knows. */
    readonly refusal:
      | { readonly kind: 'wrong-revision'; readonly actual: number | 'no-stream' }
      | { readonly kind: 'stream-deleted' | 'access-denied' | 'not-now' | 'unknown' }
      | { readonly kind: 'too-large' | 'event-too-large'; readonly mostBytes: number }
      | { readonly kind: 'bad-request' },
    message: string,
    /** The gRPC code of what it amounts to. */
    readonly code: number,
  ) {
    super(message);
  }
}

/** The refusal as the server packs it: a status with the details in an `Any`. */
export function appendFailure(failure: Status): AppendRefused {
  const details = failure.getDetails();
  const message = failure.getMessage();
  const bytes = details?.getValue_asU8() ?? new Uint8Array();
  switch (details?.getTypeName().replace(PACKAGE, '')) {
    case 'WrongExpectedVersion': {
      const wrong = shared.WrongExpectedVersion.deserializeBinary(bytes);
      const actual = wrong.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : 'no-stream';
      return new AppendRefused({ kind: 'wrong-revision', actual }, message, status.FAILED_PRECONDITION);
    }
    case 'StreamDeleted':
      return new AppendRefused({ kind: 'stream-deleted' }, message, status.FAILED_PRECONDITION);
    case 'AccessDenied':
      return new AppendRefused({ kind: 'access-denied' }, message, status.PERMISSION_DENIED);
    case 'MaximumAppendSizeExceeded': {
      const mostBytes = shared.MaximumAppendSizeExceeded.deserializeBinary(bytes).getMaxappendsize();
      return new AppendRefused({ kind: 'too-large', mostBytes }, message, status.INVALID_ARGUMENT);
    }
    case 'MaximumAppendEventSizeExceeded': {
      const mostBytes = numberIn(bytes, MOST_BYTES_OF_AN_EVENT) ?? 0;
      return new AppendRefused({ kind: 'event-too-large', mostBytes }, message, status.INVALID_ARGUMENT);
    }
    case 'BadRequest': {
      const said = shared.BadRequest.deserializeBinary(bytes).getMessage();
      return new AppendRefused({ kind: 'bad-request' }, said || message, status.INVALID_ARGUMENT);
    }
    case 'Timeout':
      return new AppendRefused({ kind: 'unknown' }, message || 'timeout', status.DEADLINE_EXCEEDED);
    case 'Unknown':
    case 'InternalError':
    case 'InvalidTransaction':
      return new AppendRefused({ kind: 'unknown' }, message, status.UNKNOWN);
    default:
      // The server was not ready, too busy, or not the leader; it says so by its message alone. Of anything else, such as
      // an exception in the server, nobody knows what was done before.
      return NOT_LOOKED_AT.test(message)
        ? new AppendRefused({ kind: 'not-now' }, message, status.UNAVAILABLE)
        : new AppendRefused({ kind: 'unknown' }, message || 'the server does not say why', status.UNKNOWN);
  }
}
