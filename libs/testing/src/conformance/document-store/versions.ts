import fc from 'fast-check';
import { expect, it } from '../test-runner.js';
import { byKey, document, refusalOf, stored, tombstone } from './samples.js';
import type { Subject } from './subject.js';

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

export function versions(subject: Subject): void {
  it('keeps versions beyond what a number can hold', async () => {
    const collection = await subject.fresh();
    const some = [
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 60n + 7n,
      GREATEST - 1n,
      GREATEST,
      0n,
      -1n,
      -(2n ** 53n) - 1n,
      LEAST,
    ];
    const documents = some.map((version) => document(`at ${version}`, {}, version));
    await collection.put([...documents, tombstone('gone', GREATEST)]);
    const keys = documents.map(({ key }) => key);
    expect(await collection.get(keys)).toEqual(byKey(documents));
    expect((await collection.find({})).map(({ version }) => version).toSorted(ascending)).toEqual(
      some.toSorted(ascending),
    );
    expect(await stored(collection, 'gone')).toEqual(tombstone('gone', GREATEST));
  });

  it('tells versions apart that are the same number', async () => {
    const collection = await subject.fresh();
    for (const [index, base] of [2n ** 53n, 2n ** 62n, GREATEST - 2n].entries()) {
      const key = `key-${index}`;
      await collection.put([document(key, { n: 1 }, base + 1n)]);
      expect(await collection.put([document(key, { n: 0 }, base)])).toEqual([key]);
      expect(await collection.put([document(key, { n: 2 }, base + 2n)])).toEqual([]);
      expect(await stored(collection, key)).toEqual(document(key, { n: 2 }, base + 2n));
    }
  });

  it('refuses versions that do not fit into 64 bits', async () => {
    const collection = await subject.fresh();
    for (const version of [GREATEST + 1n, LEAST - 1n, 2n ** 64n, 2n ** 200n]) {
      const refusal = await refusalOf(collection.put([document('a'), document('b', {}, version)]));
      expect(refusal).toBeInstanceOf(RangeError);
      expect(refusal.message).toMatch(/version of b, -?\d+, does not fit into 64 bits/);
    }
    expect(await collection.get(['a', 'b'])).toEqual(new Map());
  });

  it('lets the greatest of any versions win, in any order', async () => {
    const version = fc.bigInt({ min: LEAST, max: GREATEST });
    const near = fc
      .tuple(fc.constantFrom(0n, 2n ** 53n, 2n ** 62n), fc.bigInt({ min: -3n, max: 3n }))
      .map(([a, b]) => a + b);
    const collection = await subject.fresh();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(version, near), { minLength: 1, maxLength: 6 }), async (some) => {
        const key = `run-${run++}`;
        let greatest: bigint | undefined;
        for (const each of some) {
          const forward = greatest === undefined || each > greatest;
          expect(await collection.put([document(key, { at: String(each) }, each)])).toEqual(forward ? [] : [key]);
          if (forward) greatest = each;
        }
        expect(await stored(collection, key)).toEqual(document(key, { at: String(greatest) }, greatest));
      }),
      { numRuns: subject.runs },
    );
  });
}

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));
