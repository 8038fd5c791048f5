import type { DocumentCollection, Filter, IndexSpec } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { document, foundKeys, ODD_KEYS, putBodies, refusalOf, tombstone } from './samples.js';
import type { Subject } from './subject.js';

export function portions(subject: Subject): void {
  const INDEXES: readonly (readonly IndexSpec[])[] = [[], [{ kind: 1 }], [{ kind: -1 }], [{ kind: 1, n: 1 }]];
  for (const indexes of INDEXES) {
    describe(`with ${indexes.length === 0 ? 'no index' : `the index ${JSON.stringify(indexes[0])}`}`, () => {
      it('gives what comes behind a key, in the order of keys', async () => {
        const collection = await subject.fresh(indexes);
        await putBodies(collection, Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((key, n) => [key, bodyOf(n)])));
        expect(await foundKeys(collection, {}, { after: 'b' })).toEqual(['c', 'd', 'e']);
        expect(await foundKeys(collection, {}, { after: 'bb', limit: 2 })).toEqual(['c', 'd']);
        expect(await foundKeys(collection, {}, { after: '', limit: 1 })).toEqual(['a']);
        expect(await foundKeys(collection, {}, { after: 'a', skip: 1, limit: 2 })).toEqual(['c', 'd']);
        expect(await foundKeys(collection, {}, { after: 'e' })).toEqual([]);
        expect(await foundKeys(collection, { kind: 'even' }, { after: 'a' })).toEqual(['c', 'e']);
        expect(await foundKeys(collection, { kind: { $in: ['even', 'odd'] }, n: 3 }, { after: 'c' })).toEqual(['d']);
        expect(await foundKeys(collection, { n: { $gte: 1 } }, { after: 'b', limit: 2 })).toEqual(['c', 'd']);
      });

      it('goes through whatever keys there are, each once', async () => {
        const collection = await subject.fresh(indexes);
        await putBodies(collection, Object.fromEntries(ODD_KEYS.map((key, n) => [key, bodyOf(n)])));
        for (const filter of [{}, { kind: 'odd' }]) {
          expect(await inPortions(collection, filter, 7)).toEqual(await foundKeys(collection, filter));
        }
      });

      it('meets what stays once, though others come and go on the way', async () => {
        const collection = await subject.fresh(indexes);
        const key = (n: number) => `key-${String(n).padStart(2, '0')}`;
        await collection.put(Array.from({ length: 30 }, (_, n) => document(key(n), { kind: 'even', n })));
        const met: string[] = [];
        for (let after: string | undefined; ;) {
          const found = await foundKeys(
            collection,
            { kind: 'even' },
            { limit: 5, ...(after !== undefined && { after }) },
          );
          if (found.length === 0) break;
          met.push(...found);
          after = found.at(-1)!;
          await collection.put(found.map((each) => tombstone(each, 2n)));
          await collection.put([document('key-', { kind: 'even' }, BigInt(met.length))]);
        }
        expect(met).toEqual(Array.from({ length: 30 }, (_, n) => key(n)));
      });
    });
  }

  it('is refused together with a sort, and for what is no key', async () => {
    const collection = await subject.fresh();
    const both = await refusalOf(collection.find({}, { sort: { n: 1 }, after: 'a' }));
    expect(both.message).toMatch(/after goes by the keys/);
    expect((await refusalOf(collection.find({}, { after: 5 as unknown as string }))).message).toMatch(/takes a key/);
  });
}

const bodyOf = (n: number) => ({ kind: n % 2 === 0 ? 'even' : 'odd', n });

async function inPortions(collection: DocumentCollection, filter: Filter, limit: number): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const after = keys.at(-1);
    const found = await foundKeys(collection, filter, { limit, ...(after !== undefined && { after }) });
    keys.push(...found);
    if (found.length < limit) return keys;
  }
}
