import type { DocumentCollection, PurgeOptions } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { document, foundKeys, ODD_KEYS, refusalOf, stored, tombstone } from './samples.js';
import type { Subject } from './subject.js';

export function purging(subject: Subject): void {
  it('removes tombstones up to a version, and nothing else', async () => {
    const collection = await subject.fresh([{ n: 1 }]);
    await collection.put([document('there', { n: 1 }, 1n), tombstone('old', 4n), tombstone('at it', 5n)]);
    await collection.put([tombstone('later', 6n), document('again', { n: 2 }, 3n)]);
    expect(await collection.purge({ upTo: 5n, limit: 100 })).toEqual({ removed: 2, last: undefined });
    expect([...(await collection.get(['again', 'at it', 'later', 'old', 'there'])).keys()].toSorted()).toEqual([
      'again',
      'later',
      'there',
    ]);
    expect(await foundKeys(collection, {})).toEqual(['again', 'there']);
    expect(await stored(collection, 'later')).toEqual(tombstone('later', 6n));
  });

  it('leaves a key as if it had never been', async () => {
    const collection = await subject.fresh();
    await collection.put([document('a', { n: 1 }, 1n), tombstone('a', 9n)]);
    await collection.purge({ upTo: 9n, limit: 10 });
    expect(await collection.put([document('a', { n: 2 }, 1n)])).toEqual([]);
    expect(await foundKeys(collection, { n: 2 })).toEqual(['a']);
  });

  it('goes through the keys in portions, whatever they are', async () => {
    const collection = await subject.fresh();
    await collection.put(ODD_KEYS.map((key, n) => (n % 3 === 0 ? document(key, { n }) : tombstone(key, 1n))));
    const removed = await purgeAll(collection, { upTo: 1n, limit: 4 });
    expect(removed.reduce((sum, each) => sum + each, 0)).toBe(ODD_KEYS.filter((_, n) => n % 3 !== 0).length);
    expect(Math.max(...removed)).toBeLessThanOrEqual(4);
    expect((await collection.get(ODD_KEYS)).size).toBe(ODD_KEYS.filter((_, n) => n % 3 === 0).length);
  });

  it('removes thousands, and nothing when it is done again', async () => {
    const collection = await subject.fresh();
    const many = Array.from({ length: 3_000 }, (_, n) => `key-${String(n).padStart(5, '0')}`);
    await collection.put(many.map((key) => tombstone(key, 1n)));
    expect((await purgeAll(collection, { upTo: 1n, limit: 1_200 })).reduce((sum, each) => sum + each)).toBe(3_000);
    expect(await collection.purge({ upTo: 1n, limit: 5_000 })).toEqual({ removed: 0, last: undefined });
  });

  it('finds nothing in a collection that is empty, or was dropped', async () => {
    const collection = await subject.fresh();
    expect(await collection.purge({ upTo: 100n, limit: 10 })).toEqual({ removed: 0, last: undefined });
    await subject.store.drop(collection.name);
    expect(await collection.purge({ upTo: 100n, limit: 10 })).toEqual({ removed: 0, last: undefined });
    expect(await subject.store.collections()).not.toContain(collection.name);
  });

  it('is refused for what is no version, no key or no portion', async () => {
    const collection = await subject.fresh();
    const purge = async (options: object) => (await refusalOf(collection.purge(options as PurgeOptions))).message;
    expect(await purge({ upTo: 5, limit: 1 })).toMatch(/upTo takes a version/);
    expect(await purge({ upTo: 5n, limit: 0 })).toMatch(/limit takes at least 1/);
    expect(await purge({ upTo: 5n, limit: 1, after: 7 })).toMatch(/after takes a key/);
  });
}

/** @returns how many went in each portion */
async function purgeAll(collection: DocumentCollection, options: PurgeOptions): Promise<number[]> {
  const removed: number[] = [];
  for (let after: string | undefined; ;) {
    const portion = await collection.purge({ ...options, after });
    removed.push(portion.removed);
    if (portion.last === undefined) return removed;
    after = portion.last;
  }
}
