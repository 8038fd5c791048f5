import { DocumentRefused, type JsonObject } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { byKey, document, refusalOf, stored, tombstone } from './samples.js';
import type { Subject } from './subject.js';

/** @param refused a body that the store never takes */
export function refusingDocuments(subject: Subject, refused: () => JsonObject): void {
  it('names the document, and leaves what is stored of it as it is', async () => {
    const collection = await subject.fresh();
    await collection.put([document('bad', { n: 1 }, 1n)]);
    const refusal = await refusalOf(collection.put([document('a'), document('bad', refused(), 2n), document('c')]));
    expect(refusal).toBeInstanceOf(DocumentRefused);
    expect(refusal).toMatchObject({ key: 'bad' });
    expect(refusal.message).toContain('bad');
    expect(await stored(collection, 'bad')).toEqual(document('bad', { n: 1 }, 1n));
    for (const key of ['a', 'c']) expect([undefined, document(key)]).toContainEqual(await stored(collection, key));
  });

  it('takes the others without it, and another body or a deletion in its place', async () => {
    const collection = await subject.fresh();
    const others = [document('a', { n: 1 }, 2n), document('b', { n: 2 }, 2n)];
    const bad = [document('bad', refused(), 2n), document('worse', refused(), 2n)];
    await refusalOf(collection.put([others[0]!, ...bad, others[1]!]));
    await collection.put(others);
    expect(await collection.get(['a', 'b', 'bad', 'worse'])).toEqual(byKey(others));
    const mended = [document('bad', { n: 3 }, 2n), tombstone('worse', 2n)];
    expect(await collection.put(mended)).toEqual([]);
    expect(await collection.get(['bad', 'worse'])).toEqual(byKey(mended));
  });

  it('names them all, one after another, when those that were named are left out', async () => {
    const collection = await subject.fresh();
    let documents = Array.from({ length: 40 }, (_, n) => document(`key-${n}`, n % 15 === 3 ? refused() : { n }));
    const named: string[] = [];
    for (let tries = 0; tries < 10; tries++) {
      const refusal = await collection.put(documents).then(
        () => undefined,
        (error: unknown) => error as DocumentRefused,
      );
      if (!refusal) break;
      expect(refusal).toBeInstanceOf(DocumentRefused);
      named.push(refusal.key);
      documents = documents.filter(({ key }) => key !== refusal.key);
    }
    expect(named.toSorted()).toEqual(['key-18', 'key-3', 'key-33']);
    expect(await collection.count({})).toBe(37);
  });
}
