import { expect, it } from '../test-runner.js';
import { byKey, document, foundKeys, refusalOf, stored, tombstone } from './samples.js';
import type { Subject } from './subject.js';

export function putting(subject: Subject): void {
  it('stores what is not there yet, at any version', async () => {
    const collection = await subject.fresh();
    const documents = [document('a', { n: 1 }, 0n), document('b', { n: 2 }, 7n), document('c', {}, -5n)];
    expect(await collection.put(documents)).toEqual([]);
    expect(await collection.get(['a', 'b', 'c'])).toEqual(byKey(documents));
  });

  it('stores a greater version over a smaller one, and refuses the same and smaller ones', async () => {
    const collection = await subject.fresh();
    await collection.put([document('a', { n: 5 }, 5n)]);
    expect(await collection.put([document('a', { n: 4 }, 4n)])).toEqual(['a']);
    expect(await collection.put([document('a', { n: 0 }, 5n)])).toEqual(['a']);
    expect(await stored(collection, 'a')).toEqual(document('a', { n: 5 }, 5n));
    expect(await collection.put([document('a', { n: 6 }, 6n)])).toEqual([]);
    expect(await stored(collection, 'a')).toEqual(document('a', { n: 6 }, 6n));
  });

  it('stores each on its own, and tells which were refused', async () => {
    const collection = await subject.fresh();
    await collection.put([document('new', {}, 10n), document('same', {}, 5n), document('old', {}, 1n)]);
    const refused = await collection.put([
      document('new', { late: true }, 9n),
      document('old', { late: false }, 2n),
      document('same', { late: true }, 5n),
      document('other', { late: false }, 1n),
    ]);
    expect(refused.toSorted()).toEqual(['new', 'same']);
    expect(await foundKeys(collection, { late: true })).toEqual([]);
    expect(await foundKeys(collection, { late: false })).toEqual(['old', 'other']);
  });

  it('replaces the whole body', async () => {
    const collection = await subject.fresh();
    await collection.put([document('a', { x: 1, y: { z: 1, w: 2 } }, 1n)]);
    await collection.put([document('a', { y: { z: 2 } }, 2n)]);
    expect(await stored(collection, 'a')).toEqual(document('a', { y: { z: 2 } }, 2n));
    expect(await foundKeys(collection, { x: 1 })).toEqual([]);
  });

  it('takes the greatest version of several with one key, whatever their order', async () => {
    const collection = await subject.fresh();
    expect(await collection.put([document('a', { n: 3 }, 3n), document('b', {}), document('a', { n: 2 }, 2n)])).toEqual(
      [],
    );
    expect(await stored(collection, 'a')).toEqual(document('a', { n: 3 }, 3n));
    expect(await collection.put([document('a', { n: 1 }, 1n), document('a', { n: 4 }, 4n)])).toEqual([]);
    expect(await stored(collection, 'a')).toEqual(document('a', { n: 4 }, 4n));
    expect(await collection.put([document('a', { n: 4.5 }, 4n), document('a', { n: 3 }, 3n)])).toEqual(['a']);
    expect(await collection.put([document('a', { n: 5 }, 5n), document('a', { n: 5.5 }, 5n)])).toEqual([]);
    expect(await stored(collection, 'a')).toEqual(document('a', { n: 5 }, 5n));
  });

  it('takes a tombstone among several with one key for what it is', async () => {
    const collection = await subject.fresh();
    await collection.put([document('a', {}, 1n), tombstone('a', 2n)]);
    await collection.put([tombstone('b', 1n), document('b', { back: true }, 2n)]);
    expect(await stored(collection, 'a')).toEqual(tombstone('a', 2n));
    expect(await foundKeys(collection, {})).toEqual(['b']);
  });

  it('keeps a tombstone, which queries do not see', async () => {
    const collection = await subject.fresh();
    await collection.put([document('gone', { n: 1 }, 1n), document('there', { n: 1 }, 1n)]);
    expect(await collection.put([tombstone('gone', 2n), tombstone('never there', 3n)])).toEqual([]);
    expect(await stored(collection, 'gone')).toEqual(tombstone('gone', 2n));
    expect(await stored(collection, 'never there')).toEqual(tombstone('never there', 3n));
    for (const filter of [{}, { n: { $ne: 2 } }, { x: null }, { $nor: [{ x: 1 }] }]) {
      expect(await foundKeys(collection, filter)).toEqual(['there']);
      expect(await collection.count(filter)).toBe(1);
    }
  });

  it('lets nothing late resurrect what was deleted', async () => {
    const collection = await subject.fresh();
    await collection.put([document('a', {}, 1n)]);
    await collection.put([tombstone('a', 5n)]);
    for (const version of [1n, 4n, 5n]) {
      expect(await collection.put([document('a', { late: true }, version)])).toEqual(['a']);
      expect(await collection.put([tombstone('a', version)])).toEqual(['a']);
    }
    expect(await stored(collection, 'a')).toEqual(tombstone('a', 5n));
    expect(await collection.put([document('a', { back: true }, 6n)])).toEqual([]);
    expect(await foundKeys(collection, { back: true })).toEqual(['a']);
  });

  it('refuses a late tombstone too', async () => {
    const collection = await subject.fresh();
    await collection.put([document('a', { n: 1 }, 5n)]);
    expect(await collection.put([tombstone('a', 5n)])).toEqual(['a']);
    expect(await foundKeys(collection, {})).toEqual(['a']);
  });

  it('does the same again without harm', async () => {
    const collection = await subject.fresh();
    const batch = [document('a', { n: 1 }, 3n), tombstone('b', 4n), document('c', { n: 2 }, 5n)];
    expect(await collection.put(batch)).toEqual([]);
    expect((await collection.put(batch)).toSorted()).toEqual(['a', 'b', 'c']);
    expect(await collection.get(['a', 'b', 'c'])).toEqual(byKey(batch));
  });

  it('puts nothing when nothing is given', async () => {
    const collection = await subject.fresh();
    expect(await collection.put([])).toEqual([]);
    expect(await collection.count({})).toBe(0);
  });

  it('puts thousands at once', async () => {
    const collection = await subject.fresh();
    const many = Array.from({ length: 5_000 }, (_, n) => document(`key-${n}`, { n }, BigInt(n + 1)));
    expect(await collection.put(many)).toEqual([]);
    expect(await collection.count({})).toBe(5_000);
    const refused = await collection.put(
      many.map((each) => ({ ...each, version: each.version + BigInt(each.version % 2n) })),
    );
    expect(refused).toHaveLength(2_500);
    expect(await stored(collection, 'key-4321')).toEqual(document('key-4321', { n: 4_321 }, 4_322n));
  });

  it('stores nothing of what it cannot take whole', async () => {
    const collection = await subject.fresh();
    const unfit: [unknown, RegExp][] = [
      [{ key: '', version: 1n, body: {} }, /key cannot be empty/],
      [{ key: 5, version: 1n, body: {} }, /key is a string/],
      [{ key: 'half \ud83d pair', version: 1n, body: {} }, /broken surrogate/],
      [{ key: 'b', version: 1, body: {} }, /version of b is a bigint/],
      [{ key: 'b', version: 1n, body: [] }, /body of b is an object/],
      [{ key: 'b', version: 1n, body: null }, /body of b is an object/],
      [{ key: 'b', version: 1n, body: { deep: [{ n: NaN }] } }, /deep\[0\]\.n is NaN/],
      [{ key: 'b', version: 1n, body: { n: 5n } }, /n is a bigint/],
    ];
    for (const [each, message] of unfit) {
      const refusal = await refusalOf(collection.put([document('a'), each as ReturnType<typeof document>]));
      expect(refusal.message).toMatch(message);
    }
    expect(await collection.get(['a', 'b'])).toEqual(new Map());
  });
}
