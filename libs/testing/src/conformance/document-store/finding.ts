import type { DocumentCollection, Filter, IndexSpec, JsonObject } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { foundKeys, putBodies } from './samples.js';
import type { Subject } from './subject.js';

const VALUES: Record<string, JsonObject> = {
  array: { a: [5, 'x'] },
  'array, empty': { a: [] },
  'array in array': { a: [[5, 'x']] },
  'array of objects': { a: [{ b: 5 }, {}] },
  big: { a: 2 ** 60 },
  bigger: { a: 1e21 },
  five: { a: 5 },
  'five and a bit': { a: 5.000000000000001 },
  'five, text': { a: '5' },
  missing: {},
  no: { a: false },
  null: { a: null },
  'nul character': { a: 'x\u0000y' },
  object: { a: { b: 5, c: 1 } },
  'object as text': { a: '{"b":5,"c":1}' },
  'object, empty': { a: {} },
  one: { a: 1 },
  text: { a: 'x' },
  'text, empty': { a: '' },
  yes: { a: true },
  zero: { a: 0 },
};

/** What each filter finds of the values, in the order of keys. */
const ANSWERS: [filter: Filter, keys: string[]][] = [
  [{ a: 5 }, ['array', 'five']],
  [{ a: '5' }, ['five, text']],
  [{ a: 5.000000000000001 }, ['five and a bit']],
  [{ a: 1 }, ['one']],
  [{ a: true }, ['yes']],
  [{ a: 0 }, ['zero']],
  [{ a: false }, ['no']],
  [{ a: 2 ** 60 }, ['big']],
  [{ a: 2 ** 60 + 256 }, []],
  [{ a: 1e21 }, ['bigger']],
  [{ a: '' }, ['text, empty']],
  [{ a: 'x' }, ['array', 'text']],
  [{ a: 'x\u0000y' }, ['nul character']],
  [{ a: '{"b":5,"c":1}' }, ['object as text']],
  [{ a: null }, ['missing', 'null']],
  [{ a: [] }, ['array, empty']],
  [{ a: [5, 'x'] }, ['array', 'array in array']],
  [{ a: { b: 5, c: 1 } }, ['object']],
  [{ a: { b: 5 } }, ['array of objects']],
  [{ a: {} }, ['array of objects', 'object, empty']],
  [{ 'a.b': 5 }, ['array of objects', 'object']],
  [{ 'a.b': null, a: { $type: 'object' } }, ['array of objects', 'object, empty']],
  [{ 'a.0': 5 }, ['array']],
  [{ a: { $in: [1, '5', null] } }, ['five, text', 'missing', 'null', 'one']],
  [{ a: { $in: [true, [5, 'x']] } }, ['array', 'array in array', 'yes']],
  [{ a: { $in: [] } }, []],
  [{ a: { $gt: 1, $lt: 10 } }, ['array', 'five', 'five and a bit']],
  [{ a: { $gte: 1, $lte: 1 } }, ['one']],
  [{ a: { $gt: 5 } }, ['big', 'bigger', 'five and a bit']],
  [{ a: { $lt: 5 } }, ['one', 'zero']],
  [{ a: { $gt: 2 ** 60 } }, ['bigger']],
  [{ a: { $gt: 1, $gte: 1 } }, ['array', 'big', 'bigger', 'five', 'five and a bit']],
  [{ a: { $gt: 0, $in: [0, 1, 'x', null] } }, ['array', 'one']],
  [
    { $or: [{ a: { $gt: 1, $lt: 5.5 } }, { a: { $gte: 0, $lt: 5 } }] },
    ['array', 'five', 'five and a bit', 'one', 'zero'],
  ],
  [
    { $or: [{ a: { $gt: 5 } }, { a: 5 }, { a: { $gt: 1e20 } }, { a: null }] },
    ['array', 'big', 'bigger', 'five', 'five and a bit', 'missing', 'null'],
  ],
  [{ a: { $gte: '5', $lt: 'y' } }, ['array', 'five, text', 'nul character', 'text']],
  [{ a: { $gt: 'x' } }, ['nul character', 'object as text']],
  [{ a: { $lt: '0' } }, ['text, empty']],
  [{ a: { $gte: false } }, ['no', 'yes']],
  [{ a: { $lt: true } }, ['no']],
  [{ a: { $gte: null } }, ['missing', 'null']],
  [{ a: { $lt: null } }, []],
  [{ a: { $gte: {} } }, ['array of objects', 'object', 'object, empty']],
  [{ a: { $gt: [5] } }, ['array', 'array in array', 'array of objects']],
  [{ a: { $exists: false } }, ['missing']],
  [{ a: { $exists: true, $type: ['null', 'bool'] } }, ['no', 'null', 'yes']],
  [{ a: { $type: 'array' } }, ['array', 'array in array', 'array of objects', 'array, empty']],
  [{ a: { $size: 2 } }, ['array', 'array of objects']],
  [{ a: { $size: 0 } }, ['array, empty']],
  [{ a: { $all: [5, 'x'] } }, ['array']],
  [{ a: { $elemMatch: { $gt: 1, $lt: 10 } } }, ['array']],
  [{ a: { $elemMatch: { b: { $gte: 5 } } } }, ['array of objects']],
  [{ a: { $mod: [5, 0] }, $nor: [{ a: { $gt: 5 } }] }, ['array', 'five', 'zero']],
  [{ a: /^5x?$/ }, ['five, text']],
  [{ a: /^xy*/ }, ['array', 'nul character', 'text']],
  [{ a: /^[x5]$/ }, ['array', 'five, text', 'text']],
  [{ a: { $regex: '^X', $options: 'i' } }, ['array', 'nul character', 'text']],
  [{ a: /^x|^5/ }, ['array', 'five, text', 'nul character', 'text']],
  [{ a: { $in: [/^x$/, 5] } }, ['array', 'five', 'text']],
  [{ $or: [{ a: 1 }, { a: { $gt: 5, $lt: 6 } }] }, ['five and a bit', 'one']],
  [{ $and: [{ a: { $gte: 0 } }, { $or: [{ a: 0 }, { a: 1 }] }] }, ['one', 'zero']],
  [{ $nor: [{ a: { $type: ['number', 'string', 'array', 'object', 'bool'] } }] }, ['missing', 'null']],
  [{ a: { $not: { $lt: 'x' }, $type: 'string' } }, ['array', 'nul character', 'object as text', 'text']],
  [
    { a: { $nin: [null, 5, true], $type: ['number', 'bool'] } },
    ['big', 'bigger', 'five and a bit', 'no', 'one', 'zero'],
  ],
  [{ a: { $ne: 5, $gt: 4 } }, ['big', 'bigger', 'five and a bit']],
];

