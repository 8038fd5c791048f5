import type { EventLog } from '../log/event-log.js';
import type { ServerVersion } from '../server/server-versions.js';
import type { Listener } from './listener.js';
import type { ReadOptions } from './read-options.js';
import type { SharedPages } from './shared-pages.js';

/** One subscription: to what, for whom, how. */
export interface Subscriber {
  readonly log: EventLog;
  readonly pages: SharedPages;
  readonly listener: Listener;
  readonly options: ReadOptions;
  /** Whose habits the server has. */
  readonly version: ServerVersion;
}

/** So many events are read at once for a subscription. */
export const PAGE = 256;
