import fc from 'fast-check';
import type { Checkpoint, EventBatch } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { lookingAlike } from './filter-traps.js';
import type { Follower } from './follower.js';
import { events, freshCategory, freshStream, freshType, idsOf, inside } from './samples.js';
import type { Subject } from './subject.js';

/** What a subscription gives, and how far it says it is. */
export function subscribing(subject: Subject): void {
  const has = (count: number) => (follower: Follower) => follower.events.length >= count;
  const reached = (position: bigint) => (follower: Follower) => (follower.last?.position ?? -1n) >= position;

  it('gives what is in the log, then what is appended', async () => {
    const { store } = subject;
    const type = freshType();
    const some = events(5, { type });
    const { checkpoint: after } = await store.head();
    const stream = freshStream();
    await store.append(stream, some.slice(0, 3), { expected: 'no-stream' });
    const follower = subject.follow({ after, filter: { types: [type] } });
    await follower.until('what was there came', has(3));
    await store.append(stream, [some[3]!], { expected: 2 });
    await follower.until('the fourth event came', has(4));
    await store.append(stream, [some[4]!], { expected: 3 });
    await follower.until('the fifth event came', has(5));
    expect(idsOf(follower.events)).toEqual(idsOf(some));
  });

  it('begins at the beginning without a checkpoint, and behind the head with its checkpoint', async () => {
    const { store } = subject;
    const type = freshType();
    const some = events(4, { type });
    await store.append(freshStream(), some.slice(0, 2), { expected: 'any' });
    const { checkpoint } = await store.head();
    const whole = subject.follow({ filter: { types: [type] } });
    const rest = subject.follow({ after: checkpoint, filter: { types: [type] } });
    await whole.until('what was there came', has(2));
    await store.append(freshStream(), some.slice(2), { expected: 'any' });
    await whole.until('all came', has(4));
    await rest.until('the rest came', has(2));
    expect(idsOf(whole.events)).toEqual(idsOf(some));
    expect(idsOf(rest.events)).toEqual(idsOf(some.slice(2)));
  });

  it('takes events of all streams without a filter', async () => {
    const { store } = subject;
    const { checkpoint: after } = await store.head();
    const follower = subject.follow({ after });
    const some = [events(2), events(3), events(1)];
    for (const batch of some) await store.append(freshStream(), batch, { expected: 'any' });
    const wanted = idsOf(some.flat());
    await follower.until('all came', ({ events: given }) =>
      wanted.every((id) => given.some((event) => event.id === id)),
    );
    expect(idsOf(follower.events).filter((id) => wanted.includes(id))).toEqual(wanted);
  });

  describe('by a filter', () => {
    lookingAlike(async (filter, after) => {
      const { position } = await subject.store.head();
      const follower = subject.follow({ after, filter });
      await follower.until('the end was reached', reached(position));
      return follower.events;
    }, subject);

    it('gives nothing for an empty list, and reports progress', async () => {
      const { store } = subject;
      const { checkpoint: after } = await store.head();
      const followers = [{ types: [] }, { categories: [] }].map((filter) => subject.follow({ after, filter }));
      const { position } = await store.append(freshStream(), events(3), { expected: 'any' });
      for (const follower of followers) {
        await follower.until('progress was reported', reached(position));
        expect(follower.events).toEqual([]);
      }
    });
  });

  it('loses and repeats nothing where catching up becomes live, while writers go on', async () => {
    const { store } = subject;
    const category = freshCategory();
    const { checkpoint: after } = await store.head();
    const appended = new Map<string, string[]>();
    const write = async (rounds: number) => {
      const stream = freshStream(category);
      appended.set(stream, []);
      for (let n = 0; n < rounds; n++) {
        const some = events(1 + (n % 3));
        await store.append(stream, some, { expected: n === 0 ? 'no-stream' : appended.get(stream)!.length - 1 });
        appended.get(stream)!.push(...idsOf(some));
      }
    };
    await write(100);
    const writers = [write(60), write(60), write(60)];
    const followers: Follower[] = [];
    for (let n = 0; n < 5; n++) {
      followers.push(
        subject.follow({ after, filter: { categories: [category] }, batchSize: [1, 2, 10, 100, 1000][n]! }),
      );
      await followers[n]!.until('something came', has(1));
    }
    await Promise.all(writers);
    const total = [...appended.values()].flat().length;
    for (const follower of followers) {
      await follower.until('all came', has(total));
      expect(follower.events).toHaveLength(total);
      expectGrowing(follower.batches);
      const perStream = Map.groupBy(follower.events, ({ streamId }) => streamId);
      for (const [stream, ids] of appended) expect(idsOf(perStream.get(stream)!)).toEqual(ids);
    }
  });

  it('reports progress and position through what does not match, caught up or not', async () => {
    const { store } = subject;
    const { checkpoint: after } = await store.head();
    const stream = freshStream();
    for (let n = 0; n < 6; n++) await store.append(stream, events(500), { expected: 'any' });
    const follower = subject.follow({ after, filter: { types: [freshType()] } });
    await follower.until('the end was reached', reached((await store.head()).position));
    for (let n = 0; n < 3; n++) {
      const { position } = await store.append(stream, events(1), { expected: 'any' });
      await follower.until('progress was reported', reached(position));
    }
    expect(follower.events).toEqual([]);
    expectGrowing(follower.batches);
  });

  it('marks where it has caught up, with and without events', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    const caughtUp = (follower: Follower) => follower.last?.caughtUp === true;
    const idle = subject.follow({ after, filter: { types: [type] } });
    await idle.until('it had caught up with an end where nothing is', caughtUp);
    expect(idle.events).toEqual([]);
    await store.append(freshStream(), events(20, { type }), { expected: 'any' });
    await idle.until('it had caught up again', (follower) => has(20)(follower) && caughtUp(follower));
    const late = subject.follow({ after, filter: { types: [type] }, batchSize: 3 });
    await late.until('it had caught up', caughtUp);
    expect(late.events).toHaveLength(20);
    const early = late.batches.filter(({ caughtUp: mark }) => mark);
    expect(inside(late.batches.slice(0, late.batches.indexOf(early[0]!) + 1))).toHaveLength(20);
  });

  it('resumes from any of its checkpoints without loss or repeat', async () => {
    const { store } = subject;
    const type = freshType();
    const filter = { types: [type] };
    const { checkpoint: after } = await store.head();
    const stream = freshStream();
    const expected: string[] = [];
    for (let n = 0; n < 20; n++) {
      const some = events(2, { type });
      await store.append(stream, [...some, ...events(n % 3)], { expected: 'any' });
      expected.push(...idsOf(some));
    }
    const first = subject.follow({ after, filter, batchSize: 3 });
    await first.until('all came', has(expected.length));
    await fc.assert(
      fc.asyncProperty(fc.nat(first.batches.length - 1), async (stop) => {
        const taken = first.batches.slice(0, stop + 1);
        const follower = subject.follow({ after: taken.at(-1)!.checkpoint, filter, batchSize: 5 });
        await follower.until('the rest came', has(expected.length - inside(taken).length));
        await follower.until('it had caught up', ({ last }) => last?.caughtUp === true);
        expect(idsOf([...inside(taken), ...follower.events])).toEqual(expected);
        await follower.stop();
      }),
      { numRuns: subject.runs },
    );
  });

  it('resumes from checkpoints taken while live, and from those of a reading', async () => {
    const { store } = subject;
    const type = freshType();
    const filter = { types: [type] };
    const given: string[] = [];
    const expected: string[] = [];
    let { checkpoint: after }: { checkpoint: Checkpoint } = await store.head();
    for (let n = 0; n < 10; n++) {
      const follower = subject.follow({ after, filter });
      await follower.until('it was live', ({ last }) => last?.caughtUp === true);
      const some = events(1 + (n % 2), { type });
      await store.append(freshStream(), some, { expected: 'any' });
      expected.push(...idsOf(some));
      await follower.until('the events came', has(some.length));
      await follower.stop();
      given.push(...idsOf(follower.events));
      after = follower.last!.checkpoint;
      for await (const batch of store.readAll({ after, filter })) {
        given.push(...idsOf(batch.events));
        after = batch.checkpoint;
      }
    }
    expect(given).toEqual(expected);
  });
}

/** Positions grow from batch to batch, and every event stands in the batch that its position belongs to. */
function expectGrowing(batches: readonly EventBatch[]): void {
  let before = -1n;
  let lastEvent = -1n;
  for (const batch of batches) {
    expect(batch.position >= before).toBe(true);
    for (const { position } of batch.events) {
      expect(position > lastEvent && position > before && position <= batch.position).toBe(true);
      lastEvent = position;
    }
    before = batch.position;
  }
}
