import type { EventBatch, EventStore, RecordedEvent, SubscribeOptions } from '@gesta/core';

const PATIENCE_MS = 30_000;

/** Takes what a subscription gives, in the background, and lets a test wait for what it should have been given. */
export class Follower {
  readonly batches: EventBatch[] = [];
  readonly events: RecordedEvent[] = [];
  private readonly stopping = new AbortController();
  private ended = false;
  private failure: unknown;
  private notice: () => void = () => {};

  constructor(store: EventStore, options: Omit<SubscribeOptions, 'signal'>) {
    void this.follow(store, options);
  }

  get last(): EventBatch | undefined {
    return this.batches.at(-1);
  }

  /** @throws when the subscription failed or ended, or the condition did not come true in good time */
  async until(what: string, holds: (follower: this) => boolean): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (!holds(this)) {
      if (this.failure) throw this.failure;
      if (this.ended) throw new Error(`The subscription ended before ${what}`);
      if (late.aborted)
        throw new Error(`Waited ${PATIENCE_MS} ms until ${what}; was given ${this.events.length} events`);
      await new Promise<void>((resolve) => {
        this.notice = resolve;
        late.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Aborts the subscription and waits for its end, which must come without an error. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.end();
  }

  /** Resolves when the subscription has ended of its own, without an error. */
  async end(): Promise<void> {
    await this.until('it ended', () => this.ended);
  }

  private async follow(store: EventStore, options: Omit<SubscribeOptions, 'signal'>): Promise<void> {
    try {
      for await (const batch of store.subscribe({ ...options, signal: this.stopping.signal })) {
        this.batches.push(batch);
        this.events.push(...batch.events);
        this.notice();
      }
      this.ended = true;
    } catch (failure) {
      this.failure = failure;
    }
    this.notice();
  }
}
