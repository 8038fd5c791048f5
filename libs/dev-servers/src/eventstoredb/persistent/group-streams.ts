import { randomUUID } from 'node:crypto';
import { ADMINS } from '../access/user.js';
import { EVERYBODY } from '../access/access-control-list.js';
import type { EventLog } from '../log/event-log.js';
import type { ProposedEvent } from '../log/log-event.js';
import { metastreamOf } from '../log/stream-names.js';

/** Where all groups and their settings are kept. */
export const CONFIG_STREAM = '$persistentSubscriptionConfig';

/** @returns what a group is called among all groups */
export function groupId(source: string, group: string): string {
  return `${source}::${group}`;
}

/** @returns the stream where the group's checkpoints are kept */
export function checkpointStream(id: string): string {
  return `$persistentsubscription-${id}-checkpoint`;
}

/** @returns the stream where links to the group's parked messages are kept */
export function parkedStream(id: string): string {
  return `$persistentsubscription-${id}-parked`;
}

/** @returns an event with such data, and metadata if there is any, as JSON */
export function systemEvent(type: string, data: unknown): ProposedEvent {
  const bytes = Buffer.from(JSON.stringify(data), 'utf8');
  return { id: randomUUID(), type, isJson: true, data: bytes, metadata: new Uint8Array(0) };
}

/** What only administrators may read and write. */
const FOR_ADMINS = { $r: ADMINS, $w: ADMINS, $d: ADMINS, $mr: ADMINS, $mw: ADMINS };

/** Sets the metadata of a checkpoint stream: its last events suffice, and everybody may see this. */
export async function describeCheckpointStream(log: EventLog, stream: string): Promise<void> {
  const metadata = { $maxCount: 2, $acl: { ...FOR_ADMINS, $mr: EVERYBODY } };
  await log.append(metastreamOf(stream), [systemEvent('$metadata', metadata)], 'any');
}

/** Sets the metadata of a stream of parked messages: from which revision on they are still parked. */
export async function describeParkedStream(log: EventLog, stream: string, truncateBefore: number): Promise<void> {
  const metadata = { $tb: truncateBefore, $acl: FOR_ADMINS };
  await log.append(metastreamOf(stream), [systemEvent('$metadata', metadata)], 'any');
}
