import { TOMBSTONE_REVISION } from './log-event.js';
import { isMetastream } from './stream-names.js';

/** What of a stream's metadata decides which of its events a reader sees. */
export interface StreamSettings {
  /** How many of the last events are to be seen. */
  readonly maxCount?: number;
  /** How old an event that is seen can be, in seconds. */
  readonly maxAge?: number;
  /** The first revision to be seen. */
  readonly truncateBefore?: number;
}

/** `$tb` of a deleted stream as it is written: 2^63 - 1, more than a JavaScript number can say exactly. */
export const DELETED_METADATA = '{"$tb":9223372036854775807}';

const NONE: StreamSettings = {};
const OF_METASTREAMS: StreamSettings = { maxCount: 1 };

/** @param metadata the stream's metadata, a JSON object, where it has any */
export function settingsOf(streamId: string, metadata: string | null | undefined): StreamSettings {
  if (isMetastream(streamId)) return OF_METASTREAMS;
  if (!metadata) return NONE;
  const { $maxCount, $maxAge, $tb } = JSON.parse(metadata) as Record<string, unknown>;
  return { maxCount: positive($maxCount), maxAge: positive($maxAge), truncateBefore: atLeastZero($tb) };
}

/** Whether the stream was deleted, and nothing was appended to it since. */
export function isDeleted({ truncateBefore }: StreamSettings): boolean {
  return truncateBefore !== undefined && truncateBefore >= TOMBSTONE_REVISION;
}

/** The text of a JSON object as metadata is kept; null when the bytes are none. */
export function metadataText(data: Uint8Array): string | null {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : null;
  } catch {
    return null;
  }
}

/** The metadata with another `$tb`. @param metadata a JSON object, or null for none */
export function withTruncateBefore(metadata: string | null, revision: number): string {
  const before = metadata ? (JSON.parse(metadata) as Record<string, unknown>) : {};
  return JSON.stringify({ ...before, $tb: revision });
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function atLeastZero(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined;
}
