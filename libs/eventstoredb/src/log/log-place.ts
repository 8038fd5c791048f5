import type { Checkpoint } from '@gesta/core';

/** A place in the log as EventStoreDB names it, in bytes. */
export interface LogPlace {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Before everything. */
export const BEGINNING: LogPlace = { commit: 0n, prepare: 0n };

const FORM = /^esdb:(0|[1-9]\d{0,18})\/(0|[1-9]\d{0,18})$/;

/** What servers from 24.2 to 24.10.4 call the place before the first event of an empty log, and older checkpoints say. */
const OF_AN_EMPTY_LOG = `esdb:${2n ** 64n - 1n}/${2n ** 64n - 1n}`;

export function checkpointAt({ commit, prepare }: LogPlace): Checkpoint {
  return `esdb:${commit}/${prepare}`;
}

/**
 * Where the checkpoint leads; the beginning without one.
 * @throws {RangeError} when it is none of this kind of store
 */
export function placeOf(checkpoint: Checkpoint | undefined): LogPlace {
  if (checkpoint === undefined) return BEGINNING;
  if (checkpoint === OF_AN_EMPTY_LOG) return BEGINNING;
  const [, commit, prepare] = FORM.exec(checkpoint) ?? [];
  if (commit === undefined || prepare === undefined || BigInt(prepare) > BigInt(commit)) {
    throw new RangeError(`'${checkpoint}' is no checkpoint of an EventStoreDB: those look like esdb:1024/1024`);
  }
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** What no position can be: one that has a sign in 64 bits. */
const NO_POSITION = 2n ** 63n;

/** Whether there can be such a place. */
export function isPlace({ commit, prepare }: LogPlace): boolean {
  return prepare >= 0n && prepare <= commit && commit < NO_POSITION;
}

export function isBehind(place: LogPlace, other: LogPlace): boolean {
  return place.commit > other.commit || (place.commit === other.commit && place.prepare > other.prepare);
}

export function furthest(one: LogPlace, other: LogPlace): LogPlace {
  return isBehind(one, other) ? one : other;
}

/**
 * The last position of which it is certain that nothing at or before it lies behind the place. A place that the server
 * names between two events has the commit position of the next event, and a prepare position before it.
 */
export function positionAt({ commit, prepare }: LogPlace): bigint {
  return prepare < commit ? commit - 1n : commit;
}

/** More than a record of the log can have; between its last event and its end there may be one that is no event. */
const LONGEST_RECORD = 17n * 1024n * 1024n;

/** Whether the place is more than anything that a log with this end can have. */
export function isBeyond(place: LogPlace, end: LogPlace): boolean {
  return place.commit > (place.prepare === place.commit ? end.commit : end.commit + LONGEST_RECORD);
}

/** A checkpoint at which the server says that nothing begins. */
export function noPlaceOfThisLog(place: LogPlace, cause: unknown): RangeError {
  return new RangeError(
    `'${checkpointAt(place)}' is no checkpoint of this store, in whose log nothing begins there: was it made by another server, or before the log was put back to a copy?`,
    { cause },
  );
}

/**
 * A checkpoint of this log does not lead past its end.
 * @throws {RangeError} when the place does, so that it must have been made for another log
 */
export function checkedPlace(place: LogPlace, end: LogPlace): void {
  if (!isBeyond(place, end)) return;
  throw new RangeError(
    `'${checkpointAt(place)}' is no checkpoint of this store, whose log ends at ${end.commit}: was it made by another server?`,
  );
}
