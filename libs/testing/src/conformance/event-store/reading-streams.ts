import fc from 'fast-check';
import { InvalidStreamId, type ReadStreamOptions, type RecordedEvent } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { allOf, anEvent, events, freshCategory, freshStream, idsOf, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

export function readingStreams(subject: Subject): void {
  const streamOf = async (count: number): Promise<string> => {
    const stream = freshStream();
    for (let n = 0; n < count; n += 500) {
      const numbered = Array.from({ length: Math.min(500, count - n) }, (_, at) => anEvent({ data: { n: n + at } }));
      await subject.store.append(stream, numbered, { expected: 'any' });
    }
    return stream;
  };
  const numbersIn = async (stream: string, options?: ReadStreamOptions) =>
    (await allOf(subject.store.readStream(stream, options))).map(({ data }) => data.n);

  it('finds nothing in a stream that does not exist', async () => {
    const stream = freshStream();
    expect(await allOf(subject.store.readStream(stream))).toEqual([]);
    expect(await allOf(subject.store.readStream(stream, { direction: 'backwards', from: 3, limit: 2 }))).toEqual([]);
  });

  it('gives events of this stream only, though others are named alike', async () => {
    const { store } = subject;
    const category = freshCategory();
    const names = ['a', 'A', 'a-b', 'a-b-c', 'ab', 'a_b', 'a%', '%', '_', ' a', 'a '].map((id) => `${category}-${id}`);
    for (const name of [...names, `${category}.x-a`, `${category}x-a`]) {
      await store.append(name, [anEvent({ data: { name } })], { expected: 'no-stream' });
    }
    for (const name of names) {
      expect((await allOf(store.readStream(name))).map(({ data }) => data)).toEqual([{ name }]);
    }
  });

  it('reads forwards from a revision, backwards from one or from the end, and no more than the limit', async () => {
    const stream = await streamOf(6);
    expect(await numbersIn(stream)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await numbersIn(stream, { from: 4 })).toEqual([4, 5]);
    expect(await numbersIn(stream, { from: 6 })).toEqual([]);
    expect(await numbersIn(stream, { limit: 2 })).toEqual([0, 1]);
    expect(await numbersIn(stream, { direction: 'backwards' })).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await numbersIn(stream, { direction: 'backwards', limit: 1 })).toEqual([5]);
    expect(await numbersIn(stream, { direction: 'backwards', from: 2 })).toEqual([2, 1, 0]);
    expect(await numbersIn(stream, { direction: 'backwards', from: 99, limit: 2 })).toEqual([5, 4]);
    expect(await numbersIn(stream, { direction: 'backwards', from: 0 })).toEqual([0]);
  });

  it('gives the part asked for, whatever the direction, start and limit', async () => {
    const all = Array.from({ length: 30 }, (_, n) => n);
    const stream = await streamOf(all.length);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('forwards' as const, 'backwards' as const),
        fc.option(fc.nat(40), { nil: undefined }),
        fc.option(fc.nat(40), { nil: undefined }),
        async (direction, from, limit) => {
          const part =
            direction === 'forwards'
              ? all.slice(from ?? 0)
              : all.slice(0, from === undefined ? undefined : from + 1).toReversed();
          expect(await numbersIn(stream, { direction, from, limit })).toEqual(part.slice(0, limit));
        },
      ),
      { numRuns: subject.runs * 2 },
    );
  });

  it('gives a large stream whole and in order, in either direction, in batches that are not empty', async () => {
    const { store } = subject;
    const stream = await streamOf(5000);
    const forwards: RecordedEvent[] = [];
    for await (const batch of store.readStream(stream)) {
      expect(batch.length).toBeGreaterThan(0);
      forwards.push(...batch);
    }
    expect(forwards.map(({ revision }) => revision)).toEqual(Array.from({ length: 5000 }, (_, n) => n));
    expect(forwards.map(({ data }) => data.n)).toEqual(forwards.map(({ revision }) => revision));
    const backwards = await allOf(store.readStream(stream, { direction: 'backwards' }));
    expect(idsOf(backwards)).toEqual(idsOf(forwards.toReversed()));
    expect(await numbersIn(stream, { from: 1234, limit: 2345 })).toEqual(
      Array.from({ length: 2345 }, (_, n) => 1234 + n),
    );
  });

  it('lets a reader stop early', async () => {
    const stream = await streamOf(3000);
    for (let time = 0; time < 20; time++) {
      for await (const batch of subject.store.readStream(stream)) {
        expect(batch[0]!.revision).toBe(0);
        break;
      }
    }
    expect(await subject.store.append(stream, events(1), { expected: 2999 })).toMatchObject({ revision: 3000 });
  });

  it('leaves out nothing that was there when the reading began, while more is appended', async () => {
    const { store } = subject;
    const stream = await streamOf(3000);
    const read: number[] = [];
    for await (const batch of store.readStream(stream)) {
      read.push(...batch.map(({ revision }) => revision));
      if (read.length < 4000) await store.append(stream, events(10), { expected: 'any' });
    }
    expect(read.length).toBeGreaterThanOrEqual(3000);
    expect(read).toEqual(Array.from(read, (_, n) => n));
  });

  it('refuses a start or a limit that is no whole number from 0, naming it', async () => {
    const stream = await streamOf(2);
    for (const value of [-1, 0.5, NaN, Infinity]) {
      for (const option of ['from', 'limit'] as const) {
        for (const direction of ['forwards', 'backwards'] as const) {
          const refusal = await refusalOf(() =>
            allOf(subject.store.readStream(stream, { [option]: value, direction })),
          );
          expect(refusal).toBeInstanceOf(RangeError);
          expect((refusal as Error).message).toContain(option);
        }
      }
    }
  });

  it('refuses a name that cannot be a stream id', async () => {
    for (const name of ['', 'nodash', '-id', 'category-']) {
      expect(await refusalOf(() => allOf(subject.store.readStream(name)))).toBeInstanceOf(InvalidStreamId);
    }
  });

  it("rejects with the signal's reason when it is or gets aborted", async () => {
    const { store } = subject;
    const stream = await streamOf(5000);
    const reason = new Error('not needed any more');
    const aborted = AbortSignal.abort(reason);
    expect(await refusalOf(() => allOf(store.readStream(stream, { signal: aborted })))).toBe(reason);
    expect(await refusalOf(() => allOf(store.readStream(freshStream(), { signal: aborted })))).toBe(reason);
    const aborting = new AbortController();
    const refusal = await refusalOf(async () => {
      for await (const batch of store.readStream(stream, { signal: aborting.signal })) {
        expect(batch.length).toBeGreaterThan(0);
        aborting.abort(reason);
      }
    });
    expect(refusal).toBe(reason);
  });
}
