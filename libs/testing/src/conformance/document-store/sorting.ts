import type { FindOptions, IndexSpec, JsonObject, Sort } from '@gesta/core';
import { describe, expect, it } from '../test-runner.js';
import { foundKeys, ODD_KEYS, putBodies } from './samples.js';
import type { Subject } from './subject.js';

const TYPES: Record<string, JsonObject> = {
  yes: { v: true },
  'text 10': { v: '10' },
  missing: {},
  'object b': { v: { b: 1 } },
  ten: { v: 10 },
  'text 9': { v: '9' },
  minus: { v: -1.5 },
  no: { v: false },
  emoji: { v: '😀' },
  nine: { v: 9 },
  'object a': { v: { a: 2 } },
  private: { v: '\u{f000}' },
  null: { v: null },
};

const TYPES_IN_ORDER = [
  'missing',
  'null',
  'minus',
  'nine',
  'ten',
  'text 10',
  'text 9',
  'private',
  'emoji',
  'object a',
  'object b',
  'no',
  'yes',
];

const ORDERS: Record<string, JsonObject> = {
  a: { customer: 'x', at: 3, amount: 10 },
  b: { customer: 'y', at: 1, amount: 20 },
  c: { customer: 'x', at: 1, amount: 30 },
  d: { customer: 'y', at: 2, amount: 20 },
  e: { customer: 'x', at: 2, amount: 10 },
  f: { customer: 'x', at: 2, amount: 30 },
};

const INDEXES: Record<string, IndexSpec[]> = {
  'without an index': [],
  'with indexes': [{ v: 1 }, { at: -1 }, { customer: 1, at: 1 }, { amount: 1, at: -1 }],
  'with other indexes': [{ v: -1 }, { at: 1 }, { customer: -1, at: -1 }, { at: 1, amount: 1, customer: 1 }],
};

