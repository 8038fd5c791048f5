import { describe, expect, it } from '@jest/globals';
import type { BsonDocument } from './bson-document.js';
import { MongoDBError } from './mongodb-error.js';
import { compileProjection } from './projection.js';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const document: BsonDocument = {
  _id: 1,
  a: 1,
  b: { c: 2, d: 3 },
  list: [1, 2, 3, 4],
  items: [{ n: 1, m: 1 }, { n: 2, m: 2 }, 'x'],
};

describe('a projection of find', () => {
  it.each<[BsonDocument, BsonDocument]>([
    [{}, document],
    [{ a: 1 }, { _id: 1, a: 1 }],
    [{ a: 1, _id: 0 }, { a: 1 }],
    [{ _id: 1 }, { _id: 1 }],
    [{ _id: 0 }, { a: 1, b: { c: 2, d: 3 }, list: [1, 2, 3, 4], items: [{ n: 1, m: 1 }, { n: 2, m: 2 }, 'x'] }],
    [
      { 'b.c': 1, 'items.n': 1 },
      { _id: 1, b: { c: 2 }, items: [{ n: 1 }, { n: 2 }] },
    ],
    [{ b: { c: 1 } }, { _id: 1, b: { c: 2 } }],
    [
      { 'b.c': 0, list: 0, 'items.n': false },
      { _id: 1, a: 1, b: { d: 3 }, items: [{ m: 1 }, { m: 2 }, 'x'] },
    ],
    [{ missing: 1 }, { _id: 1 }],
    [{ 'a.x': 1 }, { _id: 1 }],
    [{ list: { $slice: 2 } }, { ...document, list: [1, 2] }],
    [{ list: { $slice: -1 } }, { ...document, list: [4] }],
    [{ list: { $slice: [1, 2] } }, { ...document, list: [2, 3] }],
    [{ list: { $slice: [-3, 2] } }, { ...document, list: [2, 3] }],
    [
      { list: { $slice: 1 }, a: 1 },
      { _id: 1, a: 1, list: [1] },
    ],
    [
      { list: { $slice: 1 }, a: 0 },
      { _id: 1, b: { c: 2, d: 3 }, list: [1], items: document['items'] },
    ],
    [
      { a: { $slice: 1 }, _id: 0, b: 1 },
      { a: 1, b: { c: 2, d: 3 } },
    ],
    [{ items: { $elemMatch: { n: { $gt: 1 } } } }, { _id: 1, items: [{ n: 2, m: 2 }] }],
    [
      { items: { $elemMatch: { n: 9 } }, a: 1 },
      { _id: 1, a: 1 },
    ],
    [{ sum: { $add: ['$a', '$b.c'] } }, { _id: 1, sum: 3 }],
    [
      { a: 1, text: 'literal', copy: '$b.d' },
      { _id: 1, a: 1, text: 'literal', copy: 3 },
    ],
    [{ list: { $slice: ['$list', 1] } }, { _id: 1, list: [1] }],
  ])('%j', (projection, result) => {
    const projected = compileProjection(projection)(document);
    expect(JSON.parse(JSON.stringify(projected))).toEqual(result);
    expect(Object.keys(projected)).toEqual(Object.keys(result));
  });

  it('picks the element by which the document was found', () => {
    const projected = (filter: BsonDocument, path: string) => compileProjection({ [path]: 1 }, { filter })(document);
    expect(projected({ list: { $gte: 3 } }, 'list.$')).toEqual({ _id: 1, list: [3] });
    expect(projected({ 'items.n': 2 }, 'items.$')).toEqual({ _id: 1, items: [{ n: 2, m: 2 }] });
    expect(thrown(() => projected({ a: 1 }, 'list.$'))).toMatchObject({ code: 51246 });
  });

  it.each<[BsonDocument, number]>([
    [{ a: 1, b: 0 }, 31254],
    [{ a: 0, b: 1 }, 31253],
    [{ a: 0, b: '$c' }, 31253],
    [{ b: 1, 'b.c': 1 }, 31249],
    [{ 'b.c': 1, b: 1 }, 31250],
    [{ 'a.$': 1, 'b.$': 1 }, 31276],
    [{ 'a.$': 0 }, 31395],
    [{ 'b.c': { $elemMatch: { x: 1 } } }, 31275],
    [{ a: { $elemMatch: 5 } }, 31274],
    [{ a: { $slice: 'x' } }, 28667],
    [{ a: { $slice: [1, 0] } }, 28724],
    [{ a: { $foo: 1 } }, 168],
    [{ 'a..b': 1 }, 15998],
    [{ $a: 1 }, 16410],
    [{ a: {} }, 51270],
    [{ a: { $meta: 'textScore' } }, 238],
  ])('%j is refused with code %i', (projection, code) => {
    const compiled = () => compileProjection(projection);
    expect(compiled).toThrow(MongoDBError);
    expect(thrown(compiled)).toMatchObject({ code });
  });
});
