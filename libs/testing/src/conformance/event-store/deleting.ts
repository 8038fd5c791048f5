import { InvalidStreamId, WrongExpectedRevision } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { allOf, events, eventsOf, freshCategory, freshStream, freshType, idsOf, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

export function deleting(subject: Subject): void {
  const streamOf = async (count: number, type = freshType()) => {
    const stream = freshStream();
    await subject.store.append(stream, events(count, { type }), { expected: 'no-stream' });
    return stream;
  };
  const revisionsIn = async (stream: string) =>
    (await allOf(subject.store.readStream(stream))).map(({ revision }) => revision);

  describe('a stream', () => {
    for (const expected of ['any', 'stream-exists', 2] as const) {
      it(`removes its events at ${JSON.stringify(expected)}, from the stream and from the log`, async () => {
        const { store } = subject;
        const type = freshType();
        const { checkpoint: after } = await store.head();
        const stream = await streamOf(3, type);
        const other = await streamOf(2, type);
        await store.deleteStream(stream, { expected });
        expect(await allOf(store.readStream(stream))).toEqual([]);
        expect(await allOf(store.readStream(stream, { direction: 'backwards' }))).toEqual([]);
        const left = await eventsOf(store.readAll({ after, filter: { types: [type] } }));
        expect(left.map(({ streamId }) => streamId)).toEqual([other, other]);
      });
    }

    it('is refused where it is not as expected, saying both, and removes nothing', async () => {
      const { store } = subject;
      const stream = await streamOf(3);
      for (const expected of ['no-stream', 0, 3] as const) {
        const refusal = await refusalOf(store.deleteStream(stream, { expected }));
        expect(refusal).toBeInstanceOf(WrongExpectedRevision);
        expect(refusal).toMatchObject({ streamId: stream, expected, actual: 2 });
      }
      const missing = freshStream();
      for (const expected of ['stream-exists', 0] as const) {
        const refusal = await refusalOf(store.deleteStream(missing, { expected }));
        expect(refusal).toBeInstanceOf(WrongExpectedRevision);
        expect(refusal).toMatchObject({ streamId: missing, expected, actual: 'no-stream' });
      }
      expect(await revisionsIn(stream)).toEqual([0, 1, 2]);
    });

    it("does nothing at 'any' or 'no-stream' where there is none", async () => {
      const stream = freshStream();
      await subject.store.deleteStream(stream, { expected: 'any' });
      await subject.store.deleteStream(stream, { expected: 'no-stream' });
      expect(await subject.store.append(stream, events(1), { expected: 'no-stream' })).toMatchObject({ revision: 0 });
    });

    for (const expected of ['no-stream', 'any'] as const) {
      it(`goes on after its last revision when appended to at '${expected}'`, async () => {
        const { store } = subject;
        const category = freshCategory();
        const stream = freshStream(category);
        const { checkpoint: after } = await store.head();
        let lastPosition = -1n;
        for (let life = 0; life < 3; life++) {
          const some = events(2);
          const { revision, position } = await store.append(stream, some, { expected });
          expect(revision).toBe(2 * life + 1);
          expect(position > lastPosition).toBe(true);
          lastPosition = position;
          const recorded = await allOf(store.readStream(stream));
          expect(idsOf(recorded)).toEqual(idsOf(some));
          expect(recorded.map((event) => event.revision)).toEqual([2 * life, 2 * life + 1]);
          const inLog = await eventsOf(store.readAll({ after, filter: { categories: [category] } }));
          expect(inLog).toEqual(recorded);
          await store.deleteStream(stream, { expected: revision });
        }
      });
    }

    it('is told by what is expected afterwards', async () => {
      const { store } = subject;
      const stream = await streamOf(3);
      await store.deleteStream(stream, { expected: 2 });
      const refusal = await refusalOf(store.append(stream, events(1), { expected: 'stream-exists' }));
      expect(refusal).toBeInstanceOf(WrongExpectedRevision);
      expect(refusal).toMatchObject({ expected: 'stream-exists', actual: 'no-stream' });
      expect(await store.append(stream, [], { expected: 'no-stream' })).toMatchObject({ revision: -1 });
      await store.append(stream, events(1), { expected: 'no-stream' });
      expect(await store.append(stream, events(1), { expected: 3 })).toMatchObject({ revision: 4 });
      const late = await refusalOf(store.append(stream, events(1), { expected: 'no-stream' }));
      expect(late).toMatchObject({ expected: 'no-stream', actual: 4 });
    });

    it('leaves no trace by which what was deleted is taken for a repeat', async () => {
      const { store } = subject;
      const stream = freshStream();
      const again = events(2);
      await store.append(stream, events(3), { expected: 'no-stream' });
      await store.deleteStream(stream, { expected: 2 });
      const first = await store.append(stream, again, { expected: 'no-stream' });
      expect(first.revision).toBe(4);
      await store.append(stream, events(1), { expected: 4 });
      expect(await store.append(stream, again, { expected: 'no-stream' })).toEqual(first);
      expect(await revisionsIn(stream)).toEqual([3, 4, 5]);
    });

    it('is begun again, read, deleted and truncated without a pause', async () => {
      const { store } = subject;
      const stream = freshStream();
      for (let life = 0; life < 12; life++) {
        const some = events(3);
        await store.append(stream, some, { expected: 'no-stream' });
        expect(idsOf(await allOf(store.readStream(stream)))).toEqual(idsOf(some));
        expect(await store.append(stream, [], { expected: 3 * life + 2 })).toMatchObject({ revision: 3 * life + 2 });
        if (life % 3 === 0) await store.deleteStream(stream, { expected: 3 * life + 2 });
        else if (life % 3 === 1) await store.deleteStream(stream, { expected: 'any' });
        else await store.truncateStream(stream, 3 * life + 3);
        expect(await allOf(store.readStream(stream))).toEqual([]);
        expect(await allOf(store.readStream(stream, { direction: 'backwards' }))).toEqual([]);
      }
    });

    it('takes nothing at any revision that it had', async () => {
      const { store } = subject;
      for (const expected of ['any', 2] as const) {
        const stream = await streamOf(3);
        await store.deleteStream(stream, { expected });
        for (const old of [0, 1, 2, 3]) {
          const refusal = await refusalOf(store.append(stream, events(1), { expected: old }));
          expect(refusal).toBeInstanceOf(WrongExpectedRevision);
          expect(await refusalOf(store.append(stream, [], { expected: old }))).toBeInstanceOf(WrongExpectedRevision);
          expect(await refusalOf(store.deleteStream(stream, { expected: old }))).toBeInstanceOf(WrongExpectedRevision);
        }
        expect(await allOf(store.readStream(stream))).toEqual([]);
        expect(await store.append(stream, events(1), { expected: 'no-stream' })).toMatchObject({ revision: 3 });
        for (const old of [0, 1, 2]) {
          expect(await refusalOf(store.append(stream, events(1), { expected: old }))).toMatchObject({ actual: 3 });
        }
      }
    });

    it('lets subscriptions go on', async () => {
      const { store } = subject;
      const type = freshType();
      const { checkpoint: after } = await store.head();
      const follower = subject.follow({ after, filter: { types: [type] } });
      const stream = await streamOf(3, type);
      await follower.until('they came', (given) => given.events.length === 3);
      await store.deleteStream(stream, { expected: 'any' });
      const later = events(2, { type });
      await store.append(stream, later, { expected: 'no-stream' });
      await follower.until('the later ones came', (given) => given.events.length === 5);
      expect(idsOf(follower.events.slice(3))).toEqual(idsOf(later));
      const resumed = subject.follow({ after: follower.batches[0]!.checkpoint, filter: { types: [type] } });
      await resumed.until('the later ones came again', (given) => given.events.length >= 2);
      expect(idsOf(resumed.events)).toEqual(idsOf(later));
    });
  });

  describe('the beginning of a stream', () => {
    it('removes the events before the revision, from the stream and from the log', async () => {
      const { store } = subject;
      const type = freshType();
      const { checkpoint: after } = await store.head();
      const stream = await streamOf(6, type);
      await store.truncateStream(stream, 4);
      expect(await revisionsIn(stream)).toEqual([4, 5]);
      const backwards = await allOf(store.readStream(stream, { direction: 'backwards' }));
      expect(backwards.map(({ revision }) => revision)).toEqual([5, 4]);
      const inLog = await eventsOf(store.readAll({ after, filter: { types: [type] } }));
      expect(inLog.map(({ revision }) => revision)).toEqual([4, 5]);
    });

    it('leaves a stream that is read by its old revisions', async () => {
      const { store } = subject;
      const stream = await streamOf(6);
      await store.truncateStream(stream, 4);
      const read = async (options: object) =>
        (await allOf(store.readStream(stream, options))).map(({ revision }) => revision);
      expect(await read({ from: 0 })).toEqual([4, 5]);
      expect(await read({ from: 2, limit: 1 })).toEqual([4]);
      expect(await read({ from: 5 })).toEqual([5]);
      expect(await read({ from: 4, direction: 'backwards' })).toEqual([4]);
      expect(await read({ from: 3, direction: 'backwards' })).toEqual([]);
    });

    it('leaves expectations and repeats as they were', async () => {
      const { store } = subject;
      const stream = await streamOf(3);
      const some = events(2);
      const first = await store.append(stream, some, { expected: 2 });
      await store.truncateStream(stream, 3);
      expect(await store.append(stream, some, { expected: 2 })).toEqual(first);
      const refusal = await refusalOf(store.append(stream, events(1), { expected: 'no-stream' }));
      expect(refusal).toMatchObject({ name: 'WrongExpectedRevision', actual: 4 });
      expect(await store.append(stream, events(1), { expected: 4 })).toMatchObject({ revision: 5 });
      expect(await revisionsIn(stream)).toEqual([3, 4, 5]);
    });

    it('takes nothing at a revision that was removed', async () => {
      const { store } = subject;
      const stream = await streamOf(5);
      await store.truncateStream(stream, 3);
      for (const old of [0, 1, 2, 3]) {
        expect(await refusalOf(store.append(stream, events(1), { expected: old }))).toMatchObject({ actual: 4 });
      }
      expect(await store.append(stream, events(1), { expected: 4 })).toMatchObject({ revision: 5 });
    });

    it('removes nothing twice, nothing before revision 0, and nothing where there is no stream', async () => {
      const { store } = subject;
      const stream = await streamOf(4);
      await store.truncateStream(stream, 0);
      expect(await revisionsIn(stream)).toEqual([0, 1, 2, 3]);
      await store.truncateStream(stream, 2);
      await store.truncateStream(stream, 2);
      await store.truncateStream(stream, 1);
      expect(await revisionsIn(stream)).toEqual([2, 3]);
      const missing = freshStream();
      await store.truncateStream(missing, 3);
      expect(await store.append(missing, events(1), { expected: 'no-stream' })).toMatchObject({ revision: 0 });
      expect(await revisionsIn(missing)).toEqual([0]);
    });

    it('takes all there is, but nothing that comes, when the revision is past the end', async () => {
      const { store } = subject;
      const stream = await streamOf(3);
      await store.truncateStream(stream, 100);
      expect(await revisionsIn(stream)).toEqual([]);
      expect(await store.append(stream, events(2), { expected: 'no-stream' })).toMatchObject({ revision: 4 });
      expect(await revisionsIn(stream)).toEqual([3, 4]);
    });

    it('refuses a revision that is none, naming it', async () => {
      const stream = await streamOf(3);
      for (const before of [-1, 0.5, NaN]) {
        const refusal = await refusalOf(() => subject.store.truncateStream(stream, before));
        expect(refusal).toBeInstanceOf(RangeError);
        expect((refusal as Error).message).toContain('before');
      }
      expect(await revisionsIn(stream)).toEqual([0, 1, 2]);
    });
  });

  it('refuses a name that cannot be a stream id', async () => {
    for (const name of ['', 'nodash', '-id', 'category-']) {
      expect(await refusalOf(() => subject.store.deleteStream(name, { expected: 'any' }))).toBeInstanceOf(
        InvalidStreamId,
      );
      expect(await refusalOf(() => subject.store.truncateStream(name, 1))).toBeInstanceOf(InvalidStreamId);
    }
  });

  if (subject.keepsData) {
    it('stays deleted and truncated, and numbers go on, after the store was opened again', async () => {
      const deleted = await streamOf(3);
      const truncated = await streamOf(3);
      await subject.store.deleteStream(deleted, { expected: 2 });
      await subject.store.truncateStream(truncated, 2);
      const { position: before } = await subject.store.head();
      await subject.reopen();
      expect(await revisionsIn(deleted)).toEqual([]);
      expect(await revisionsIn(truncated)).toEqual([2]);
      const answer = await subject.store.append(deleted, events(1), { expected: 'no-stream' });
      expect(answer.revision).toBe(3);
      expect(answer.position > before).toBe(true);
      expect(await revisionsIn(deleted)).toEqual([3]);
    });
  }
}
