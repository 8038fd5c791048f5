import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, {
  type DeleteReq,
  type DeleteResp,
  type TombstoneReq,
  type TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import type { EventLog } from '../log/event-log.js';
import type { ExpectedRevision, WriteOutcome } from '../log/log-event.js';
import { invalidArgument, streamDeleted, wrongExpectedVersion } from '../server/rpc-error.js';
import { streamIdOf } from '../server/stream-identifier.js';
import { expectedRevision, versionNumber } from './expected-revision.js';
import { checkWritable } from './writable-stream.js';

/** Deletes a stream in a way that allows to begin it again. */
export async function deleteStream(
  log: EventLog,
  access: Access,
  call: ServerUnaryCall<DeleteReq, DeleteResp>,
): Promise<DeleteResp> {
  const { streamId, expected, asked } = deletion(access, call);
  const position = positionOf(streamId, versionNumber(expected, asked), await log.deleteStream(streamId, expected));
  const response = new streams.DeleteResp();
  if (position === undefined) {
    response.setNoPosition(new shared.Empty());
  } else {
    const message = new streams.DeleteResp.Position();
    message.setCommitPosition(String(position));
    message.setPreparePosition(String(position));
    response.setPosition(message);
  }
  return response;
}

/** Deletes a stream for ever. */
export async function tombstoneStream(
  log: EventLog,
  access: Access,
  call: ServerUnaryCall<TombstoneReq, TombstoneResp>,
): Promise<TombstoneResp> {
  const { streamId, expected, asked } = deletion(access, call);
  const position = positionOf(streamId, versionNumber(expected, asked), await log.tombstoneStream(streamId, expected));
  const response = new streams.TombstoneResp();
  if (position === undefined) {
    response.setNoPosition(new shared.Empty());
  } else {
    const message = new streams.TombstoneResp.Position();
    message.setCommitPosition(String(position));
    message.setPreparePosition(String(position));
    response.setPosition(message);
  }
  return response;
}

function deletion(
  access: Access,
  call: ServerUnaryCall<DeleteReq, DeleteResp> | ServerUnaryCall<TombstoneReq, TombstoneResp>,
): { streamId: string; expected: ExpectedRevision; asked: string | undefined } {
  const options = call.request.getOptions();
  if (!options) throw invalidArgument('The options are missing');
  const streamId = streamIdOf(options.getStreamIdentifier());
  access.toStream(access.userOf(call.metadata), 'delete', streamId);
  checkWritable(streamId);
  const asked = options.hasRevision() ? options.getRevision() : undefined;
  return { streamId, expected: expectedRevision(options, asked), asked };
}

function positionOf(streamId: string, expected: string, outcome: WriteOutcome): number | undefined {
  if (outcome.result === 'stream-deleted') throw streamDeleted(streamId);
  if (outcome.result === 'wrong-expected-revision') {
    throw wrongExpectedVersion('Delete', streamId, expected, outcome.actual);
  }
  return outcome.position;
}
