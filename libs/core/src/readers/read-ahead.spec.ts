import { describe, expect, it } from '@jest/globals';
import { gate } from '../../test/until.js';
import type { EventBatch } from '../store/event-store.js';
import { readAhead } from './read-ahead.js';

const batch = (position: number, caughtUp = false): EventBatch => ({
  events: [],
  checkpoint: String(position),
  position: BigInt(position),
  caughtUp,
});

/** Gives the batches, and notes which were asked for and whether it was ended. */
function source(batches: readonly (EventBatch | Error)[]) {
  const seen = { asked: 0, ended: false };
  async function* giving(): AsyncGenerator<EventBatch> {
    try {
      for (const each of batches) {
        seen.asked++;
        if (each instanceof Error) throw each;
        yield each;
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, batches: giving() };
}

describe('readAhead', () => {
  it('gives every batch, in order', async () => {
    const given: bigint[] = [];
    const { batches, seen } = source([batch(1), batch(2), batch(3, true), batch(4, true)]);
    for await (const each of readAhead(batches)) if (each !== 'lull') given.push(each.position);
    expect(given).toEqual([1n, 2n, 3n, 4n]);
    expect(seen.ended).toBe(true);
  });

  it('asks for one batch more while there is a backlog, and for no more', async () => {
    const { batches, seen } = source([batch(1), batch(2), batch(3, true), batch(4, true)]);
    const asked: number[] = [];
    for await (const _ of readAhead(batches)) asked.push(seen.asked);
    expect(asked).toEqual([2, 3, 3, 4]);
  });

  it('gives what came before a failure, and then fails', async () => {
    const given: bigint[] = [];
    const { batches } = source([batch(1), batch(2), new Error('The store went away')]);
    await expect(async () => {
      for await (const each of readAhead(batches)) if (each !== 'lull') given.push(each.position);
    }).rejects.toThrow('The store went away');
    expect(given).toEqual([1n, 2n]);
  });

  it('tells of a lull, once, when the next batch of a backlog is long in coming', async () => {
    const coming = gate();
    async function* slow(): AsyncGenerator<EventBatch> {
      yield batch(1);
      await coming.opened;
      yield batch(2, true);
    }
    const given: unknown[] = [];
    for await (const each of readAhead(slow())) {
      given.push(each === 'lull' ? each : each.position);
      if (each === 'lull') coming.open();
    }
    expect(given).toEqual([1n, 'lull', 2n]);
  });

  it('ends the reading when its consumer leaves', async () => {
    const { batches, seen } = source([batch(1), batch(2), batch(3)]);
    for await (const _ of readAhead(batches)) break;
    expect(seen).toEqual({ asked: 2, ended: true });
  });
});
