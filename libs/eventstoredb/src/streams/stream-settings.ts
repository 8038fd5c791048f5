import type { JsonObject } from '@gesta/core';
import type { LogPlace } from '../log/log-place.js';
import { parsed, type StoredEvent } from '../log/stored-event.js';

/** What the server writes for "all of it" is more than a number holds. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

/** What a stream's metadata says of the events that reads do not show. */
export interface StreamSettings {
  /** Of the metadata itself. */
  readonly revision: number;
  readonly place: LogPlace;
  readonly metadata: JsonObject;
  /** The stream was deleted, and can begin again. */
  readonly isDeleted: boolean;
  /** Events before this revision are not shown; 0 where all are. */
  readonly truncateBefore: number;
  /** How old an event that is shown can be, in seconds. */
  readonly maxAge: number | undefined;
  /** How many of the last events are shown. */
  readonly maxCount: number | undefined;
}

/** The metadata of the stream is the event's data. */
export function streamSettings({ revision, place, data }: StoredEvent): StreamSettings {
  const value = parsed(data);
  const metadata = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const before = positive(metadata.$tb) ?? 0;
  return {
    revision,
    place,
    metadata,
    isDeleted: before > EVERYTHING,
    truncateBefore: before,
    maxAge: positive(metadata.$maxAge),
    maxCount: positive(metadata.$maxCount),
  };
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}
