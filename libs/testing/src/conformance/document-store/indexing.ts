import type { IndexSpec } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { foundKeys, putBodies } from './samples.js';
import type { Subject } from './subject.js';

export function indexing(subject: Subject): void {
  it('takes indexes on any fields, in any number and direction', async () => {
    const collection = await subject.fresh([
      { a: 1 },
      { a: -1 },
      { a: 1, b: -1, 'c.d.e': 1 },
      { 'lines.0.sku': 1 },
      { größe: 1 },
      { "it's": 1 },
      { 'a "quoted" name': 1 },
      { 'back\\slash': 1 },
      { 'semicolon; --': 1 },
      { 日本: -1, '😀': 1 },
      { ['constructor']: 1 } as IndexSpec,
    ]);
    const body = {
      a: 1,
      b: 'x',
      c: { d: { e: null } },
      lines: [{ sku: 's' }],
      größe: 5,
      "it's": 6,
      'a "quoted" name': 7,
      'back\\slash': 8,
      'semicolon; --': 9,
      日本: 10,
      '😀': 11,
      constructor: 12,
    };
    await putBodies(collection, { 'the one': body, another: { a: 2 } });
    for (const [field, value] of Object.entries(body).filter(([, value]) => typeof value !== 'object')) {
      expect(await foundKeys(collection, { [field]: value })).toEqual(['the one']);
      expect(await foundKeys(collection, {}, { sort: { [field]: -1 }, limit: 1 })).toEqual([
        field === 'a' ? 'another' : 'the one',
      ]);
    }
    expect(await foundKeys(collection, { 'lines.0.sku': 's' })).toEqual(['the one']);
  });

  it('indexes what is there already', async () => {
    const name = subject.freshName();
    const before = await subject.store.collection(name);
    await putBodies(before, { a: { n: 2, tags: ['x'] }, b: { n: 1 }, c: { n: 3 } });
    await before.put([{ key: 'c', version: 2n, body: undefined }]);
    const after = await subject.store.collection(name, { indexes: [{ n: 1 }, { tags: 1 }] });
    for (const collection of [before, after]) {
      expect(await foundKeys(collection, { n: { $gt: 0 } }, { sort: { n: 1 } })).toEqual(['b', 'a']);
      expect(await foundKeys(collection, { tags: 'x' })).toEqual(['a']);
    }
  });

  it('gives the same answers whatever indexes each opening declares', async () => {
    const name = subject.freshName();
    const declared: (readonly IndexSpec[] | undefined)[] = [
      [{ a: 1 }],
      [{ a: -1 }, { b: 1 }],
      undefined,
      [{ b: 1 }, { a: 1 }],
      [{ a: 1, b: 1 }],
      [{ a: 1, b: -1 }],
      [],
    ];
    for (const [round, indexes] of declared.entries()) {
      const collection = await subject.store.collection(name, indexes && { indexes });
      await collection.put([{ key: `key-${round}`, version: 1n, body: { a: round % 2, b: -round } }]);
      const keys = declared.slice(0, round + 1).map((_, index) => `key-${index}`);
      expect(await foundKeys(collection, { a: { $gte: 0 } })).toEqual(keys);
      expect(await foundKeys(collection, { b: { $lte: 0 } }, { sort: { b: -1 } })).toEqual(keys);
      const odd = keys.filter((_, index) => index % 2 === 1);
      expect(await foundKeys(collection, { a: 1 }, { sort: { b: 1 } })).toEqual(odd.toReversed());
    }
  });

  it('may be declared twice at once', async () => {
    const name = subject.freshName();
    const indexes = [{ a: 1 }, { a: 1 }, { b: -1 }] as const;
    const handles = await Promise.all([1, 2, 3, 4].map(() => subject.store.collection(name, { indexes })));
    await putBodies(handles[0]!, { x: { a: 1, b: 1 } });
    for (const handle of handles) expect(await foundKeys(handle, { a: 1, b: 1 })).toEqual(['x']);
  });
}
