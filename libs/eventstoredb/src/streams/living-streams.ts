import type { EsdbClient } from '../connection/esdb-client.js';
import { Responses } from '../connection/responses.js';
import { logFilter } from '../log/log-filter.js';
import type { LogReader } from '../log/log-reader.js';
import { subscriptionRequest } from '../log/read-requests.js';
import { REMOVING_TYPES } from '../log/removed-events.js';
import { storedEvent, type StoredEvent } from '../log/stored-event.js';
import { streamSettings } from './stream-settings.js';

const MOST_STREAMS = 20_000;
/** How soon a watch that was lost is begun again, in milliseconds. */
const AGAIN_AFTER_MS = 1_000;

/**
 * Streams of which it is known that they are not deleted. The server's writer takes an append at the last revision of a
 * deleted stream for one that begins it again; so it is asked first, once, and then heard of: the deletions of the log
 * are watched as they come.
 */
export class LivingStreams {
  readonly #alive = new Set<string>();
  readonly #filter = logFilter({ types: REMOVING_TYPES });
  /** Counts what was heard: what was asked before is no news after it. */
  #heard = 0;
  #watching = false;
  #nextTry = 0;
  #beginning: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: EsdbClient,
    private readonly log: LogReader,
    private readonly deadlineMs: number,
  ) {}

  has(streamId: string): boolean {
    return this.#alive.has(streamId);
  }

  /** Begins to watch, unless it does; resolves when it does, or that cannot be done now. */
  watched(): Promise<void> {
    if (!this.#watching) this.#watch();
    return this.#beginning;
  }

  /** To be given to {@link lives} with what was asked from now on. */
  get heard(): number {
    return this.#heard;
  }

  /** The stream was seen to be there. @param heard as it was before that was asked */
  lives(streamId: string, heard: number): void {
    if (!this.#watching || heard !== this.#heard) return;
    this.#alive.add(streamId);
    if (this.#alive.size > MOST_STREAMS) this.#alive.delete(this.#alive.keys().next().value!);
  }

  /** The stream is being deleted here. */
  ends(streamId: string): void {
    this.#heard++;
    this.#alive.delete(streamId);
  }

  #watch(): void {
    const now = performance.now();
    if (now < this.#nextTry) return;
    this.#nextTry = Infinity;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#beginning = promise;
    void this.#follow(resolve)
      .catch(() => undefined)
      .finally(() => {
        resolve();
        this.#watching = false;
        this.#heard++;
        this.#alive.clear();
        this.#nextTry = performance.now() + AGAIN_AFTER_MS;
      });
  }

  async #follow(begun: () => void): Promise<void> {
    const { place } = await this.log.end();
    const responses = new Responses(await this.client.read(subscriptionRequest(place, this.#filter.options)));
    try {
      if ((await responses.more(this.deadlineMs)) !== 'message') return;
      this.#watching = true;
      begun();
      while ((await responses.more()) === 'message') {
        const record = responses.take()?.getEvent()?.getEvent();
        if (record) this.#hear(storedEvent(record));
      }
    } finally {
      responses.cancel();
    }
  }

  #hear(event: StoredEvent): void {
    if (event.streamId.startsWith('$$') && streamSettings(event).isDeleted) this.ends(event.streamId.slice(2));
  }
}
