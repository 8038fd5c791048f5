import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { Status } from '@eventstore/db-client/generated/status_pb.js';
import streams, { type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { WriteOutcome } from '../log/log-event.js';
import { streamIdentifier } from '../server/stream-identifier.js';
import { batchStatus } from './batch-status.js';
import type { PendingAppend } from './pending-append.js';

/** Says how an append went. */
export function outcomeResponse(
  correlationId: UUID,
  { streamId, expected, asked }: PendingAppend,
  outcome: WriteOutcome,
): BatchAppendResp {
  switch (outcome.result) {
    case 'wrong-expected-revision':
      return errorResponse(correlationId, streamId, batchStatus.wrongExpectedVersion(expected, asked, outcome.actual));
    case 'stream-deleted':
      return errorResponse(correlationId, streamId, batchStatus.streamDeleted(streamId));
    case 'written': {
      const response = responseTo(correlationId, streamId);
      response.setSuccess(success(outcome.revision, outcome.position));
      return response;
    }
  }
}

/** Says why an append was not done. */
export function errorResponse(correlationId: UUID, streamId: string, status: Status): BatchAppendResp {
  const response = responseTo(correlationId, streamId);
  response.setError(status);
  return response;
}

function responseTo(correlationId: UUID, streamId: string): BatchAppendResp {
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(correlationId);
  response.setStreamIdentifier(streamIdentifier(streamId));
  return response;
}

function success(revision: number, position: number | undefined): BatchAppendResp.Success {
  const success = new streams.BatchAppendResp.Success();
  if (revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) {
    success.setNoPosition(new empty.Empty());
  } else {
    const message = new shared.AllStreamPosition();
    message.setCommitPosition(String(position));
    message.setPreparePosition(String(position));
    success.setPosition(message);
  }
  return success;
}
