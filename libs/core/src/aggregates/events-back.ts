import type { RecordedEvent } from '../events/recorded-event.js';
import type { CommandStore } from './call-patience.js';

/** The stream's events before the revision and behind the position, in their order. */
export async function eventsBack(
  store: Pick<CommandStore, 'readStream'>,
  stream: string,
  before: number,
  after: bigint,
): Promise<Pick<RecordedEvent, 'commandId' | 'revision' | 'position'>[]> {
  const found: Pick<RecordedEvent, 'commandId' | 'revision' | 'position'>[] = [];
  if (before <= 0) return found;
  for await (const events of store.readStream(stream, { from: before - 1, direction: 'backwards' })) {
    for (const { commandId, revision, position } of events) {
      if (position <= after) return found.reverse();
      found.push({ commandId, revision, position });
    }
  }
  return found.reverse();
}

/** The stream's event at the revision, if it is there. */
export async function eventAt(
  store: Pick<CommandStore, 'readStream'>,
  stream: string,
  revision: number,
): Promise<RecordedEvent | undefined> {
  for await (const [event] of store.readStream(stream, { from: revision, limit: 1 })) {
    return event?.revision === revision ? event : undefined;
  }
  return undefined;
}
