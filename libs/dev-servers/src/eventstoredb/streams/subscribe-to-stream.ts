import { randomUUID } from 'node:crypto';
import type { EventLog } from '../log/event-log.js';
import { TOMBSTONE_REVISION } from '../log/log-event.js';
import { streamDeleted } from '../server/rpc-error.js';
import { encodedEvent } from './event-encoder.js';
import { confirmationMessage } from './event-messages.js';
import { CATCHING_UP, tellPace, type Pace } from './pace.js';
import type { StreamSource } from './read-options.js';
import { PAGE, type Subscriber } from './subscriber.js';

/**
 * Sends a stream's events, those that are there and those to come, until the client goes. Nothing is kept for a client
 * that is slow: it is read on from where it is. A stream that is not there yet is waited for. Events that come are sent as
 * they are, whatever the stream's metadata hides from who reads; the tombstone is the last of them.
 */
export async function subscribeToStream(subscriber: Subscriber, { streamId, from }: StreamSource): Promise<void> {
  const { log, pages, listener, options } = subscriber;
  const { resolveLinks } = options;
  let next = firstRevision(log, streamId, from);
  let pace: Pace = CATCHING_UP;
  if (log.lastRevision(streamId) === TOMBSTONE_REVISION) throw streamDeleted(streamId);
  await listener.send(confirmationMessage(randomUUID()));
  while (!listener.hasGone) {
    const live = pace.isLive;
    const { page, messages } = pages.page(`${next} ${live}@${streamId}`, options, () =>
      log.readStream(streamId, { from: next, limit: PAGE, resolveLinks, live }),
    );
    if (page.status === 'deleted') {
      const event = pace.isLive ? log.tombstoneOf(streamId) : undefined;
      if (event) await listener.send(encodedEvent({ event }, options.uuidsAsText));
      throw streamDeleted(streamId);
    }
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
