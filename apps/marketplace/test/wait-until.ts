import { setTimeout as delay } from 'node:timers/promises';

/**
 * Looks until the condition holds.
 * @throws an error that names it when it does not hold within the time given, in milliseconds
 */
export async function waitUntil(condition: string, holds: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const until = performance.now() + timeoutMs; ;) {
    if (await holds()) return;
    if (performance.now() > until) throw new Error(`Waited ${timeoutMs} ms in vain: ${condition}`);
    await delay(20);
  }
}
