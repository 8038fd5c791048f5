import type { Checkpoint } from '@gesta/core';

/** A place in the log as EventStoreDB names it, in bytes. */
export interface LogPlace {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Before everything. */
export const BEGINNING: LogPlace = { commit: 0n, prepare: 0n };

const FORM = /^esdb:(0|[1-9]\d{0,18})\/(0|[1-9]\d{0,18})$/;

export function checkpointAt({ commit, prepare }: LogPlace): Checkpoint {
  return `esdb:${commit}/${prepare}`;
}

/**
 * Where the checkpoint leads; the beginning without one.
 * @throws {RangeError} when it is none of this kind of store
 */
export function placeOf(checkpoint: Checkpoint | undefined): LogPlace {
  if (checkpoint === undefined) return BEGINNING;
  const [, commit, prepare] = FORM.exec(checkpoint) ?? [];
  if (commit === undefined || prepare === undefined || BigInt(prepare) > BigInt(commit)) {
    throw new RangeError(`'${checkpoint}' is no checkpoint of an EventStoreDB: those look like esdb:1024/1024`);
  }
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
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

/**
 * A checkpoint of this log does not lead past its end.
 * @throws {RangeError} when the place does, so that it must have been made for another log
 */
export function checkedPlace(place: LogPlace, end: LogPlace): void {
  const most = place.prepare === place.commit ? end.commit : end.commit + LONGEST_RECORD;
  if (place.commit <= most) return;
  throw new RangeError(
    `'${checkpointAt(place)}' is no checkpoint of this store, whose log ends at ${end.commit}: was it made by another server?`,
  );
}
