import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type DeleteReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ExpectedRevision } from '@gesta/core';
import { streamIdentifier } from '../log/read-requests.js';

/** To delete the stream so that it can begin again, where the server's writer has it as expected. */
export function deleteRequest(streamId: string, expected: ExpectedRevision): DeleteReq {
  const options = new streams.DeleteReq.Options();
  options.setStreamIdentifier(streamIdentifier(streamId));
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === 'no-stream') options.setNoStream(new shared.Empty());
  else if (expected === 'stream-exists') options.setStreamExists(new shared.Empty());
  else options.setRevision(String(expected));
  const request = new streams.DeleteReq();
  request.setOptions(options);
  return request;
}
