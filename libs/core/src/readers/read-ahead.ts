import { clearTimeout, setTimeout } from 'node:timers';
import type { EventBatch } from '../store/event-store.js';

/**
 * How long the next batch of a backlog may be in coming before a lull is told, in milliseconds. Longer than what a busy
 * disk or processor keeps a batch waiting, as it is costly to store in the middle of a backlog.
 */
const LULL_MS = 200;

/** What a reader is given: a batch, or word that the next one of a backlog takes its time. */
export type BatchOrLull = EventBatch | 'lull';

/**
 * Reads the next batch while the last one is worked on, as long as there is a backlog. At the end of the log it does
 * not: what arrives meanwhile then makes one batch and not many.
 */
export async function* readAhead(batches: AsyncIterable<EventBatch>): AsyncGenerator<BatchOrLull> {
  const iterator = batches[Symbol.asyncIterator]();
  let ahead: Promise<IteratorResult<EventBatch>> | undefined;
  try {
    for (;;) {
      if (ahead && (await isLong(ahead))) yield 'lull';
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

/** Whether the batch is not there soon. */
async function isLong(batch: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), LULL_MS);
  const arrived = batch.then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([arrived, late]);
  } finally {
    clearTimeout(timer);
  }
}
