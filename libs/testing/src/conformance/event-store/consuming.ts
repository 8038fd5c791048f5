import type { Checkpoint, EventBatch } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import type { Follower } from './follower.js';
import { anEvent, events, freshCategory, freshStream, freshType, idsOf, inside, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

/** A subscription as its consumer has it: how fast it takes, how it ends, how many there are. */
export function consuming(subject: Subject): void {
  const has = (count: number) => (follower: Follower) => follower.events.length >= count;

  it('keeps to the batch size', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    await store.append(freshStream(), events(50, { type }), { expected: 'any' });
    const follower = subject.follow({ after, filter: { types: [type] }, batchSize: 4 });
    await follower.until('what was there came', has(50));
    await store.append(freshStream(), events(50, { type }), { expected: 'any' });
    await follower.until('all came', has(100));
    expect(Math.max(...follower.batches.map((batch) => batch.events.length))).toBeLessThanOrEqual(4);
  });

  it('waits for a consumer that takes its time, and then gives everything in order', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    const stream = freshStream();
    await store.append(stream, events(10, { type }), { expected: 'no-stream' });
    const aborting = new AbortController();
    const given: EventBatch[] = [];
    for await (const batch of store.subscribe({
      after,
      filter: { types: [type] },
      batchSize: 10,
      signal: aborting.signal,
    })) {
      if (given.length === 0) {
        for (let n = 0; n < 20; n++) await store.append(stream, events(200, { type }), { expected: 'any' });
      }
      given.push(batch);
      if (inside(given).length === 4010) aborting.abort();
    }
    const revisions = inside(given).map(({ revision }) => revision);
    expect(revisions).toEqual(Array.from({ length: 4010 }, (_, n) => n));
  });

  it('ends without an error when its signal is aborted: before, while waiting, and between batches', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    await store.append(freshStream(), events(10, { type }), { expected: 'any' });
    for await (const batch of store.subscribe({ after, signal: AbortSignal.abort(new Error('early')) })) {
      expect(batch).toBe('nothing');
    }

    const waiting = subject.follow({ after, filter: { types: [freshType()] } });
    await waiting.until('it waits', ({ last }) => last?.caughtUp === true);
    await waiting.stop();

    const aborting = new AbortController();
    let batches = 0;
    for await (const batch of store.subscribe({
      after,
      filter: { types: [type] },
      batchSize: 2,
      signal: aborting.signal,
    })) {
      expect(batch.events).toHaveLength(2);
      batches++;
      aborting.abort(new Error('enough'));
    }
    expect(batches).toBe(1);
  });

  it('lets a consumer leave the loop', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    await store.append(freshStream(), events(10, { type }), { expected: 'any' });
    for (let time = 0; time < 20; time++) {
      const { signal } = new AbortController();
      for await (const batch of store.subscribe({ after, filter: { types: [type] }, batchSize: 2, signal })) {
        expect(batch.events).toHaveLength(2);
        break;
      }
    }
    await store.append(freshStream(), events(1), { expected: 'any' });
  });

  it('serves a hundred subscriptions at once', async () => {
    const { store } = subject;
    const categories = Array.from({ length: 10 }, () => freshCategory());
    const { checkpoint: after } = await store.head();
    const followers = Array.from({ length: 100 }, (_, n) =>
      subject.follow({ after, filter: { categories: [categories[n % 10]!] } }),
    );
    await Promise.all(followers.map((follower) => follower.until('it runs', ({ batches }) => batches.length > 0)));
    const expected = new Map(categories.map((category) => [category, [] as string[]]));
    for (let round = 0; round < 5; round++) {
      for (const category of categories) {
        const some = events(2);
        await store.append(freshStream(category), some, { expected: 'any' });
        expected.get(category)!.push(...idsOf(some));
      }
    }
    await Promise.all(followers.map((follower) => follower.until('all came', has(10))));
    for (const [n, follower] of followers.entries()) {
      expect(idsOf(follower.events)).toEqual(expected.get(categories[n % 10]!));
    }
  });

  it('gives an event that is appended from within a subscription', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    const stream = freshStream();
    await store.append(stream, [anEvent({ type })], { expected: 'no-stream' });
    const aborting = new AbortController();
    let seen = 0;
    for await (const batch of store.subscribe({ after, filter: { types: [type] }, signal: aborting.signal })) {
      for (const { revision } of batch.events) {
        expect(revision).toBe(seen++);
        if (seen === 10) aborting.abort();
        else await store.append(stream, [anEvent({ type })], { expected: revision });
      }
    }
    expect(seen).toBe(10);
  });

  it('refuses a checkpoint that the store did not make, and a batch size that is none', async () => {
    const { signal } = new AbortController();
    const first = (options: { after?: Checkpoint; batchSize?: number }) => async (): Promise<void> => {
      for await (const batch of subject.store.subscribe({ ...options, signal })) return void batch;
    };
    expect(((await refusalOf(first({ after: 'somewhere else' }))) as Error).message).toContain('checkpoint');
    for (const batchSize of [0, -1, 0.5, NaN]) {
      const refusal = await refusalOf(first({ batchSize }));
      expect(refusal).toBeInstanceOf(RangeError);
      expect((refusal as Error).message).toContain('batchSize');
    }
  });
}
