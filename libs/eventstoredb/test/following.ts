import type { EventBatch, EventStore, RecordedEvent, SubscribeOptions } from '@gesta/core';

/** A subscription whose consumer takes what comes until it is stopped. */
export class Following {
  readonly batches: EventBatch[] = [];
  readonly events: RecordedEvent[] = [];
  failure: unknown;
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;

  constructor(store: EventStore, options: Omit<SubscribeOptions, 'signal'>) {
    this.#done = this.#take(store, options);
  }

  get caughtUp(): boolean {
    return this.batches.at(-1)?.caughtUp === true;
  }

  get position(): bigint {
    return this.batches.at(-1)?.position ?? -1n;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  async #take(store: EventStore, options: Omit<SubscribeOptions, 'signal'>): Promise<void> {
    try {
      for await (const batch of store.subscribe({ ...options, signal: this.#ending.signal })) {
        this.batches.push(batch);
        this.events.push(...batch.events);
      }
    } catch (failure) {
      this.failure = failure;
    }
  }
}
