import type { EventHeaders, EventToAppend, JsonObject, JsonValue } from '@gesta/core';

/** What of an event is kept in its metadata. */
export type KeptInMetadata = Pick<EventToAppend, 'version' | 'commandId' | 'headers'>;

/** Headers that have a name of their own in EventStoreDB's conventions: its projections correlate by them. */
const CONVENTIONS = new Map([
  ['correlationId', '$correlationId'],
  ['causationId', '$causationId'],
]);

const VERSION = 'eventVersion';
const COMMAND = 'commandId';

/** A header by one of the names that mean something else here; each gets a tilde in front, also those that have one. */
const TAKEN = /^~*(?:\$correlationId|\$causationId|eventVersion|commandId)$/;

/**
 * An event's metadata, as whoever looks at the server can read it: the headers by their names, with the event's version
 * and its command's id before them.
 */
export function metadataOf({ version, commandId, headers }: KeptInMetadata): JsonObject {
  const metadata: JsonObject = { [VERSION]: version };
  if (commandId !== undefined) metadata[COMMAND] = commandId;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) set(metadata, conventional(name), value);
  }
  return metadata;
}

/**
 * What the metadata says. Of metadata that others wrote it takes what it can: version 1 where none is named, and every
 * other field for a header.
 */
export function keptIn(metadata: JsonValue | undefined): KeptInMetadata {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return { version: 1, commandId: undefined, headers: {} };
  }
  let version = 1;
  let commandId: string | undefined;
  const headers: EventHeaders = {};
  for (const name of Object.keys(metadata)) {
    const value = metadata[name];
    if (name === VERSION && Number.isSafeInteger(value) && (value as number) > 0) version = value as number;
    else if (name === COMMAND && typeof value === 'string') commandId = value;
    else if (!isOverruled(name, metadata)) set(headers, headerOf(name), value);
  }
  return { version, commandId, headers };
}

/** Others may have written a header by both of its names. */
function isOverruled(name: string, metadata: JsonObject): boolean {
  const convention = CONVENTIONS.get(name);
  return convention !== undefined && Object.hasOwn(metadata, convention);
}

function conventional(header: string): string {
  return CONVENTIONS.get(header) ?? (TAKEN.test(header) ? `~${header}` : header);
}

function headerOf(name: string): string {
  for (const [header, convention] of CONVENTIONS) if (name === convention) return header;
  return name.startsWith('~') && TAKEN.test(name) ? name.slice(1) : name;
}

/** A field named `__proto__` is a field like any other, as it is for `JSON.parse`. */
function set(target: Record<string, JsonValue | undefined>, field: string, value: JsonValue | undefined): void {
  if (field === '__proto__') {
    Object.defineProperty(target, field, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[field] = value;
  }
}
