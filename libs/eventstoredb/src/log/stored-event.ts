import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { JsonObject, JsonValue, RecordedEvent } from '@gesta/core';
import { keptIn } from '../events/event-metadata.js';
import type { LogPlace } from './log-place.js';

/** An event as the server gives it, its JSON still text: not everyone who passes it wants it. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly revision: number;
  readonly place: LogPlace;
  /** In milliseconds since 1970. */
  readonly recordedAt: number;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

/** What the server writes for a position that it does not know. */
const UNKNOWN_POSITION = 2n ** 63n;

export function storedEvent(record: ReadResp.ReadEvent.RecordedEvent): StoredEvent {
  const properties = record.getMetadataMap();
  return {
    id: uuidText(record.getId()),
    type: properties.get('type') ?? '',
    streamId: bufferOf(record.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8'),
    revision: Number(record.getStreamRevision()),
    place: { commit: position(record.getCommitPosition()), prepare: position(record.getPreparePosition()) },
    recordedAt: milliseconds(properties.get('created') ?? '0'),
    isJson: properties.get('content-type') === 'application/json',
    data: bufferOf(record.getData_asU8()),
    metadata: bufferOf(record.getCustomMetadata_asU8()),
  };
}

/** The event as Gesta has it. What is not JSON is given as it is, in base64: `{ $binary: 'AQID' }`. */
export function recorded(event: StoredEvent): RecordedEvent {
  const { version, commandId, headers } = keptIn(parsed(event.metadata));
  const data = event.isJson ? parsed(event.data) : undefined;
  return {
    id: event.id,
    type: event.type,
    version,
    streamId: event.streamId,
    revision: event.revision,
    position: event.place.commit,
    recordedAt: new Date(event.recordedAt),
    commandId,
    headers,
    data: data === undefined ? { $binary: event.data.toString('base64') } : (data as JsonObject),
  };
}

/** Its size in memory, roughly, in bytes. */
export function sizeOf({ data, metadata }: StoredEvent): number {
  return data.length + metadata.length + 500;
}

/** The id as text, in either of the two forms that the protocol has for it. */
export function uuidText(uuid: UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (!structured) return uuid?.getString() ?? '';
  const half = (bits: string | number) => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  const hex = half(structured.getMostSignificantBits()) + half(structured.getLeastSignificantBits());
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The JSON in the bytes; `undefined` when there is none. */
export function parsed(bytes: Buffer): JsonValue | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as JsonValue;
  } catch {
    return undefined;
  }
}

/** -1 where the server does not tell: in streams, events that were written in a transaction over TCP. */
function position(text: string): bigint {
  const position = BigInt(text);
  return position < UNKNOWN_POSITION ? position : -1n;
}

/** From ticks of 100 ns, which are more than a number holds. */
function milliseconds(ticks: string): number {
  return Number(ticks.slice(0, -4));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
