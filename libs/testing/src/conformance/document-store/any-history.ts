import type { StoredDocument } from '@gesta/core';
import fc from 'fast-check';
import { expect, it } from '../test-runner.js';
import { document, tombstone } from './samples.js';
import type { Subject } from './subject.js';

const KEYS = ['a', 'b', 'ä', 'a.b'];

const put = fc.array(
  fc.record({ key: fc.constantFrom(...KEYS), version: fc.bigInt({ min: 0n, max: 12n }), n: fc.option(fc.nat(3)) }),
  {
    maxLength: 5,
  },
);

export function anyHistory(subject: Subject): void {
  it('holds what the rule of versions says after any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(put, { minLength: 1, maxLength: 12 }), async (puts) => {
        const model = new Map<string, StoredDocument>();
        const name = subject.freshName();
        const collection = await subject.store.collection(name, { indexes: [{ n: 1 }] });
        for (const documents of puts) {
          const given = documents.map(({ key, version, n }) =>
            n === null ? tombstone(key, version) : document(key, { n }, version),
          );
          const refused = await collection.put(given);
          expect(refused.toSorted()).toEqual(putIntoModel(model, given).toSorted());
        }
        const holds = async (opened: typeof collection) => {
          expect(await opened.get(KEYS)).toEqual(model);
          for (const n of [0, 1, 2, 3]) {
            expect(await opened.count({ n })).toBe([...model.values()].filter(({ body }) => body?.n === n).length);
          }
        };
        await holds(collection);
        if (subject.keepsData) await holds(await (await subject.reopen()).collection(name));
      }),
      { numRuns: subject.runs },
    );
  });
}

/** The plainest telling of the rule that there is. */
function putIntoModel(model: Map<string, StoredDocument>, given: readonly StoredDocument[]): string[] {
  const refused: string[] = [];
  for (const key of new Set(given.map((each) => each.key))) {
    const best = given.filter((each) => each.key === key).reduce((a, b) => (b.version > a.version ? b : a));
    const before = model.get(key);
    if (before && before.version >= best.version) refused.push(key);
    else model.set(key, best);
  }
  return refused;
}
