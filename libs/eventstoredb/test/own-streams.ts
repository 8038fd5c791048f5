import type { EventStore } from '@gesta/core';
import type { EventStoreDBEventStore } from '../src/eventstoredb-event-store.js';

/** Remembers which streams are written to, so that a server that is not ours can be left as it was. */
export class OwnStreams {
  readonly #names = new Set<string>();

  /** The store, seen through. */
  of(store: EventStore): EventStore {
    return {
      append: (streamId, events, options) => {
        this.#names.add(streamId);
        return store.append(streamId, events, options);
      },
      readStream: (...args) => store.readStream(...args),
      beginsAt: (...args) => store.beginsAt!(...args),
      readAll: (...args) => store.readAll(...args),
      subscribe: (...args) => store.subscribe(...args),
      head: () => store.head(),
      log: () => store.log(),
      eventAt: (position) => store.eventAt(position),
      deleteStream: (...args) => store.deleteStream(...args),
      truncateStream: (...args) => store.truncateStream(...args),
      close: () => store.close(),
    };
  }

  async remove(store: EventStoreDBEventStore): Promise<void> {
    const names = [...this.#names];
    this.#names.clear();
    const isStream = (name: string) => /^[^-]+-./.test(name); // the kit tries names that are none
    const streams = names.filter(isStream);
    for (let n = 0; n < streams.length; n += 50) {
      await Promise.all(
        streams.slice(n, n + 50).map((name) => store.deleteStream(name, { expected: 'any' }).catch(() => undefined)),
      );
    }
  }
}
