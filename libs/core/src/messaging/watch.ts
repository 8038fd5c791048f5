import { Observable } from 'rxjs';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { Checkpoint, EventFilter, EventStore } from '../store/event-store.js';

export interface WatchOptions {
  /** Where to begin: at the beginning of the log, at its end, or behind a checkpoint. The end when absent. */
  from?: 'beginning' | 'now' | { readonly after: Checkpoint };
  filter?: EventFilter;
}

/**
 * The log as an observable, for those who want to watch: dashboards, server-sent events, tests. It remembers nothing;
 * what must not miss an event is a projection, a process manager or a reactor. Each subscriber reads for itself, and
 * reads on no faster than its handler returns.
 */
export function watchEvents(store: EventStore, { from = 'now', filter }: WatchOptions = {}): Observable<RecordedEvent> {
  return new Observable((subscriber) => {
    const ending = new AbortController();
    const pump = async () => {
      const after = from === 'now' ? (await store.head()).checkpoint : from === 'beginning' ? undefined : from.after;
      for await (const { events } of store.subscribe({ after, filter, signal: ending.signal })) {
        for (const event of events) subscriber.next(event);
      }
    };
    pump().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => ending.abort();
  });
}
