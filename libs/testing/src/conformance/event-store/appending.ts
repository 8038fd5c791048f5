import { InvalidStreamId, WrongExpectedRevision, type ExpectedRevision } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { allOf, events, eventsOf, freshStream, freshType, idsOf, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

/** What of a stream with so many events is true, and what is not. */
const EXPECTATIONS: { had: number; holds: ExpectedRevision[]; fails: ExpectedRevision[] }[] = [
  { had: 0, holds: ['any', 'no-stream'], fails: ['stream-exists', 0, 5] },
  { had: 1, holds: ['any', 'stream-exists', 0], fails: ['no-stream', 1] },
  { had: 3, holds: ['any', 'stream-exists', 2], fails: ['no-stream', 0, 1, 3, 1000] },
];

export function appending(subject: Subject): void {
  it("answers with the last event's revision and position", async () => {
    const { store } = subject;
    const stream = freshStream();
    const answer = await store.append(stream, events(3), { expected: 'no-stream' });
    const recorded = await allOf(store.readStream(stream));
    expect(answer).toEqual({ revision: 2, position: recorded[2]!.position });
    expect(typeof answer.position).toBe('bigint');
  });

  it('numbers the events of a stream from 0, without gaps, over all its appends', async () => {
    const { store } = subject;
    const stream = freshStream();
    const appended = [events(1), events(3), events(2)];
    await store.append(stream, appended[0]!, { expected: 'no-stream' });
    await store.append(stream, appended[1]!, { expected: 0 });
    expect(await store.append(stream, appended[2]!, { expected: 'any' })).toMatchObject({ revision: 5 });
    const recorded = await allOf(store.readStream(stream));
    expect(idsOf(recorded)).toEqual(idsOf(appended.flat()));
    expect(recorded.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('gives every event of every stream a greater position than those before it', async () => {
    const { store } = subject;
    const streams = [freshStream(), freshStream(), freshStream()];
    const positions: bigint[] = [];
    for (let round = 0; round < 5; round++) {
      for (const stream of streams) {
        const { position } = await store.append(stream, events(2), { expected: 'any' });
        positions.push(position);
      }
    }
    expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(positions).size).toBe(positions.length);
    for (const stream of streams) {
      const recorded = await allOf(store.readStream(stream));
      for (const [index, { position }] of recorded.entries()) {
        if (index > 0) expect(position > recorded[index - 1]!.position).toBe(true);
      }
    }
  });

  for (const { had, holds, fails } of EXPECTATIONS) {
    for (const expected of holds) {
      it(`appends at ${shown(expected)} to ${stated(had)}`, async () => {
        const stream = await streamWith(subject, had);
        const answer = await subject.store.append(stream, events(2), { expected });
        expect(answer.revision).toBe(had + 1);
        expect(await allOf(subject.store.readStream(stream))).toHaveLength(had + 2);
      });

      it(`checks ${shown(expected)} for no events, and answers where ${stated(had)} is`, async () => {
        const { store } = subject;
        const stream = await streamWith(subject, had);
        const before = await store.head();
        const { revision, position } = await store.append(stream, [], { expected });
        const after = await store.head();
        expect(revision).toBe(had - 1);
        expect(position >= before.position && position <= after.position).toBe(true);
        expect(await allOf(store.readStream(stream))).toHaveLength(had);
      });
    }

    for (const expected of fails) {
      it(`refuses ${shown(expected)} for ${stated(had)}, saying both, and appends nothing`, async () => {
        const { store } = subject;
        const type = freshType();
        const stream = await streamWith(subject, had);
        const { checkpoint } = await store.head();
        const actual = had === 0 ? 'no-stream' : had - 1;
        for (const refused of [events(1, { type }), events(3, { type }), []]) {
          const refusal = await refusalOf(store.append(stream, refused, { expected }));
          expect(refusal).toBeInstanceOf(WrongExpectedRevision);
          expect(refusal).toMatchObject({ streamId: stream, expected, actual });
          expect((refusal as Error).message).toContain(String(expected));
          expect((refusal as Error).message).toContain(String(actual));
        }
        expect(await allOf(store.readStream(stream))).toHaveLength(had);
        expect(await eventsOf(store.readAll({ after: checkpoint, filter: { types: [type] } }))).toEqual([]);
      });
    }
  }

  it('goes on working after a refusal', async () => {
    const stream = await streamWith(subject, 2);
    await refusalOf(subject.store.append(stream, events(1), { expected: 0 }));
    expect(await subject.store.append(stream, events(1), { expected: 1 })).toMatchObject({ revision: 2 });
  });

  it('appends a thousand events as one', async () => {
    const { store } = subject;
    const stream = freshStream();
    const thousand = events(1000);
    expect(await store.append(stream, thousand, { expected: 'no-stream' })).toMatchObject({ revision: 999 });
    expect(idsOf(await allOf(store.readStream(stream)))).toEqual(idsOf(thousand));
  });

  it('refuses two events of one id in one append, naming the id', async () => {
    const { store } = subject;
    const stream = freshStream();
    const [first, second] = events(2);
    const refusal = await refusalOf(() =>
      store.append(stream, [first!, second!, { ...second!, id: first!.id }], { expected: 'any' }),
    );
    expect(refusal).toBeInstanceOf(RangeError);
    expect((refusal as Error).message).toContain(first!.id);
    expect(await allOf(store.readStream(stream))).toEqual([]);
  });

  it('refuses an expectation that is none', async () => {
    const stream = freshStream();
    for (const expected of [-1, 1.5, NaN, Infinity, 'somewhere' as ExpectedRevision]) {
      const refusal = await refusalOf(() => subject.store.append(stream, events(1), { expected }));
      expect(refusal).toBeInstanceOf(RangeError);
      expect((refusal as Error).message).toContain('expected');
    }
    expect(await allOf(subject.store.readStream(stream))).toEqual([]);
  });

  it('refuses a name that cannot be a stream id', async () => {
    for (const name of ['', 'nodash', '-id', 'category-', 'category-a\nb', `category-${'x'.repeat(500)}`]) {
      const refusal = await refusalOf(() => subject.store.append(name, events(1), { expected: 'any' }));
      expect(refusal).toBeInstanceOf(InvalidStreamId);
    }
  });
}

async function streamWith({ store }: Subject, count: number): Promise<string> {
  const stream = freshStream();
  if (count > 0) await store.append(stream, events(count), { expected: 'no-stream' });
  return stream;
}

const stated = (count: number) => (count === 0 ? 'a stream that does not exist' : `a stream of ${count}`);
const shown = (expected: ExpectedRevision) => (typeof expected === 'number' ? `revision ${expected}` : `'${expected}'`);
