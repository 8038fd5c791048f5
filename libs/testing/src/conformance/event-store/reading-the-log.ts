import fc from 'fast-check';
import type { EventFilter } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { lookingAlike } from './filter-traps.js';
import {
  allOf,
  anEvent,
  batchesOf,
  events,
  eventsOf,
  freshCategory,
  freshStream,
  freshType,
  idsOf,
  inside,
  refusalOf,
} from './samples.js';
import type { Subject } from './subject.js';

export function readingTheLog(subject: Subject): void {
  /** Events that match the filter, with as many between them that do not. */
  const scattered = async (count: number) => {
    const { store } = subject;
    const type = freshType();
    const other = freshType();
    const { checkpoint: after } = await store.head();
    const streams = [freshStream(), freshStream(), freshStream()];
    const expected: string[] = [];
    for (let n = 0; n < count; n += 4) {
      const some = [
        events(1, { type: other }),
        events(3, { type }),
        events(2, { type: other }),
        events(1, { type }),
      ].flat();
      await store.append(streams[n % streams.length]!, some, { expected: 'any' });
      expected.push(...idsOf(some.filter((event) => event.type === type)));
    }
    return { after, filter: { types: [type] } as EventFilter, expected };
  };

  it('gives the events of all streams in the order of their positions', async () => {
    const { store } = subject;
    const category = freshCategory();
    const { checkpoint: after } = await store.head();
    const streams = [freshStream(category), freshStream(category), freshStream(category)];
    const appended: string[] = [];
    for (let n = 0; n < 12; n++) {
      const some = events(2);
      await store.append(streams[n % 3]!, some, { expected: 'any' });
      appended.push(...idsOf(some));
    }
    const unfiltered = (await eventsOf(store.readAll({ after }))).filter(({ streamId }) => streams.includes(streamId));
    expect(idsOf(unfiltered)).toEqual(appended);
    expect(idsOf(await eventsOf(store.readAll({ after, filter: { categories: [category] } })))).toEqual(appended);
    for (const [index, { position }] of unfiltered.entries()) {
      if (index > 0) expect(position > unfiltered[index - 1]!.position).toBe(true);
    }
  });

  it('begins at the beginning without a checkpoint', async () => {
    const { store } = subject;
    const type = freshType();
    const some = events(3, { type });
    await store.append(freshStream(), some, { expected: 'no-stream' });
    expect(idsOf(await eventsOf(store.readAll({ filter: { types: [type] } })))).toEqual(idsOf(some));
    const first = await eventsOf(store.readAll({ limit: 1 }));
    expect(first).toHaveLength(1);
    const { checkpoint: after } = (await batchesOf(store.readAll({ limit: 1 }))).at(-1)!;
    const [second] = await eventsOf(store.readAll({ after, limit: 1 }));
    expect(second!.position > first[0]!.position).toBe(true);
  });

  describe('by a filter', () => {
    lookingAlike(async (filter, after) => eventsOf(subject.store.readAll({ after, filter })), subject);

    it('takes events of several types or of several categories, each event once', async () => {
      const { store } = subject;
      const { checkpoint: after } = await store.head();
      const types = [freshType(), freshType(), freshType()];
      const categories = [freshCategory(), freshCategory(), freshCategory()];
      for (const category of categories) {
        await store.append(
          freshStream(category),
          types.map((type) => anEvent({ type })),
          { expected: 'any' },
        );
      }
      const some = { types: [types[0]!, types[2]!, types[0]!] };
      const read = await eventsOf(store.readAll({ after, filter: some }));
      expect(read.map(({ type }) => type)).toEqual(categories.flatMap(() => [types[0], types[2]]));
      const from = await eventsOf(store.readAll({ after, filter: { categories: [categories[1]!, categories[2]!] } }));
      expect(from.map(({ type }) => type)).toEqual([...types, ...types]);
    });

    it('takes hundreds of types at once', async () => {
      const { store } = subject;
      const { checkpoint: after } = await store.head();
      const types = Array.from({ length: 300 }, freshType);
      await store.append(
        freshStream(),
        types.map((type) => anEvent({ type })),
        { expected: 'any' },
      );
      const read = await eventsOf(store.readAll({ after, filter: { types: types.slice(1) } }));
      expect(read.map(({ type }) => type)).toEqual(types.slice(1));
    });

    it('finds nothing for an empty list, and says how far it read', async () => {
      const { store } = subject;
      const { checkpoint: after } = await store.head();
      const { position } = await store.append(freshStream(), events(3), { expected: 'any' });
      for (const filter of [{ types: [] }, { categories: [] }]) {
        const batches = await batchesOf(store.readAll({ after, filter }));
        expect(inside(batches)).toEqual([]);
        expect(batches.at(-1)!.position >= position).toBe(true);
      }
    });
  });

  it('ends with a batch that is caught up and leads to the end, whether anything matched or not', async () => {
    const { store } = subject;
    const type = freshType();
    const { checkpoint: after } = await store.head();
    const { position } = await store.append(freshStream(), events(5, { type }), { expected: 'any' });
    for (const filter of [undefined, { types: [type] }, { types: [freshType()] }]) {
      const last = (await batchesOf(store.readAll({ after, filter }))).at(-1)!;
      expect(last.caughtUp).toBe(true);
      expect(last.position >= position).toBe(true);
      expect(await eventsOf(store.readAll({ after: last.checkpoint, filter: { types: [type] } }))).toEqual([]);
    }
    const atTheEnd = await batchesOf(
      store.readAll({ after: (await store.head()).checkpoint, filter: { types: [type] } }),
    );
    expect(inside(atTheEnd)).toEqual([]);
    expect(atTheEnd.at(-1)).toMatchObject({ caughtUp: true });
  });

  it('gives batches of growing positions, each true to what it says', async () => {
    const { after, filter, expected } = await scattered(400);
    const batches = await batchesOf(subject.store.readAll({ after, filter, batchSize: 7 }));
    let before = -1n;
    for (const batch of batches) {
      expect(batch.events.length).toBeLessThanOrEqual(7);
      expect(batch.position >= before).toBe(true);
      for (const event of batch.events) {
        expect(event.position > before && event.position <= batch.position).toBe(true);
      }
      before = batch.position;
    }
    expect(batches.filter(({ caughtUp }) => caughtUp)).toEqual([batches.at(-1)]);
    expect(idsOf(inside(batches))).toEqual(expected);
  });

  it('gives every event once when resumed behind each batch, whatever its size', async () => {
    const { after, filter, expected } = await scattered(80);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 }), async (sizes) => {
        const read: string[] = [];
        let checkpoint = after;
        for (let turn = 0, done = false; !done; turn++) {
          expect(turn).toBeLessThan(1000); // it gets on
          const batchSize = sizes[turn % sizes.length]!;
          for await (const batch of subject.store.readAll({ after: checkpoint, filter, batchSize })) {
            expect(batch.events.length).toBeLessThanOrEqual(batchSize);
            read.push(...idsOf(batch.events));
            checkpoint = batch.checkpoint;
            done = batch.caughtUp;
            break;
          }
        }
        expect(read).toEqual(expected);
      }),
      { numRuns: subject.runs },
    );
  });

  it('gives no more than the limit, and resumes right behind it', async () => {
    const { after, filter, expected } = await scattered(80);
    for (const limit of [1, 2, 7, 80, 1000]) {
      const read: string[] = [];
      let checkpoint = after;
      for (let given = limit; given === limit;) {
        const batches = await batchesOf(subject.store.readAll({ after: checkpoint, filter, limit, batchSize: 5 }));
        given = inside(batches).length;
        expect(given).toBeLessThanOrEqual(limit);
        read.push(...idsOf(inside(batches)));
        expect(read.length).toBeLessThanOrEqual(expected.length);
        checkpoint = batches.at(-1)!.checkpoint;
      }
      expect(read).toEqual(expected);
    }
    expect(await eventsOf(subject.store.readAll({ after, filter, limit: 0 }))).toEqual([]);
  });

  it('knows the head: nothing before it comes behind it, and everything after it does', async () => {
    const { store } = subject;
    const type = freshType();
    const filter = { types: [type] };
    const before = await store.append(freshStream(), events(2, { type }), { expected: 'any' });
    const head = await store.head();
    expect(typeof head.checkpoint).toBe('string');
    expect(head.position >= before.position).toBe(true);
    expect(await eventsOf(store.readAll({ after: head.checkpoint, filter }))).toEqual([]);
    const later = events(2, { type });
    const { position } = await store.append(freshStream(), later, { expected: 'any' });
    expect(position > head.position).toBe(true);
    expect(idsOf(await eventsOf(store.readAll({ after: head.checkpoint, filter })))).toEqual(idsOf(later));
    expect((await store.head()).position >= position).toBe(true);
  });

  it('refuses a checkpoint that it did not make', async () => {
    const { checkpoint } = await subject.store.head();
    for (const after of ['', 'x', '-1', 'somewhere else', `${checkpoint}x`, `x${checkpoint}`]) {
      const refusal = await refusalOf(() => batchesOf(subject.store.readAll({ after })));
      expect(refusal).toBeInstanceOf(Error);
      expect((refusal as Error).message).toContain('checkpoint');
    }
  });

  it('refuses a limit or a batch size that is none, naming it', async () => {
    for (const [option, values] of Object.entries({ limit: [-1, 0.5, NaN], batchSize: [-1, 0, 0.5, NaN] })) {
      for (const value of values) {
        const refusal = await refusalOf(() => batchesOf(subject.store.readAll({ [option]: value })));
        expect(refusal).toBeInstanceOf(RangeError);
        expect((refusal as Error).message).toContain(option);
      }
    }
  });

  it('gives every event once while more is appended: what it does not reach comes behind its last checkpoint', async () => {
    const { store } = subject;
    const { after, filter, expected } = await scattered(100);
    const [type] = 'types' in filter ? filter.types : [];
    const read: string[] = [];
    let checkpoint = after;
    for await (const batch of store.readAll({ after, filter, batchSize: 5 })) {
      read.push(...idsOf(batch.events));
      checkpoint = batch.checkpoint;
      if (expected.length >= 200) continue;
      const some = events(3, { type });
      await store.append(freshStream(), some, { expected: 'no-stream' });
      expected.push(...idsOf(some));
    }
    expect(read.length).toBeGreaterThanOrEqual(100);
    read.push(...idsOf(await eventsOf(store.readAll({ after: checkpoint, filter }))));
    expect(read).toEqual(expected);
  });

  it('lets a reader stop early', async () => {
    const { after, filter } = await scattered(40);
    for (let time = 0; time < 20; time++) {
      for await (const batch of subject.store.readAll({ after, filter, batchSize: 3 })) {
        expect(batch.events).toHaveLength(3);
        break;
      }
    }
    const stream = freshStream();
    await subject.store.append(stream, events(1), { expected: 'no-stream' });
    expect(await allOf(subject.store.readStream(stream))).toHaveLength(1);
  });

  it("rejects with the signal's reason when it is or gets aborted", async () => {
    const { after, filter } = await scattered(40);
    const { store } = subject;
    const reason = new Error('not needed any more');
    expect(await refusalOf(() => batchesOf(store.readAll({ after, signal: AbortSignal.abort(reason) })))).toBe(reason);
    const aborting = new AbortController();
    const refusal = await refusalOf(async () => {
      for await (const batch of store.readAll({ after, filter, batchSize: 2, signal: aborting.signal })) {
        expect(batch.events.length).toBeGreaterThan(0);
        aborting.abort(reason);
      }
    });
    expect(refusal).toBe(reason);
  });
}
