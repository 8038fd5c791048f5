import { StoreUnavailable } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { allOf, batchesOf, events, eventsOf, freshStream, freshType, idsOf, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

export function closing(subject: Subject): void {
  it('refuses every call afterwards', async () => {
    const { store } = subject;
    const stream = freshStream();
    await store.append(stream, events(1), { expected: 'no-stream' });
    await store.close();
    const { signal } = new AbortController();
    const calls = {
      append: () => store.append(stream, events(1), { expected: 'any' }),
      readStream: () => allOf(store.readStream(stream)),
      readAll: () => batchesOf(store.readAll()),
      subscribe: () => batchesOf(store.subscribe({ signal })),
      head: () => store.head(),
      deleteStream: () => store.deleteStream(stream, { expected: 'any' }),
      truncateStream: () => store.truncateStream(stream, 1),
    };
    for (const call of Object.values(calls)) expect(await refusalOf(call)).toBeInstanceOf(StoreUnavailable);
  });

  it('may be done twice', async () => {
    await subject.store.close();
    await subject.store.close();
  });

  it('ends subscriptions without an error, waiting or not', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    await store.append(freshStream(), events(5, { type }), { expected: 'any' });
    const followers = [
      subject.follow({ after }),
      subject.follow({ after, filter: { types: [type] } }),
      subject.follow({ after, filter: { types: [freshType()] } }),
    ];
    for (const follower of followers) await follower.until('it waits', ({ last }) => last?.caughtUp === true);
    await store.close();
    for (const follower of followers) await follower.end();
  });

  it('finishes the appends that were accepted', async () => {
    const { store } = subject;
    const streams = Array.from({ length: 20 }, () => freshStream());
    const appends = streams.map((stream) => store.append(stream, events(2), { expected: 'no-stream' }));
    const closed = store.close();
    expect((await Promise.all(appends)).map(({ revision }) => revision)).toEqual(streams.map(() => 1));
    await closed;
    if (!subject.keepsData) return;
    await subject.reopen();
    for (const stream of streams) expect(await allOf(subject.store.readStream(stream))).toHaveLength(2);
  });

  if (subject.keepsData) {
    it('keeps everything for the next opening: events, revisions, positions and checkpoints', async () => {
      const type = freshType();
      const filter = { types: [type] };
      const { checkpoint: after } = await subject.store.head();
      const streams = [freshStream(), freshStream()];
      for (let n = 0; n < 6; n++) {
        await subject.store.append(streams[n % 2]!, events(3, { type, headers: { n } }), { expected: 'any' });
      }
      const before = await batchesOf(subject.store.readAll({ after, filter, batchSize: 4 }));
      const recorded = before.flatMap((batch) => batch.events);
      const { position } = await subject.store.head();

      await subject.reopen();
      expect(await eventsOf(subject.store.readAll({ after, filter }))).toEqual(recorded);
      for (const [n, { checkpoint }] of before.entries()) {
        const rest = await eventsOf(subject.store.readAll({ after: checkpoint, filter }));
        expect(idsOf(rest)).toEqual(idsOf(before.slice(n + 1).flatMap((batch) => batch.events)));
      }
      const follower = subject.follow({ after: before[0]!.checkpoint, filter });
      const answer = await subject.store.append(streams[0]!, events(1, { type }), { expected: 8 });
      expect(answer.position > position).toBe(true);
      await follower.until('the rest came', (given) => given.events.length === 15);
      expect(idsOf(follower.events.slice(0, 14))).toEqual(idsOf(recorded.slice(4)));
    });
  }
}
