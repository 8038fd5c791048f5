import { describe, expect, it } from '../test-runner.js';
import { batchesOf, events, eventsOf, freshStream, freshType } from './samples.js';
import type { Subject } from './subject.js';

/** What a place of the log is known by, so that one log, or one state of it, is not taken for another. */
export function knowingTheLog(subject: Subject): void {
  it('has an id, the same at every call', async () => {
    const { store } = subject;
    const ids = await Promise.all([store.log(), store.log()]);
    expect(ids[0]).toMatch(/./);
    expect(new Set([...ids, await store.log()]).size).toBe(1);
  });

  if (subject.keepsData) {
    it('has the same id when it is opened again', async () => {
      const id = await subject.store.log();
      expect(await (await subject.reopen()).log()).toBe(id);
    });
  }

  it('gives nothing but events that were appended, also after it was asked for its id', async () => {
    const { store } = subject;
    const { checkpoint: after } = await store.head();
    await store.log();
    const stream = freshStream();
    await store.append(stream, events(2), { expected: 'no-stream' });
    const given = await eventsOf(store.readAll({ after }));
    expect(given.filter(({ streamId }) => streamId === stream)).toHaveLength(2);
    expect(given.filter(({ streamId }) => streamId.startsWith('gesta.log'))).toEqual([]);
  });

  it('knows the event at a position, and that there is none behind the end', async () => {
    const { store } = subject;
    const type = freshType();
    await store.append(freshStream(), events(3, { type }), { expected: 'no-stream' });
    for (const { id, position } of await eventsOf(store.readAll({ filter: { types: [type] } }))) {
      expect(await store.eventAt(position)).toEqual({ id, position });
    }
    const { position } = await store.head();
    expect(await store.eventAt(position + 1_000_000n)).toBeUndefined();
  });

  it('has no other event where one was removed', async () => {
    const { store } = subject;
    const type = freshType();
    const stream = freshStream();
    await store.append(stream, events(2, { type }), { expected: 'no-stream' });
    const before = await eventsOf(store.readAll({ filter: { types: [type] } }));
    await store.append(freshStream(), events(1), { expected: 'no-stream' });
    await store.deleteStream(stream, { expected: 'any' });
    for (const { id, position } of before) {
      // A store may keep it where nobody reads.
      expect([undefined, id]).toContain((await store.eventAt(position))?.id);
    }
  });

  describe('names the event at its place', () => {
    it('at the head: the last one', async () => {
      const { store } = subject;
      const type = freshType();
      const { position } = await store.append(freshStream(), events(2, { type }), { expected: 'no-stream' });
      const [last] = (await eventsOf(store.readAll({ filter: { types: [type] } }))).slice(-1);
      const { at } = await store.head();
      expect(at!.position >= position).toBe(true);
      if (at!.position === position) expect(at!.id).toBe(last!.id);
    });

    it('in batches: one at or before the position, the same as at that position', async () => {
      const { store } = subject;
      const type = freshType();
      const { checkpoint: after } = await store.head();
      await store.append(freshStream(), events(10, { type }), { expected: 'no-stream' });
      await store.append(freshStream(), events(5), { expected: 'no-stream' });
      for (const filter of [undefined, { types: [type] }, { types: [freshType()] }]) {
        const batches = await batchesOf(store.readAll({ after, filter, batchSize: 4 }));
        for (const { events: given, position, at } of batches) {
          const last = given.at(-1);
          if (last) expect(at).toBeDefined();
          if (!at) continue;
          expect(at.position <= position).toBe(true);
          expect(at.position >= (last?.position ?? 0n)).toBe(true);
          if (last?.position === at.position) expect(at.id).toBe(last.id);
          expect(await store.eventAt(at.position)).toEqual(at);
        }
        expect(batches.at(-1)!.position <= (await store.head()).position).toBe(true);
      }
    });

    it('in a subscription too, as the log grows', async () => {
      const { store } = subject;
      const { checkpoint: after } = await store.head();
      const wanted = { types: [freshType()] };
      const follower = subject.follow({ after, filter: wanted });
      for (const type of [freshType(), wanted.types[0]!, freshType()]) {
        const { position } = await store.append(freshStream(), events(1, { type }), { expected: 'no-stream' });
        await follower.until('it has come so far', ({ batches }) => (batches.at(-1)?.position ?? -1n) >= position);
        const { at, position: reached } = follower.batches.at(-1)!;
        expect(at && at.position <= reached).toBe(true);
        expect(await store.eventAt(at!.position)).toEqual(at);
      }
    });
  });
}
