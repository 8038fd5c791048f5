import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a condition, looking again and again.
 * @param what the condition in words, for the failure
 * @throws {Error} when it does not hold within the time
 */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 20_000) {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It did not come about in ${timeoutMs} ms: ${what}`);
    await delay(2);
  }
}
