import type { AppendReq, BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { ProposedEvent } from '../log/log-event.js';
import { requiredMetadataPropertyMissing, unexpectedArgument } from '../server/rpc-error.js';
import type { ServerVersion } from '../server/server-versions.js';
import { uuidText } from '../server/stream-identifier.js';

/** EventStoreDB's limit for what is appended at once, in bytes. */
export const MAX_APPEND_SIZE = 1024 * 1024;

const NIL = '00000000-0000-0000-0000-000000000000';

/** @throws {RpcError} when the event's id, type or content type is missing or says nothing */
export function proposedEvent(message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent {
  const metadata = message.getMetadataMap();
  const type = metadata.get('type');
  if (type === undefined) throw requiredMetadataPropertyMissing('type');
  const contentType = metadata.get('content-type');
  if (contentType === undefined) throw requiredMetadataPropertyMissing('content-type');
  const id = uuidText(message.getId());
  if (id === NIL) throw unexpectedArgument("Empty eventId provided. (Parameter 'eventId')");
  if (type === '') throw unexpectedArgument("Empty eventType provided. (Parameter 'eventType')");
  return {
    id,
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** What an event counts towards {@link MAX_APPEND_SIZE}, in bytes. 24.2 counts its data only. */
export function sizeOf({ type, data, metadata }: ProposedEvent, version: ServerVersion): number {
  if (version === '24.2') return data.length;
  return type.length * 2 + data.length + metadata.length;
}
