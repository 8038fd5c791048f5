import { randomUUID } from 'node:crypto';
import { ALL } from '../log/event-log.js';
import { checkpointMessage, confirmationMessage, nowhereCheckpointMessage } from './event-messages.js';
import { CATCHING_UP, tellPace, type Pace } from './pace.js';
import { invalidPosition } from '../server/rpc-error.js';
import type { ServerVersion } from '../server/server-versions.js';
import type { AllSource } from './read-options.js';
import { PAGE, type Subscriber } from './subscriber.js';

/** These say that a subscriber for whom there is nothing has come to -1, which is no position. */
const BEGINS_NOWHERE: readonly ServerVersion[] = ['24.2', '24.10'];

/**
 * Sends the log's events, those that are there and those to come, until the client goes. With a filter a checkpoint is
 * sent whenever so many events were looked at, whether or not they passed; from 24.2 on also before the subscriber is told
 * that it has caught up.
 */
export async function subscribeToAll(subscriber: Subscriber, { from, filter }: AllSource): Promise<void> {
  const { log, pages, listener, options, version } = subscriber;
  const { resolveLinks } = options;
  if (typeof from === 'number' && !log.isPlace(from)) throw invalidPosition();
  const checkpointEvery = filter?.checkpointEvery ?? Infinity;
  let next = from === 'start' ? 0 : from === 'end' ? log.end() : from;
  // A place that is named is read, too, and counts; when the subscriber has caught up, counting begins anew.
  let untilCheckpoint = checkpointEvery - (typeof from === 'number' && from > 0 ? 1 : 0);
  let pace: Pace = CATCHING_UP;
  let found = 0;
  await listener.send(confirmationMessage(randomUUID()));
  while (!listener.hasGone) {
    const window = Math.max(1, Math.min(PAGE, untilCheckpoint));
    const name = `${next} ${window} ${filter?.name ?? ''}`;
    const { page, messages } = pages.page(name, options, () =>
      log.readAll({ from: next, limit: PAGE, resolveLinks, test: filter?.test, window }),
    );
    // Asked for in the turn of the read, so that nothing is missed while the page is sent.
    const more = page.end ? log.grown(ALL, listener.signal) : undefined;
    await listener.sendAll(messages);
    next = page.next;
    untilCheckpoint -= page.considered;
    if (untilCheckpoint <= 0) {
      untilCheckpoint = checkpointEvery;
      await listener.send(checkpointMessage(next));
    }
    found += messages.length;
    if (filter && version !== '23.10' && more && !pace.isLive) {
      const isNowhere = from === 'start' && found === 0 && BEGINS_NOWHERE.includes(version);
      await listener.send(isNowhere ? nowhereCheckpointMessage() : checkpointMessage(next));
    }
    if (more && !pace.isLive) untilCheckpoint = checkpointEvery;
    pace = await tellPace(listener, pace, page.considered, more !== undefined);
    if (!more && messages.length === 0) await listener.pause();
    await more;
  }
}
