import type { EventFilter } from '../log/event-filter.js';
import type { EventLog } from '../log/event-log.js';
import type { GroupName } from './failures.js';
import type { GroupSettings } from './group-settings.js';
import { CONFIG_STREAM, CONFIG_TYPE, newestOf, systemEvent } from './group-streams.js';

/** Where a group begins: with the place that is named, or with what is appended after it was made. */
export type GroupStart = number | 'end';

/** What a client asks for when it makes or changes a group. */
export interface GroupRequest extends GroupName {
  readonly start: GroupStart;
  readonly settings: GroupSettings;
  /** For `$all`, when the group is made. */
  readonly filter?: EventFilter;
}

/** A group as it is kept. */
export interface GroupEntry extends GroupRequest {
  /** The place behind which it began, or begins when there is no checkpoint. */
  readonly startAfter: number;
}

/** @returns the groups of this log, as they were saved last */
export function loadGroups(log: EventLog): GroupEntry[] {
  return newestOf<{ entries: GroupEntry[] }>(log, CONFIG_STREAM, CONFIG_TYPE)?.entries ?? [];
}

/** Saves all groups of the log. @param user who wanted what is new with them */
export async function saveGroups(log: EventLog, entries: readonly GroupEntry[], user: string): Promise<void> {
  const config = { version: '2', updated: new Date().toISOString(), updatedBy: user, entries };
  await log.append(CONFIG_STREAM, [systemEvent(CONFIG_TYPE, config)], 'any');
}
