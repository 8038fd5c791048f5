import type { Checkpoint, EventFilter } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { anEvent, events, eventsOf, freshStream, freshType, idsOf } from './samples.js';
import type { Subject } from './subject.js';

/** Amounts that stores like to read by: where one such reading ends and the next begins, an event is easily lost. */
const ROUND = [32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1000, 1024, 2000, 2048];

/** Stretches of the log in which nothing matches. */
export function longStretches(subject: Subject): void {
  const withStretches = async (): Promise<{ after: Checkpoint; filter: EventFilter; wanted: string[] }> => {
    const { store } = subject;
    const type = freshType();
    const wanted: string[] = [];
    const { checkpoint: after } = await store.head();
    const stream = freshStream();
    for (const stretch of ROUND.flatMap((amount) => [amount - 1, amount])) {
      for (let left = stretch; left > 0; left -= 500) {
        await store.append(stream, events(Math.min(left, 500)), { expected: 'any' });
      }
      const found = anEvent({ type });
      await store.append(stream, [found], { expected: 'any' });
      wanted.push(found.id);
    }
    return { after, filter: { types: [type] }, wanted };
  };

  it('gives what stands between them, whatever the size of a batch', async () => {
    const { after, filter, wanted } = await withStretches();
    for (const batchSize of [1, 2, undefined]) {
      expect(idsOf(await eventsOf(subject.store.readAll({ after, filter, batchSize })))).toEqual(wanted);
    }
  });

  it('gives a subscription what stands between them, whatever the size of a batch', async () => {
    const { after, filter, wanted } = await withStretches();
    for (const batchSize of [1, 2, undefined]) {
      const follower = subject.follow({ after, filter, batchSize });
      await follower.until('it had caught up', ({ last }) => last?.caughtUp === true);
      expect(idsOf(follower.events)).toEqual(wanted);
    }
  });

  it('resumes from within them', async () => {
    const { store } = subject;
    const { after, filter, wanted } = await withStretches();
    const given: string[] = [];
    let checkpoint = after;
    for (let turn = 0, done = false; !done; turn++) {
      expect(turn).toBeLessThan(10_000); // it gets on
      for await (const batch of store.readAll({ after: checkpoint, filter, batchSize: 2 })) {
        given.push(...idsOf(batch.events));
        checkpoint = batch.checkpoint;
        done = batch.caughtUp;
        break;
      }
    }
    expect(given).toEqual(wanted);
  });
}
