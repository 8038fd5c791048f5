import { randomUUID } from 'node:crypto';
import { ADMINS } from '../access/user.js';
import { EVERYBODY } from '../access/access-control-list.js';
import type { EventLog } from '../log/event-log.js';
import type { ProposedEvent } from '../log/log-event.js';
import { metastreamOf } from '../log/stream-names.js';

/** The type of the events that say which groups there are. */
export const CONFIG_TYPE = '$PersistentConfig';

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

/**
 * @returns what the newest event of a type in a stream says; undefined when there is none. Others are passed over: the
 * stream is the groups' own, but whoever may write there may write anything.
 */
export function newestOf<T>(log: EventLog, stream: string, type: string): T | undefined {
  for (let from: number | 'end' = 'end'; ;) {
    const page = log.readStream(stream, { from, backwards: true, limit: 10 });
    if (page.status !== 'found') return undefined;
    const newest = page.events.find(({ event }) => event!.type === type);
    if (newest) return JSON.parse(Buffer.from(newest.event!.data).toString('utf8')) as T;
    if (page.end) return undefined;
    from = page.next;
  }
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