const INDEXES: Record<string, IndexSpec[]> = {
  'without an index': [],
  'with an index': [{ a: 1 }],
  'with a descending index': [{ a: -1 }],
  'with an index that goes on': [{ a: 1, other: -1 }],
  'with an index on a nested field': [{ 'a.b': 1 }],
};

export function finding(subject: Subject): void {
  describe.each(Object.entries(INDEXES))('%s', (_, indexes) => {
    it('finds and counts what matches in MongoDB’s sense, in the order of keys', async () => {
      const collection = await subject.fresh(indexes);
      await putBodies(collection, VALUES);
      for (const [filter, keys] of ANSWERS) {
        expect([filter, await foundKeys(collection, filter)]).toEqual([filter, keys]);
        expect([filter, await collection.count(filter)]).toEqual([filter, keys.length]);
      }
    });

    it('finds what goes into every place of a path', async () => {
      const collection = await subject.fresh(indexes);
      await putBodies(collection, {
        'arrays below': { a: [{ b: [1, 3] }, { b: [] }] },
        below: { a: { b: 3 } },
        'early end': { a: 3 },
        'in an array': { a: [{ b: 1 }, { b: 3 }] },
        'in some': { a: [{ b: 1 }, {}, 7] },
        'no objects': { a: [3, null] },
        nothing: { a: [] },
      });
      const expectFound = async (filter: Filter, keys: string[]) =>
        expect(await foundKeys(collection, filter)).toEqual(keys);
      await expectFound({ 'a.b': 3 }, ['arrays below', 'below', 'in an array']);
      await expectFound({ 'a.b': { $gt: 1 } }, ['arrays below', 'below', 'in an array']);
      await expectFound({ 'a.b': null }, ['early end', 'in some']);
      await expectFound({ 'a.b': { $exists: false } }, ['early end', 'no objects', 'nothing']);
      await expectFound({ 'a.1.b': 3 }, ['in an array']);
    });
  });

  it('gives whole documents', async () => {
    const collection = await subject.fresh([{ n: 1 }]);
    await collection.put([{ key: 'a', version: 2n ** 62n + 1n, body: { n: 1, deep: { list: [1, { x: null }] } } }]);
    const expected = [{ key: 'a', version: 2n ** 62n + 1n, body: { n: 1, deep: { list: [1, { x: null }] } } }];
    expect(await collection.find({ n: 1 })).toEqual(expected);
    expect(await collection.find({})).toEqual(expected);
  });

  it('finds among thousands', async () => {
    const collection = await subject.fresh([{ group: 1 }, { list: 1 }]);
    await fill(collection, 4_000);
    expect(await collection.count({ group: 3 })).toBe(400);
    expect(await collection.find({ group: { $gte: 5 } })).toHaveLength(2_000);
    expect(await foundKeys(collection, { list: 3_999 })).toEqual(['key-3999']);
    expect(await foundKeys(collection, { group: 7, n: { $lt: 30 } })).toEqual(['key-17', 'key-27', 'key-7']);
    expect(await foundKeys(collection, { n: { $mod: [1_000, 1] } })).toEqual([
      'key-1',
      'key-1001',
      'key-2001',
      'key-3001',
    ]);
  });

  it('is done with a pattern in a time that grows no faster than the texts', async () => {
    const collection = await subject.fresh();
    await putBodies(collection, { long: { text: `${'a'.repeat(20_000)}b` }, short: { text: 'aaa' } });
    const begun = performance.now();
    expect(await foundKeys(collection, { text: /^(a+)+$/ })).toEqual(['short']);
    expect(await foundKeys(collection, { text: { $regex: '^a*a*a*a*$' } })).toEqual(['short']);
    expect(await collection.count({ text: { $not: /(a|aa)+$/ } })).toBe(1);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('takes characters for characters in patterns, and letters of all alphabets with their other case', async () => {
    const collection = await subject.fresh();
    await putBodies(collection, { astral: { text: '😀' }, greek: { text: 'ΣΟΦΊΑ' }, two: { text: 'ab' } });
    expect(await foundKeys(collection, { text: /^.$/ })).toEqual(['astral']);
    expect(await foundKeys(collection, { text: { $regex: '^σοφ', $options: 'i' } })).toEqual(['greek']);
  });

  it('sees what was put before, and no longer what was replaced', async () => {
    const collection = await subject.fresh([{ status: 1 }]);
    await putBodies(collection, { a: { status: 'placed' }, b: { status: 'placed' } });
    await collection.put([{ key: 'a', version: 2n, body: { status: 'shipped' } }]);
    expect(await foundKeys(collection, { status: 'placed' })).toEqual(['b']);
    expect(await foundKeys(collection, { status: 'shipped' })).toEqual(['a']);
    await collection.put([{ key: 'b', version: 2n, body: undefined }]);
    expect(await collection.count({ status: 'placed' })).toBe(0);
  });
}

async function fill(collection: DocumentCollection, count: number): Promise<void> {
  await collection.put(
    Array.from({ length: count }, (_, n) => ({
      key: `key-${n}`,
      version: 1n,
      body: { n, group: n % 10, list: [-n, n] },
    })),
  );
}
