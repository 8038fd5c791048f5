import { WrongExpectedRevision } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { allOf, anEvent, events, eventsOf, freshCategory, freshStream, idsOf } from './samples.js';
import type { Subject } from './subject.js';

export function writingAtOnce(subject: Subject): void {
  it('lets exactly one of many writers at the same revision win, each round', async () => {
    const { store } = subject;
    const stream = freshStream();
    const winners: string[] = [];
    for (let round = 0; round < 15; round++) {
      const attempts = Array.from({ length: 12 }, () => anEvent());
      const expected = round === 0 ? 'no-stream' : round - 1;
      const outcomes = await Promise.allSettled(attempts.map((event) => store.append(stream, [event], { expected })));
      const won = attempts.filter((_, n) => outcomes[n]!.status === 'fulfilled');
      expect(won).toHaveLength(1);
      winners.push(won[0]!.id);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') {
          expect(outcome.value.revision).toBe(round);
        } else {
          expect(outcome.reason).toBeInstanceOf(WrongExpectedRevision);
          expect(outcome.reason).toMatchObject({ streamId: stream, expected, actual: round });
        }
      }
    }
    expect(idsOf(await allOf(store.readStream(stream)))).toEqual(winners);
  });

  it('lets one of two writers win at every expectation, many times', async () => {
    const { store } = subject;
    for (let round = 0; round < 15; round++) {
      const stream = freshStream();
      for (const expected of ['no-stream', 0, 1, 'no-stream'] as const) {
        const before = (await allOf(store.readStream(stream))).length;
        if (expected === 'no-stream' && before > 0) await store.deleteStream(stream, { expected: 'any' });
        const pair = [anEvent(), anEvent()];
        const outcomes = await Promise.allSettled(pair.map((event) => store.append(stream, [event], { expected })));
        expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const winner = pair[outcomes.findIndex(({ status }) => status === 'fulfilled')]!;
        const shown = await allOf(store.readStream(stream));
        expect(shown.at(-1)!.id).toBe(winner.id);
        expect(shown).toHaveLength(expected === 'no-stream' ? 1 : before + 1);
      }
    }
  });

  it("keeps each append's events together when many write to one stream at 'any'", async () => {
    const { store } = subject;
    const stream = freshStream();
    const appends = Array.from({ length: 40 }, (_, n) => events(1 + (n % 4)));
    const answers = await Promise.all(appends.map((some) => store.append(stream, some, { expected: 'any' })));
    const recorded = await allOf(store.readStream(stream));
    expect(recorded).toHaveLength(appends.flat().length);
    for (const [n, some] of appends.entries()) {
      const { revision, position } = answers[n]!;
      expect(idsOf(recorded.slice(revision + 1 - some.length, revision + 1))).toEqual(idsOf(some));
      expect(recorded[revision]!.position).toBe(position);
    }
  });

  it('keeps the order of every stream, and positions growing, when many streams are written at once', async () => {
    const { store } = subject;
    const category = freshCategory();
    const { checkpoint: after } = await store.head();
    const appended = new Map<string, string[]>();
    const write = async (): Promise<void> => {
      const stream = freshStream(category);
      appended.set(stream, []);
      for (let n = 0; n < 15; n++) {
        const some = events(2);
        const { revision } = await store.append(stream, some, { expected: n === 0 ? 'no-stream' : 2 * n - 1 });
        expect(revision).toBe(2 * n + 1);
        appended.get(stream)!.push(...idsOf(some));
      }
    };
    await Promise.all(Array.from({ length: 50 }, write));
    const recorded = await eventsOf(store.readAll({ after, filter: { categories: [category] } }));
    expect(recorded).toHaveLength(50 * 15 * 2);
    for (const [index, { position }] of recorded.entries()) {
      if (index > 0) expect(position > recorded[index - 1]!.position).toBe(true);
    }
    const perStream = Map.groupBy(recorded, ({ streamId }) => streamId);
    for (const [stream, ids] of appended) {
      expect(idsOf(perStream.get(stream)!)).toEqual(ids);
      expect(perStream.get(stream)!.map(({ revision }) => revision)).toEqual(ids.map((_, n) => n));
    }
  });

  it('lets a refused append fail alone', async () => {
    const { store } = subject;
    const streams = Array.from({ length: 30 }, () => freshStream());
    const outcomes = await Promise.allSettled(
      streams.map((stream, n) =>
        store.append(stream, events(2), { expected: n % 3 === 0 ? 'stream-exists' : 'no-stream' }),
      ),
    );
    for (const [n, stream] of streams.entries()) {
      expect(outcomes[n]!.status).toBe(n % 3 === 0 ? 'rejected' : 'fulfilled');
      expect(await allOf(store.readStream(stream))).toHaveLength(n % 3 === 0 ? 0 : 2);
    }
  });

  it('has what it answered for: an append is read by whoever reads after the answer', async () => {
    const { store } = subject;
    const stream = freshStream();
    for (let n = 0; n < 50; n++) {
      await store.append(stream, [anEvent()], { expected: 'any' });
      const [last] = await allOf(store.readStream(stream, { direction: 'backwards', limit: 1 }));
      expect(last!.revision).toBe(n);
    }
  });
}
