import type { EventLog } from '../log/event-log.js';
import type { ResolvedEvent } from '../log/log-event.js';
import { encodedEvent } from './event-encoder.js';
import type { ReadOptions } from './read-options.js';

/** A page that was read, and its events as they are sent. */
export interface EncodedPage<Page> {
  readonly page: Page;
  readonly messages: readonly Buffer[];
}

/**
 * Lets subscriptions that want the same page in the same turn share it: an append wakes all who follow its stream at once,
 * and then the page is read and encoded once.
 */
export class SharedPages {
  readonly #log: EventLog;
  readonly #pages = new Map<string, EncodedPage<unknown>>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /**
   * @param name what the page is, beside the options
   * @param read reads it
   */
  page<Page extends { readonly events: readonly ResolvedEvent[] }>(
    name: string,
    { resolveLinks, uuidsAsText }: ReadOptions,
    read: () => Page,
  ): EncodedPage<Omit<Page, 'events'>> {
    const key = `${this.#log.version} ${resolveLinks} ${uuidsAsText} ${name}`;
    const known = this.#pages.get(key) as EncodedPage<Omit<Page, 'events'>> | undefined;
    if (known) return known;
    const { events, ...page } = read();
    const encoded = { page, messages: events.map((event) => encodedEvent(event, uuidsAsText)) };
    // For this turn only: what the metadata of a stream lets be seen changes with time, too.
    if (this.#pages.size === 0) setImmediate(() => this.#pages.clear());
    this.#pages.set(key, encoded);
    return encoded;
  }
}
