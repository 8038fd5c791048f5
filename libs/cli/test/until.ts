import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once the condition holds. @throws {Error} naming it when it does not within twenty seconds */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; !(await condition()); await delay(5)) {
    if (performance.now() > end) throw new Error(`It did not come about that ${what}`);
  }
}
