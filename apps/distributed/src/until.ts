import { setTimeout as delay } from 'node:timers/promises';

/** Looks every so often until it holds, or the signal says that it is of no use any more. */
export async function until(holds: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await holds())) await delay(50, undefined, { signal }).catch(() => undefined);
}
