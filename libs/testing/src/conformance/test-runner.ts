import type * as JestGlobals from '@jest/globals';

/**
 * The functions of the test runner that runs the kit, from the global scope, where jest puts them unless told
 * otherwise. Nothing is imported, so `@gesta/testing` loads without jest too.
 */
const runner = globalThis as unknown as typeof JestGlobals;

export const describe: typeof JestGlobals.describe = runner.describe;
export const expect: typeof JestGlobals.expect = runner.expect;

/** Generous: a kit's test waits for what should happen, not for time to pass. */
const TIMEOUT_MS = 60_000;

export function it(behaviour: string, test: () => Promise<void>): void {
  runner.it(behaviour, test, TIMEOUT_MS);
}

export function beforeEach(prepare: () => Promise<void>): void {
  runner.beforeEach(prepare, TIMEOUT_MS);
}

export function afterEach(cleanUp: () => Promise<void>): void {
  runner.afterEach(cleanUp, TIMEOUT_MS);
}
