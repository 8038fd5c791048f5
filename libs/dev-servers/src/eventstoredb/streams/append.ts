import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type AppendReq, type AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import type { EventLog } from '../log/event-log.js';
import type { ExpectedRevision, ProposedEvent, WriteOutcome } from '../log/log-event.js';
import { invalidArgument, maximumAppendSizeExceeded, streamDeleted } from '../server/rpc-error.js';
import type { ServerVersion } from '../server/server-versions.js';
import { streamIdOf } from '../server/stream-identifier.js';
import { expectedRevision } from './expected-revision.js';
import { MAX_APPEND_SIZE, proposedEvent, sizeOf } from './proposed-event.js';
import { checkWritable } from './writable-stream.js';

/** Appends one batch of events: first the options come, then each event in a message of its own. */
export async function append(
  log: EventLog,
  access: Access,
  call: ServerReadableStream<AppendReq, AppendResp>,
  version: ServerVersion,
): Promise<AppendResp> {
  let options: AppendReq.Options | undefined;
  let streamId = '';
  let size = 0;
  const events: ProposedEvent[] = [];
  for await (const request of call as AsyncIterable<AppendReq>) {
    if (!options) {
      options = request.getOptions();
      if (!options) throw invalidArgument('The first message has to hold the options');
      streamId = streamIdOf(options.getStreamIdentifier());
      access.toStream(access.userOf(call.metadata), 'write', streamId);
      checkWritable(streamId);
      continue;
    }
    const message = request.getProposedMessage();
    if (!message) throw invalidArgument('Every message after the options has to hold an event');
    const event = proposedEvent(message);
    size += sizeOf(event, version);
    if (size > MAX_APPEND_SIZE) throw maximumAppendSizeExceeded(MAX_APPEND_SIZE);
    events.push(event);
  }
  if (!options) throw invalidArgument('The options are missing');
  const asked = options.hasRevision() ? options.getRevision() : undefined;
  const expected = expectedRevision(options, asked);
  return response(streamId, expected, asked, await log.append(streamId, events, expected));
}

function response(
  streamId: string,
  expected: ExpectedRevision,
  asked: string | undefined,
  outcome: WriteOutcome,
): AppendResp {
  const response = new streams.AppendResp();
  switch (outcome.result) {
    case 'stream-deleted':
      throw streamDeleted(streamId);
    case 'wrong-expected-revision':
      response.setWrongExpectedVersion(wrongExpectedVersion(expected, asked, outcome.actual));
      return response;
    case 'written':
      response.setSuccess(success(outcome.revision, outcome.position));
      return response;
  }
}

function success(revision: number, position: number | undefined): AppendResp.Success {
  const success = new streams.AppendResp.Success();
  if (revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) {
    success.setNoPosition(new shared.Empty());
  } else {
    const message = new streams.AppendResp.Position();
    message.setCommitPosition(String(position));
    message.setPreparePosition(String(position));
    success.setPosition(message);
  }
  return success;
}

function wrongExpectedVersion(
  expected: ExpectedRevision,
  asked: string | undefined,
  actual: number,
): AppendResp.WrongExpectedVersion {
  const message = new streams.AppendResp.WrongExpectedVersion();
  if (actual < 0) message.setCurrentNoStream(new shared.Empty());
  else message.setCurrentRevision(String(actual));
  if (expected === 'any') message.setExpectedAny(new shared.Empty());
  else if (expected === 'stream-exists') message.setExpectedStreamExists(new shared.Empty());
  else if (expected === 'no-stream') message.setExpectedNoStream(new shared.Empty());
  else message.setExpectedRevision(asked ?? String(expected));
  return message;
}
