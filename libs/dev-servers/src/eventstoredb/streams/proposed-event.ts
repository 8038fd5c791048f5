import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ProposedEvent } from '../log/log-event.js';
import { requiredMetadataPropertyMissing } from '../server/rpc-error.js';
import { uuidText } from '../server/stream-identifier.js';

/** EventStoreDB's limit for what is appended at once, in bytes. */
export const MAX_APPEND_SIZE = 1024 * 1024;

/** @throws {RpcError} when the event's id, type or content type is missing */
export function proposedEvent(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent {
  const metadata = message.getMetadataMap();
  const type = metadata.get('type');
  if (type === undefined) throw requiredMetadataPropertyMissing('type');
  const contentType = metadata.get('content-type');
  if (contentType === undefined) throw requiredMetadataPropertyMissing('content-type');
  return {
    id: uuidText(message.getId()),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** What an event counts towards {@link MAX_APPEND_SIZE}, in bytes. */
export function sizeOf({ type, data, metadata }: ProposedEvent): number {
  return type.length * 2 + data.length + metadata.length;
}
