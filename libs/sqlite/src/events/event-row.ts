import type { JsonObject, RecordedEvent } from '@gesta/core';
import type { EventNames } from './event-names.js';
import { headersFrom } from './headers-text.js';

/** The columns of an event as they are read, in the order of {@link EventRow}. */
export const EVENT_COLUMNS = 'position, type, recorded_at, version, revision, stream, id, command_id, headers, data';

/** An event as SQLite gives it: an array, which costs less than an object with the columns' names. */
export type EventRow = readonly [
  position: number,
  type: number,
  recordedAt: number,
  version: number,
  revision: number,
  stream: string,
  id: string,
  commandId: string | null,
  headers: string,
  data: string,
];

export const positionOf = (row: EventRow): number => row[0];
export const typeOf = (row: EventRow): number => row[1];
export const revisionOf = (row: EventRow): number => row[4];

/** The characters of JSON in the row. */
export const sizeOf = (row: EventRow): number => row[8].length + row[9].length;

/** The row as a plain object, so that it can be copied and compared like any other store's event. */
export function recorded(row: EventRow, names: EventNames, stream = row[5]): RecordedEvent {
  return {
    id: row[6],
    type: names.nameOf(row[1]),
    version: row[3],
    streamId: stream,
    revision: row[4],
    position: BigInt(row[0]),
    recordedAt: new Date(row[2]),
    commandId: row[7] ?? undefined,
    headers: headersFrom(row[8]),
    data: JSON.parse(row[9]) as JsonObject,
  };
}
