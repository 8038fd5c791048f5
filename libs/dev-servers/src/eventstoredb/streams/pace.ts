import { caughtUpMessage, fellBehindMessage } from './event-messages.js';
import type { Listener } from './listener.js';

/** A subscriber that had caught up and for whom more than so many events wait has fallen behind. */
const MOST_WAITING = 256;

/** Whether a subscriber is told of events as they come, and how many it was sent since it last had all of them. */
export interface Pace {
  readonly isLive: boolean;
  readonly behind: number;
}

export const CATCHING_UP: Pace = { isLive: false, behind: 0 };

/**
 * Tells a subscriber when it has caught up and when it has fallen behind.
 * @param events how many it was just sent, or were looked at for it
 * @param hasAll whether these were the last there are
 */
export async function tellPace(listener: Listener, pace: Pace, events: number, hasAll: boolean): Promise<Pace> {
  if (hasAll) {
    if (!pace.isLive) await listener.send(caughtUpMessage());
    return { isLive: true, behind: 0 };
  }
  const behind = pace.behind + events;
  if (!pace.isLive || behind <= MOST_WAITING) return { ...pace, behind };
  await listener.send(fellBehindMessage());
  return { isLive: false, behind };
}
