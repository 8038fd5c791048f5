import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Checkpointing } from './checkpointing.js';
import { Progress } from './progress.js';

const CADENCE = { checkpointAfter: 1_000, minCheckpointCount: 2, maxCheckpointCount: 10 };

describe('Checkpointing', () => {
  let progress: Progress;
  let saved: number[];
  let failing: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    progress = new Progress(0);
    saved = [];
    failing = false;
  });
  afterEach(() => void jest.useRealTimers());

  const store = {
    load: () => undefined,
    save: async (place: number) => {
      if (failing) throw new Error('The disk is full');
      saved.push(place);
    },
  };
  const checkpointing = (cadence = CADENCE) => new Checkpointing(progress, store, cadence, undefined);
  /** So many more events are settled. */
  const settle = async (each: Checkpointing, count: number) => {
    progress.passOver(progress.read.place + count, count);
    each.mark();
    await jest.advanceTimersByTimeAsync(0);
  };

  it('saves nothing before there is as much as a checkpoint has to be worth', async () => {
    const each = checkpointing();
    await settle(each, 1);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(saved).toEqual([]);
    await settle(each, 1);
    expect(saved).toEqual([2]);
    expect(each.saved).toBe(2);
  });

  it('lets some time go by between two, and saves the later one by itself', async () => {
    const each = checkpointing();
    await settle(each, 2);
    await settle(each, 3);
    await jest.advanceTimersByTimeAsync(900);
    await settle(each, 1);
    expect(saved).toEqual([2]);
    await jest.advanceTimersByTimeAsync(200);
    expect(saved).toEqual([2, 6]);
  });

  it('does not wait when there is as much as may be without one', async () => {
    const each = checkpointing();
    await settle(each, 2);
    await settle(each, 10);
    expect(saved).toEqual([2, 12]);
  });

  it('goes by the count alone when no time is named', async () => {
    const each = checkpointing({ ...CADENCE, checkpointAfter: 0 });
    await settle(each, 9);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(saved).toEqual([]);
    await settle(each, 1);
    expect(saved).toEqual([10]);
  });

  it('tries again with the next progress when one could not be saved', async () => {
    const each = checkpointing();
    failing = true;
    await settle(each, 10);
    expect(each.saved).toBeUndefined();
    failing = false;
    await settle(each, 1);
    await jest.advanceTimersByTimeAsync(1_100);
    expect(saved).toEqual([11]);
  });

  it('saves nothing any more when it is closed', async () => {
    const each = checkpointing();
    await settle(each, 2);
    await settle(each, 2);
    await each.close();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(saved).toEqual([2]);
  });
});
