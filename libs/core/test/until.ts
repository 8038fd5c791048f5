import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a condition, looking again and again.
 * @param what the condition in words, for the failure
 * @returns what the condition returned
 * @throws {Error} when it does not hold within the time
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const result = await condition();
    if (result) return result as Exclude<T, undefined | null | false | 0 | ''>;
    if (performance.now() > end) throw new Error(`It did not come about in ${timeoutMs} ms: ${what}`);
    await delay(2);
  }
}

/** A promise that is settled from outside. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
