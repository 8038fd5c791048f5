import { WrongExpectedRevision, type ExpectedRevision } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { allOf, events, eventsOf, freshStream, freshType, idsOf, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

export function repeating(subject: Subject): void {
  for (const { place, before, expected } of [
    { place: "'no-stream'", before: 0, expected: 'no-stream' as ExpectedRevision },
    { place: 'an exact revision', before: 2, expected: 1 as ExpectedRevision },
  ]) {
    describe(`at ${place}`, () => {
      const beginning = async () => {
        const stream = freshStream();
        if (before > 0) await subject.store.append(stream, events(before), { expected: 'no-stream' });
        return stream;
      };

      it('gives the first answer and appends nothing', async () => {
        const { store } = subject;
        const type = freshType();
        const stream = await beginning();
        const { checkpoint } = await store.head();
        const some = events(3, { type });
        const first = await store.append(stream, some, { expected });
        for (let time = 0; time < 3; time++) expect(await store.append(stream, some, { expected })).toEqual(first);
        expect(await allOf(store.readStream(stream))).toHaveLength(before + 3);
        expect(await eventsOf(store.readAll({ after: checkpoint, filter: { types: [type] } }))).toHaveLength(3);
      });

      it('gives the first answer also when more was appended behind', async () => {
        const { store } = subject;
        const stream = await beginning();
        const some = events(2);
        const first = await store.append(stream, some, { expected });
        await store.append(stream, events(5), { expected: 'any' });
        await store.append(freshStream(), events(1), { expected: 'any' });
        expect(await store.append(stream, some, { expected })).toEqual(first);
        expect(await allOf(store.readStream(stream))).toHaveLength(before + 7);
      });

      it('gives the first answer to a repeat that did not wait for it', async () => {
        const { store } = subject;
        const stream = await beginning();
        const some = events(2);
        const answers = await Promise.all([1, 2, 3, 4].map(() => store.append(stream, some, { expected })));
        expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
        expect(answers.map(({ revision }) => revision)).toEqual(Array(4).fill(before + 1));
        expect(await allOf(store.readStream(stream))).toHaveLength(before + 2);
      });

      it('recognises the ids, and keeps what was recorded first', async () => {
        const { store } = subject;
        const stream = await beginning();
        const [some] = events(1, { data: { said: 'first' } });
        const first = await store.append(stream, [some!], { expected });
        expect(await store.append(stream, [{ ...some!, data: { said: 'second' } }], { expected })).toEqual(first);
        const recorded = await allOf(store.readStream(stream, { from: before }));
        expect(recorded.map(({ data }) => data)).toEqual([{ said: 'first' }]);
      });

      it('refuses what is more than was appended, in another order, or other events', async () => {
        const { store } = subject;
        const stream = await beginning();
        const some = events(3);
        await store.append(stream, some, { expected });
        const others = {
          more: [...some, ...events(1)],
          another: events(3),
          reordered: some.toReversed(),
          'partly another': [some[0]!, ...events(1), some[2]!],
          'without the first': some.slice(1),
        };
        for (const other of Object.values(others)) {
          const refusal = await refusalOf(store.append(stream, other, { expected }));
          expect(refusal).toBeInstanceOf(WrongExpectedRevision);
          expect(refusal).toMatchObject({ expected, actual: before + 2 });
        }
        expect(idsOf(await allOf(store.readStream(stream, { from: before })))).toEqual(idsOf(some));
      });

      if (subject.keepsData) {
        it('gives the first answer after the store was opened again', async () => {
          const stream = await beginning();
          const some = events(2);
          const first = await subject.store.append(stream, some, { expected });
          await subject.store.append(stream, events(1), { expected: 'any' });
          await subject.reopen();
          expect(await subject.store.append(stream, some, { expected })).toEqual(first);
          expect(await allOf(subject.store.readStream(stream))).toHaveLength(before + 3);
        });
      }
    });
  }

  it('refuses the same ids at another revision', async () => {
    const { store } = subject;
    const stream = freshStream();
    const some = events(2);
    await store.append(stream, events(3), { expected: 'no-stream' });
    await store.append(stream, some, { expected: 2 });
    for (const expected of [0, 1, 3, 'no-stream'] as const) {
      expect(await refusalOf(store.append(stream, some, { expected }))).toBeInstanceOf(WrongExpectedRevision);
    }
    expect(await allOf(store.readStream(stream))).toHaveLength(5);
  });
}
