import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Backlog } from './backlog.js';
import type { EventSource, SourcePage } from './event-source.js';
import type { GroupSettings } from './group-settings.js';
import { messageOf } from './message.js';
import type { Progress } from './progress.js';

/** How long a log is left alone that could not be read, in milliseconds. */
const PAUSE_MS = 250;

/** Reads what a group has to deliver, and not much more than it delivers. */
export class ReadAhead {
  readonly backlog = new Backlog();
  readonly #source: EventSource;
  readonly #settings: GroupSettings;
  readonly #progress: Progress;
  readonly #arrived: () => void;
  readonly #closing = new AbortController();
  #live = false;
  #goOn: (() => void) | undefined;

  /** @param arrived is called when there is something new in the backlog, or some progress */
  constructor(source: EventSource, settings: GroupSettings, progress: Progress, arrived: () => void) {
    this.#source = source;
    this.#settings = settings;
    this.#progress = progress;
    this.#arrived = arrived;
  }

  /** Whether it keeps up with the source. */
  get live(): boolean {
    return this.#live;
  }

  start(): void {
    void this.#run(this.#closing.signal);
  }

  /** Tells it that there may be room for more. */
  pull(): void {
    if (this.#hasRoom()) this.#goOn?.();
  }

  close(): void {
    this.#closing.abort();
    this.#goOn?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.#hasRoom()) {
        this.#live = false;
        await new Promise<void>((resolve) => (this.#goOn = resolve));
        this.#goOn = undefined;
        continue;
      }
      try {
        const page = this.#nextPage();
        this.#take(page);
        if (page.atEnd) this.#live = true;
        await (page.atEnd ? this.#source.grown(signal) : setImmediate());
      } catch {
        // The log cannot be read now. Others are told by their own calls; a group has all the time there is.
        await sleep(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  #hasRoom(): boolean {
    const { liveBufferSize, historyBufferSize, readBatchSize } = this.#settings;
    return this.backlog.hasRoomFor(readBatchSize, this.#live ? liveBufferSize : historyBufferSize);
  }

  #nextPage(): SourcePage {
    const { readBatchSize, resolveLinkTos } = this.#settings;
    return this.#source.read(this.#progress.read.place, Math.max(readBatchSize, 1), resolveLinkTos, this.#live);
  }

  #take({ events, readTo, passedOver }: SourcePage): void {
    for (const event of events) {
      const { place: after, count } = this.#progress.read;
      const message = messageOf(event, { number: count + 1, after, parkedAt: undefined });
      this.#progress.add(message, this.#source.placeOf(event));
      this.backlog.add(message);
    }
    this.#progress.passOver(readTo, passedOver);
    if (events.length + passedOver > 0) this.#arrived();
  }
}
