import { describe, expect, it } from '@jest/globals';
import { ReadModelBehind } from '../readers/reached.js';
import { ReadModel, type LiveSource } from './read-model.js';

/** A store that gives no answer, and a reader that is behind. */
function behind() {
  let waited = 0;
  const source = {
    live: {
      reached: {
        now: 0n,
        has: () => false,
        async waitFor(position: bigint) {
          waited++;
          throw new ReadModelBehind(position, 0n);
        },
      },
      left: new AbortController().signal,
    },
    isKept: () => true,
    look: () => new Promise<void>(() => {}),
  };
  return { model: new ReadModel(source as unknown as LiveSource), waited: () => waited };
}

describe('waiting for a read model', () => {
  it.each([Infinity, Number.MAX_SAFE_INTEGER, 2 ** 31, 2 ** 31 - 1])('takes any time: %d ms', async (timeoutMs) => {
    const { model, waited } = behind();
    const signal = AbortSignal.timeout(100);
    await expect(model.waitFor(1n, { timeoutMs, signal })).rejects.toThrow('timeout');
    expect(waited()).toBe(2); // at first, and at the end: a timer that is set to more than it takes ends at once, again and again
  });

  it('refuses a time that is none', async () => {
    await expect(behind().model.waitFor(1n, { timeoutMs: NaN })).rejects.toThrow('timeoutMs is no number');
  });
});
