import { performance } from 'node:perf_hooks';

/**
 * How long it is, in milliseconds, to the next of the moments that come every `ms`. They are the same for all that a
 * process does so often: what is written in step shares a transaction, or a query.
 */
export function untilInStep(ms: number): number {
  return ms - (performance.now() % ms);
}