export function sorting(subject: Subject): void {
  it('gives documents in the order of their keys, by code points, when no other order is asked for', async () => {
    const collection = await subject.fresh();
    const reversed = ODD_KEYS.toReversed();
    for (const key of reversed) await collection.put([{ key, version: 1n, body: {} }]);
    const inOrder = ODD_KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await foundKeys(collection, {})).toEqual(inOrder);
    expect(await foundKeys(collection, {}, { sort: {} })).toEqual(inOrder);
    expect(await foundKeys(collection, {}, { skip: 3, limit: 7 })).toEqual(inOrder.slice(3, 10));
  });

  it('refuses to sort by two fields that lead into different arrays in one document', async () => {
    const collection = await subject.fresh();
    await putBodies(collection, {
      both: { on: true, a: [1, 2], b: [3] },
      deep: { deep: true, a: { c: [1] }, b: [{ c: 2 }] },
      one: { a: [2, 0], b: 1 },
      none: { a: 1, b: 2 },
      'through one': { r: [{ x: 2, y: 1 }, { x: 1, y: 5 }] }, // prettier-ignore
      'through another': { r: [{ x: 1, y: 4 }] },
    });
    const refusal = { name: 'UnsupportedOperator', operator: 'sort' };
    for (const limit of [1, 100]) {
      await expect(collection.find({}, { sort: { a: 1, b: -1 }, limit })).rejects.toMatchObject(refusal);
      await expect(collection.find({ on: true }, { sort: { none: 1, a: 1, b: 1 }, limit })).rejects.toThrow(
        'of the fields none, a, b two lead into different arrays in one document; sort by one of these',
      );
      await expect(collection.find({ deep: true }, { sort: { 'a.c': 1, 'b.c': 1 }, limit })).rejects.toThrow(/arrays/);
    }
    expect(await foundKeys(collection, { on: { $exists: false } }, { sort: { a: 1, b: 1 }, skip: 2 })).toEqual([
      'one',
      'none',
      'deep',
    ]);
    const through = { r: { $exists: true } };
    expect(await foundKeys(collection, through, { sort: { 'r.x': 1, 'r.y': 1 } })).toEqual([
      'through another',
      'through one',
    ]);
    expect(await foundKeys(collection, through, { sort: { 'r.x': -1, 'r.y': 1 }, limit: 1 })).toEqual(['through one']);
  });

  describe.each(Object.entries(INDEXES))('%s', (_, indexes) => {
    const orders = async () => {
      const collection = await subject.fresh(indexes);
      await putBodies(collection, ORDERS);
      return (options: FindOptions, filter = {}) => foundKeys(collection, filter, options);
    };

    it('orders types first', async () => {
      const collection = await subject.fresh(indexes);
      await putBodies(collection, TYPES);
      expect(await foundKeys(collection, {}, { sort: { v: 1 } })).toEqual(TYPES_IN_ORDER);
      expect(await foundKeys(collection, {}, { sort: { v: -1 } })).toEqual(TYPES_IN_ORDER.toReversed());
      expect(await foundKeys(collection, { v: { $type: 'number' } }, { sort: { v: -1 } })).toEqual([
        'ten',
        'nine',
        'minus',
      ]);
      expect(await foundKeys(collection, {}, { sort: { v: 1 }, skip: 4, limit: 2 })).toEqual(['ten', 'text 10']);
    });

    it('orders by the least element of an array upwards, and by the greatest downwards', async () => {
      const collection = await subject.fresh(indexes);
      await putBodies(collection, {
        empty: { v: [] },
        'far apart': { v: [1, 9] },
        five: { v: 5 },
        mixed: { v: [null, 'x'] },
        near: { v: [4, 6] },
        null: { v: null },
      });
      const sorted = (direction: 1 | -1, options = {}) =>
        foundKeys(collection, {}, { sort: { v: direction }, ...options });
      expect(await sorted(1)).toEqual(['empty', 'mixed', 'null', 'far apart', 'near', 'five']);
      expect(await sorted(-1)).toEqual(['mixed', 'far apart', 'near', 'five', 'null', 'empty']);
      expect(await sorted(1, { skip: 2, limit: 2 })).toEqual(['null', 'far apart']);
      expect(await sorted(-1, { limit: 2 })).toEqual(['mixed', 'far apart']);
    });

    it('orders by several fields, and then by key in the direction of the last', async () => {
      const sorted = await orders();
      expect(await sorted({ sort: { at: 1 } })).toEqual(['b', 'c', 'd', 'e', 'f', 'a']);
      expect(await sorted({ sort: { at: -1 } })).toEqual(['a', 'f', 'e', 'd', 'c', 'b']);
      expect(await sorted({ sort: { customer: 1, at: 1 } })).toEqual(['c', 'e', 'f', 'a', 'b', 'd']);
      expect(await sorted({ sort: { customer: 1, at: -1 } })).toEqual(['a', 'f', 'e', 'c', 'd', 'b']);
      expect(await sorted({ sort: { customer: -1, at: -1 } })).toEqual(['d', 'b', 'a', 'f', 'e', 'c']);
      expect(await sorted({ sort: { amount: 1, at: -1 } })).toEqual(['a', 'e', 'd', 'b', 'f', 'c']);
      expect(await sorted({ sort: { amount: -1, at: 1, customer: 1 } })).toEqual(['c', 'f', 'b', 'd', 'e', 'a']);
    });

    it('orders by several fields of which one holds arrays', async () => {
      const collection = await subject.fresh(indexes);
      await putBodies(collection, {
        a: { customer: 'x', at: 5 },
        b: { customer: 'x', at: [9, 1] },
        c: { customer: 'x', at: 3 },
        d: { customer: 'x', at: [] },
        e: { customer: 'w', at: { n: 1 } },
      });
      const sorted = (sort: Sort, limit: number) => foundKeys(collection, {}, { sort, limit });
      expect(await sorted({ customer: 1, at: 1 }, 5)).toEqual(['e', 'd', 'b', 'c', 'a']);
      expect(await sorted({ customer: 1, at: 1 }, 3)).toEqual(['e', 'd', 'b']);
      expect(await sorted({ customer: -1, at: -1 }, 2)).toEqual(['b', 'a']);
      expect(await sorted({ customer: -1, at: -1 }, 4)).toEqual(['b', 'a', 'c', 'd']);
    });

    it('orders what a filter leaves', async () => {
      const sorted = await orders();
      expect(await sorted({ sort: { at: 1 } }, { customer: 'x' })).toEqual(['c', 'e', 'f', 'a']);
      expect(await sorted({ sort: { at: -1 }, limit: 2 }, { customer: 'x' })).toEqual(['a', 'f']);
      expect(await sorted({ sort: { at: -1 } }, { customer: { $in: ['y', 'x'] }, amount: { $gt: 10 } })).toEqual([
        'f',
        'd',
        'c',
        'b',
      ]);
      expect(await sorted({ sort: { at: 1 } }, { at: { $gte: 2 }, customer: { $ne: 'y' } })).toEqual(['e', 'f', 'a']);
      expect(await sorted({ limit: 2 }, { at: { $gte: 1 } })).toEqual(['a', 'b']);
      expect(await sorted({ skip: 1, limit: 2 }, { customer: { $in: ['y', 'x'] } })).toEqual(['b', 'c']);
      expect(await sorted({ sort: { customer: 1 } }, { customer: 'y' })).toEqual(['b', 'd']);
      expect(await sorted({ sort: { nothing: -1 } }, { customer: 'y' })).toEqual(['d', 'b']);
    });

    it('skips and limits after ordering', async () => {
      const sorted = await orders();
      expect(await sorted({ sort: { at: 1 }, limit: 3 })).toEqual(['b', 'c', 'd']);
      expect(await sorted({ sort: { at: 1 }, skip: 4 })).toEqual(['f', 'a']);
      expect(await sorted({ sort: { at: 1 }, skip: 2, limit: 2 })).toEqual(['d', 'e']);
      expect(await sorted({ skip: 4 })).toEqual(['e', 'f']);
      expect(await sorted({ limit: 2 })).toEqual(['a', 'b']);
      expect(await sorted({ skip: 1, limit: 2 }, { customer: 'y' })).toEqual(['d']);
    });

    it('gives nothing past the end, nor when the limit is 0', async () => {
      const sorted = await orders();
      expect(await sorted({ skip: 6 })).toEqual([]);
      expect(await sorted({ skip: 1_000_000, limit: 5, sort: { at: 1 } })).toEqual([]);
      expect(await sorted({ limit: 0 })).toEqual([]);
      expect(await sorted({ limit: 0, sort: { at: 1 } })).toEqual([]);
      expect(await sorted({ limit: 1_000_000, sort: { at: 1 } })).toHaveLength(6);
    });
  });

  it('orders by nested fields, also through arrays of objects', async () => {
    const collection = await subject.fresh([{ 'total.amount': 1 }, { 'lines.price': 1 }]);
    await putBodies(collection, {
      a: { total: { amount: 3 }, lines: [{ price: 7 }, { price: 2 }] },
      b: { total: { amount: 1 }, lines: [{ price: 3 }] },
      c: { total: 5, lines: [] },
      d: { total: { amount: 2 }, lines: [{ price: 1 }, {}] },
    });
    expect(await foundKeys(collection, {}, { sort: { 'total.amount': 1 } })).toEqual(['c', 'b', 'd', 'a']);
    expect(await foundKeys(collection, {}, { sort: { 'lines.price': 1 } })).toEqual(['c', 'd', 'a', 'b']);
    expect(await foundKeys(collection, {}, { sort: { 'lines.price': -1 } })).toEqual(['a', 'b', 'd', 'c']);
  });

  it('pages through thousands without loss or repetition', async () => {
    const collection = await subject.fresh([{ n: -1 }]);
    await collection.put(
      Array.from({ length: 2_500 }, (_, n) => ({ key: `key-${n}`, version: 1n, body: { n: n % 7 } })),
    );
    for (const sort of [{ n: -1 }, { n: 1 }, {}] as Sort[]) {
      const pages = [];
      for (let skip = 0; skip < 2_500; skip += 400)
        pages.push(...(await foundKeys(collection, {}, { sort, skip, limit: 400 })));
      expect(new Set(pages).size).toBe(2_500);
      expect(pages).toEqual(await foundKeys(collection, {}, { sort }));
    }
  });
}
