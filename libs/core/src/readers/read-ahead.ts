import type { EventBatch } from '../store/event-store.js';

/**
 * Reads the next batch while the last one is worked on, as long as there is a backlog. At the end of the log it does
 * not: what arrives meanwhile then makes one batch and not many.
 */
export async function* readAhead(batches: AsyncIterable<EventBatch>): AsyncGenerator<EventBatch> {
  const iterator = batches[Symbol.asyncIterator]();
  let ahead: Promise<IteratorResult<EventBatch>> | undefined;
  try {
    for (;;) {
      const { done, value } = await (ahead ?? iterator.next());
      ahead = undefined;
      if (done) return;
      if (!value.caughtUp) {
        ahead = iterator.next();
        ahead.catch(() => undefined); // thrown when it is awaited; not before
      }
      yield value;
    }
  } finally {
    await ahead?.catch(() => undefined);
    await iterator.return?.();
  }
}
