import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { isBusy } from './sqlite-errors.js';

/** How long a lock that somebody else holds is waited for, in milliseconds. */
export const LOCK_PATIENCE_MS = 5_000;

/**
 * A pause before the lock is tried again, in milliseconds: never in step with other processes, and no longer for those
 * who have waited long, or they would wait for ever.
 */
export function lockPause(): number {
  return 1 + Math.random() * 4;
}

/**
 * Does the work, again while another connection's lock is in its way. The driver is synchronous, so the waiting is done
 * here, where the event loop goes on, and not inside it.
 * @param patience the longest wait in milliseconds; the lock's error is thrown after it
 */
export async function onceUnlocked<T>(work: () => T, patience = LOCK_PATIENCE_MS): Promise<T> {
  const start = performance.now();
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() - start >= patience) throw error;
      await wait(lockPause());
    }
  }
}
