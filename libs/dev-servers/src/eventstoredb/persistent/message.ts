import { originalOf, type LogEvent, type ResolvedEvent } from '../log/log-event.js';

/** An event on its way through a group, until it is settled: processed, skipped or parked. */
export interface Message {
  /** What consumers answer it with: the id of the event as it was read, which may be a link's. */
  readonly id: string;
  readonly event: ResolvedEvent;
  /** Counts the events that the group has read and passed over. */
  readonly number: number;
  /** The place up to which the group had read before it. */
  readonly after: number;
  /** Its revision in the stream of parked messages, if it comes from there. */
  readonly parkedAt: number | undefined;
  /** How often it was delivered before. */
  retries: number;
}

/** @returns roughly what it takes in memory, in bytes */
export function sizeOf({ event: { event, link } }: Message): number {
  const size = (each?: LogEvent) => (each ? each.data.byteLength + each.metadata.byteLength + 200 : 0);
  return size(event) + size(link);
}

/** @returns the message that such an event becomes */
export function messageOf(event: ResolvedEvent, place: Pick<Message, 'number' | 'after' | 'parkedAt'>): Message {
  return { id: originalOf(event).id, event, retries: 0, ...place };
}
