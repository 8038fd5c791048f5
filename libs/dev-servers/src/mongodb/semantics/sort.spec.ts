import { describe, expect, it } from '@jest/globals';
import { Double, Long, ObjectId } from 'bson';
import type { BsonDocument } from './bson-document.js';
import { distinctValues } from './distinct.js';
import { isSparselyMissing, keyValues } from './index-keys.js';
import { compileSort, sortDocuments } from './sort.js';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a sort', () => {
  const sorted = (sort: BsonDocument, ...values: unknown[]) =>
    sortDocuments(
      values.map((a, _id) => ({ _id, a })),
      sort,
    ).map(({ _id }) => _id);

  it('orders values of all types, numbers by value', () => {
    const values = ['x', 5, null, new Double(4.5), true, Long.fromNumber(6), {}, new ObjectId()];
    expect(sorted({ a: 1 }, ...values)).toEqual([2, 3, 1, 5, 0, 6, 7, 4]);
    expect(sorted({ a: -1 }, ...values)).toEqual([4, 7, 6, 0, 5, 1, 3, 2]);
  });

  it('takes what is missing for null', () => {
    expect(sorted({ a: 1 }, 1, undefined, null, 0)).toEqual([1, 2, 3, 0]);
  });

  it('takes the smallest element of an array, descending the greatest; an empty array comes first', () => {
    const values = [[5, 1], 2, [3, 0], [], null];
    expect(sorted({ a: 1 }, ...values)).toEqual([3, 4, 2, 0, 1]);
    expect(sorted({ a: -1 }, ...values)).toEqual([0, 2, 1, 4, 3]);
  });

  it('orders by several fields, each in its direction, and keeps the order of those that tie', () => {
    const documents = [
      { _id: 1, a: 1, b: { c: 1 } },
      { _id: 2, a: 1, b: { c: 2 } },
      { _id: 3, a: 0, b: { c: 2 } },
      { _id: 4, a: 1, b: { c: 2 } },
    ];
    expect(sortDocuments(documents, { 'b.c': -1, a: 1 }).map(({ _id }) => _id)).toEqual([3, 2, 4, 1]);
    expect(compileSort({ a: 1 })(documents[0]!, documents[2]!)).toBeGreaterThan(0);
  });

  it('sees fields of the same element together', () => {
    const documents = [
      {
        _id: 1,
        r: [
          { x: 1, y: 9 },
          { x: 5, y: 0 },
        ],
      },
      { _id: 2, r: [{ x: 1, y: 5 }] },
    ];
    expect(sortDocuments(documents, { 'r.x': 1, 'r.y': 1 }).map(({ _id }) => _id)).toEqual([2, 1]);
  });

  it.each<[BsonDocument, number]>([
    [{ a: 2 }, 15975],
    [{ a: 'x' }, 15974],
    [{ a: { $meta: 'textScore' } }, 238],
    [{ $a: 1 }, 16410],
    [{ '': 1 }, 40352],
    [Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1])), 13103],
  ])('%j is refused with code %i', (sort, code) => {
    expect(thrown(() => compileSort(sort))).toMatchObject({ code });
  });

  it('by two arrays is refused', () => {
    expect(() => sortDocuments([{ a: [1], b: [2] }], { a: 1, b: 1 })).toThrow(
      'cannot sort with keys that are parallel arrays',
    );
  });
});

describe('the keys of a document in an index', () => {
  it.each<[BsonDocument, string[], unknown[][]]>([
    [{ a: 1 }, ['a'], [[1]]],
    [{}, ['a', 'b.c'], [[null, null]]],
    [{ a: null, b: 5 }, ['a', 'b.c'], [[null, null]]],
    [
      { a: [1, 2], b: 'x' },
      ['a', 'b'],
      [
        [1, 'x'],
        [2, 'x'],
      ],
    ],
    [{ a: [] }, ['a'], [[undefined]]],
    [{ a: [] }, ['a.b'], [[null]]],
    [
      { a: [{ b: 1, c: 2 }, { b: 3 }, 5] },
      ['a.b', 'a.c'],
      [
        [1, 2],
        [3, null],
        [null, null],
      ],
    ],
    [{ a: [[1, 2], 3] }, ['a'], [[[1, 2]], [3]]],
    [{ a: [{ b: [1, 2] }, { b: [] }] }, ['a.b'], [[1], [2], [undefined]]],
    [{ a: [5, 6] }, ['a.1'], [[6]]],
    [{ a: [{ b: 1 }, { b: 2 }] }, ['a.0.b'], [[1]]],
  ])('%j by %j', (document, paths, keys) => {
    expect(keyValues(document, paths)).toEqual(keys);
  });

  it('cannot be made of two arrays', () => {
    expect(thrown(() => keyValues({ a: [1], b: [2] }, ['a', 'b']))).toMatchObject({ code: 171 });
  });

  it('are none in a sparse index when no path leads anywhere', () => {
    const sparsely = (document: BsonDocument) => isSparselyMissing(document, { 'a.b': 1, c: 1 });
    expect(sparsely({})).toBe(true);
    expect(sparsely({ a: [{ x: 1 }, 5] })).toBe(true);
    expect(sparsely({ a: [{ x: 1 }, { b: null }] })).toBe(false);
    expect(sparsely({ c: null })).toBe(false);
  });
});

describe('distinct values', () => {
  it('are those that the path leads to, elements of arrays by themselves, in order', () => {
    const documents = [
      { a: { b: 2 } },
      { a: [{ b: [3, 1] }, { b: new Double(2) }, 5] },
      { a: { b: null } },
      {},
      { a: { b: [] } },
    ];
    expect(distinctValues(documents, 'a.b')).toEqual([null, 1, 2, 3]);
  });

  it('go by positions', () => {
    expect(distinctValues([{ a: [1, 2] }, { a: [3, 4] }], 'a.0')).toEqual([1, 3]);
  });
});
