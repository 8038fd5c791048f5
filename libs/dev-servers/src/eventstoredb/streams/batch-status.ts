import shared from '@eventstore/db-client/generated/shared_pb.js';
import pb, { type Status } from '@eventstore/db-client/generated/status_pb.js';
import { status as code } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { ExpectedRevision } from '../log/log-event.js';
import { streamIdentifier } from '../server/stream-identifier.js';
import { MAX_APPEND_SIZE } from './proposed-event.js';

/** The errors of one append among others on the same call: a status with its details in one `Any`. */
export const batchStatus = {
  accessDenied: () => status(code.PERMISSION_DENIED, 'AccessDenied', new shared.AccessDenied()),

  timeout: () => status(code.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout()),

  unknown: (message: string) => status(code.UNKNOWN, 'Unknown', new shared.Unknown(), message),

  maximumAppendSizeExceeded: () => {
    const details = new shared.MaximumAppendSizeExceeded();
    details.setMaxappendsize(MAX_APPEND_SIZE);
    return status(code.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
  },

  badRequest: (message: string) => {
    const details = new shared.BadRequest();
    details.setMessage(message);
    return status(code.INVALID_ARGUMENT, 'BadRequest', details);
  },

  streamDeleted: (streamId: string) => {
    const details = new shared.StreamDeleted();
    details.setStreamIdentifier(streamIdentifier(streamId));
    return status(code.NOT_FOUND, 'StreamDeleted', details);
  },

  wrongExpectedVersion: (expected: ExpectedRevision, asked: string | undefined, actual: number) => {
    const details = new shared.WrongExpectedVersion();
    if (actual < 0) details.setCurrentNoStream(new empty.Empty());
    else details.setCurrentStreamRevision(String(actual));
    if (expected === 'any') details.setExpectedAny(new empty.Empty());
    else if (expected === 'stream-exists') details.setExpectedStreamExists(new empty.Empty());
    else if (expected === 'no-stream') details.setExpectedNoStream(new empty.Empty());
    else details.setExpectedStreamPosition(asked ?? String(expected));
    return status(code.ALREADY_EXISTS, 'WrongExpectedVersion', details);
  },
};

function status(code: code, type: string, details: { serializeBinary(): Uint8Array }, message = type): Status {
  const packed = new any.Any();
  packed.pack(details.serializeBinary(), `event_store.client.${type}`);
  const status = new pb.Status();
  status.setCode(code as number);
  status.setMessage(message);
  status.setDetails(packed);
  return status;
}
