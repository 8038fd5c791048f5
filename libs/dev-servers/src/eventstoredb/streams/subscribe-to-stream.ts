import { randomUUID } from 'node:crypto';
import type { EventLog } from '../log/event-log.js';
import { streamDeleted } from '../server/rpc-error.js';
import { confirmationMessage } from './event-messages.js';
import { CATCHING_UP, tellPace, type Pace } from './pace.js';
import type { StreamSource } from './read-options.js';
import { PAGE, type Subscriber } from './subscriber.js';

/**
 * Sends a stream's events, those that are there and those to come, until the client goes. Nothing is kept for a client
 * that is slow: it is read on from where it is. A stream that is not there yet is waited for.
 */
export async function subscribeToStream(subscriber: Subscriber, { streamId, from }: StreamSource): Promise<void> {
  const { log, pages, listener, options } = subscriber;
  const { resolveLinks } = options;
  let next = firstRevision(log, streamId, from);
  let pace: Pace = CATCHING_UP;
  await listener.send(confirmationMessage(randomUUID()));
  while (!listener.hasGone) {
    const { page, messages } = pages.page(`${next}@${streamId}`, options, () =>
      log.readStream(streamId, { from: next, limit: PAGE, resolveLinks }),
    );
    if (page.status === 'deleted') throw streamDeleted(streamId);
    // Asked for in the turn of the read, so that nothing is missed while the page is sent.
    const more = page.end ? log.grown(streamId, listener.signal) : undefined;
    await listener.sendAll(messages);
    next = page.next;
    pace = await tellPace(listener, pace, messages.length, more !== undefined);
    await more;
  }
}

/** A subscription begins behind the revision that it names. */
function firstRevision(log: EventLog, streamId: string, from: StreamSource['from']): number {
  if (from === 'start') return 0;
  return (from === 'end' ? log.lastRevision(streamId) : from) + 1;
}
