import { expect, it } from '../test-runner.js';
import { document, foundKeys, ODD_KEYS, putBodies, stored } from './samples.js';
import type { Subject } from './subject.js';

export function getting(subject: Subject): void {
  it('gives what is there, by key, and nothing for a key that is not', async () => {
    const collection = await subject.fresh();
    await putBodies(collection, { a: { n: 1 }, b: { n: 2 }, c: { n: 3 } });
    const found = await collection.get(['c', 'unknown', 'a', 'c']);
    expect(found).toBeInstanceOf(Map);
    expect(found).toEqual(
      new Map([
        ['c', document('c', { n: 3 })],
        ['a', document('a', { n: 1 })],
      ]),
    );
    expect(found.has('unknown')).toBe(false);
  });

  it('gives nothing for no keys, and nothing from an empty collection', async () => {
    const collection = await subject.fresh();
    expect(await collection.get(['a'])).toEqual(new Map());
    await putBodies(collection, { a: {} });
    expect(await collection.get([])).toEqual(new Map());
  });

  it('gives thousands at once', async () => {
    const collection = await subject.fresh();
    await collection.put(Array.from({ length: 3_000 }, (_, n) => document(`key-${n}`, { n })));
    const found = await collection.get(Array.from({ length: 7_000 }, (_, n) => `key-${n}`));
    expect(found.size).toBe(3_000);
    for (const [key, { body }] of found) expect(key).toBe(`key-${String(body!.n)}`);
  });

  it('takes a key for text and nothing else', async () => {
    const collection = await subject.fresh();
    for (const [n, key] of ODD_KEYS.entries()) expect(await collection.put([document(key, { n })])).toEqual([]);
    const found = await collection.get(ODD_KEYS);
    expect([...found.keys()].toSorted()).toEqual(ODD_KEYS.toSorted());
    for (const [n, key] of ODD_KEYS.entries()) {
      expect(found.get(key)).toEqual(document(key, { n }));
      expect(await stored(collection, key)).toEqual(document(key, { n }));
      expect(await foundKeys(collection, { n })).toEqual([key]);
    }
  });

  it('gives a body that is the caller’s own', async () => {
    const collection = await subject.fresh();
    const given = { list: [{ n: 1 }], text: 'x' };
    await collection.put([document('a', given)]);
    given.list[0]!.n = 2;
    given.text = 'changed';
    const expected = document('a', { list: [{ n: 1 }], text: 'x' });
    const first = await stored(collection, 'a');
    expect(first).toEqual(expected);
    (first!.body!.list as { n: number }[])[0]!.n = 3;
    delete first!.body!.text;
    const [found] = await collection.find({});
    expect(found).toEqual(expected);
    (found!.body!.list as unknown[]).push('more');
    expect(await stored(collection, 'a')).toEqual(expected);
    expect(await foundKeys(collection, { 'list.n': 1, text: 'x' })).toEqual(['a']);
  });
}
