import { expect, it } from '../test-runner.js';
import { byKey, document, foundKeys, putBodies, refusalOf, stored, tombstone } from './samples.js';
import type { Subject } from './subject.js';

export function collections(subject: Subject): void {
  it('are there once they were opened, empty at first', async () => {
    const name = subject.freshName();
    expect(await subject.store.collections()).not.toContain(name);
    const collection = await subject.store.collection(name);
    expect(collection.name).toBe(name);
    expect(await subject.store.collections()).toContain(name);
    expect(await collection.find({})).toEqual([]);
    expect(await collection.count({})).toBe(0);
  });

  it('are named in order', async () => {
    const names = ['b', 'a', 'B', 'ä', '1'].map((prefix) => subject.freshName(prefix));
    for (const name of names) await subject.store.collection(name);
    const listed = await subject.store.collections();
    expect(listed.filter((name) => names.includes(name))).toEqual(
      names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    expect(new Set(listed).size).toBe(listed.length);
  });

  it('are kept apart, whatever their names', async () => {
    const unique = subject.freshName();
    const names = [
      'x',
      'X',
      'x.y',
      'x_y',
      'x-y',
      'x y',
      'x:y',
      'x@1',
      'x#2',
      'x+y~',
      'é',
      '日本',
      'sqlite_x',
      'order by',
    ].map((name) => subject.freshName(`${name} ${unique.slice(0, 8)}`.trimStart()));
    for (const [n, name] of names.entries()) await putBodies(await subject.store.collection(name), { key: { n } });
    for (const [n, name] of names.entries()) {
      const collection = await subject.store.collection(name);
      expect(await collection.find({})).toEqual([document('key', { n })]);
    }
  });

  it('show the same documents through every handle', async () => {
    const name = subject.freshName();
    const [one, other] = [
      await subject.store.collection(name),
      await subject.store.collection(name, { indexes: [{ n: 1 }] }),
    ];
    await one.put([document('a', { n: 1 }, 1n)]);
    expect(await stored(other, 'a')).toEqual(document('a', { n: 1 }, 1n));
    await other.put([document('a', { n: 2 }, 2n), document('b', { n: 1 }, 1n)]);
    expect(await one.put([document('a', { n: 0 }, 2n)])).toEqual(['a']);
    for (const handle of [one, other]) {
      expect(await foundKeys(handle, { n: { $gte: 1 } }, { sort: { n: -1 } })).toEqual(['a', 'b']);
    }
  });

  it('are dropped with documents and tombstones, and nothing else is', async () => {
    const [name, other] = [subject.freshName(), subject.freshName()];
    const collection = await subject.store.collection(name, { indexes: [{ n: 1 }] });
    await collection.put([document('a', { n: 1 }, 9n), tombstone('b', 9n)]);
    await putBodies(await subject.store.collection(other), { a: {} });
    await subject.store.drop(name);
    const names = await subject.store.collections();
    expect(names).not.toContain(name);
    expect(names).toContain(other);
    const again = await subject.store.collection(name);
    expect(await again.get(['a', 'b'])).toEqual(new Map());
    expect(await again.put([document('a', { n: 1 }, 1n), document('b', {}, 1n)])).toEqual([]);
    expect(await foundKeys(again, {})).toEqual(['a', 'b']);
    expect(await foundKeys(await subject.store.collection(other), {})).toEqual(['a']);
  });

  it('need not be there to be dropped', async () => {
    const name = subject.freshName();
    await subject.store.drop(name);
    await subject.store.collection(name);
    await subject.store.drop(name);
    await subject.store.drop(name);
    expect(await subject.store.collections()).not.toContain(name);
  });

  it('can be written through a handle that outlived a drop: they are made anew', async () => {
    const name = subject.freshName();
    const handle = await subject.store.collection(name, { indexes: [{ n: 1 }] });
    await putBodies(handle, { a: { n: 1 } });
    await subject.store.drop(name);
    expect(await handle.get(['a'])).toEqual(new Map());
    expect(await handle.find({ n: 1 })).toEqual([]);
    expect(await handle.count({})).toBe(0);
    expect(await subject.store.collections()).not.toContain(name);
    expect(await handle.put([document('a', { n: 2 }, 1n)])).toEqual([]);
    expect(await foundKeys(handle, { n: { $gt: 1 } }, { sort: { n: 1 } })).toEqual(['a']);
    expect(await subject.store.collections()).toContain(name);
    await subject.store.drop(name);
    const other = await subject.store.collection(name);
    await putBodies(other, { b: { n: 3 } });
    expect(await foundKeys(handle, {}, { sort: { n: 1 } })).toEqual(['b']);
  });

  if (subject.keepsData) {
    it('are as they were when the store is opened again', async () => {
      const [name, dropped] = [subject.freshName(), subject.freshName()];
      const documents = [
        document('a', { n: 1, list: [{ x: null }] }, 2n ** 62n),
        tombstone('b', 7n),
        document('c', { n: 2 }, 3n),
      ];
      await (await subject.store.collection(name, { indexes: [{ n: 1 }] })).put(documents);
      await putBodies(await subject.store.collection(dropped), { a: {} });
      await subject.store.drop(dropped);
      const again = await subject.reopen();
      const names = await again.collections();
      expect(names).toContain(name);
      expect(names).not.toContain(dropped);
      const collection = await again.collection(name, { indexes: [{ n: -1 }] });
      expect(await collection.get(['a', 'b', 'c'])).toEqual(byKey(documents));
      expect(await foundKeys(collection, { n: { $gte: 1 } }, { sort: { n: -1 } })).toEqual(['c', 'a']);
      const refused = await collection.put([
        document('a', {}, 2n ** 62n),
        document('b', {}, 7n),
        document('c', {}, 4n),
      ]);
      expect(refused.toSorted()).toEqual(['a', 'b']);
    });
  }

  it('are out of reach once the store is closed', async () => {
    const collection = await subject.fresh();
    const { store } = subject;
    await subject.dispose();
    for (const call of [
      collection.get(['a']),
      collection.put([document('a')]),
      collection.find({}),
      collection.count({}),
    ]) {
      expect(await refusalOf(call)).toMatchObject({ name: 'StoreUnavailable' });
    }
    expect(await refusalOf(store.collections())).toMatchObject({ name: 'StoreUnavailable' });
  });
}
