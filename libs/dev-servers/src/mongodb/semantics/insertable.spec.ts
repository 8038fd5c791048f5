import { describe, expect, it } from '@jest/globals';
import { BSONRegExp, ObjectId } from 'bson';
import type { BsonDocument } from './bson-document.js';
import { prepareInsert } from './insertable.js';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('a document to insert', () => {
  it('is given an _id when it has none, as its first field', () => {
    const prepared = prepareInsert({ a: 1 });
    expect(Object.keys(prepared)).toEqual(['_id', 'a']);
    expect(prepared['_id']).toBeInstanceOf(ObjectId);
  });

  it('has its _id moved to the front', () => {
    expect(Object.entries(prepareInsert({ a: 1, _id: 5 }))).toEqual([
      ['_id', 5],
      ['a', 1],
    ]);
    const inOrder = { _id: null, a: 1 };
    expect(prepareInsert(inOrder)).toBe(inOrder);
  });

  it('may have dollar signs and dots in its names', () => {
    expect(prepareInsert({ _id: 1, $a: 1, 'b.c': { $d: 1 } })).toEqual({ _id: 1, $a: 1, 'b.c': { $d: 1 } });
  });

  it.each<[BsonDocument, number]>([
    [{ _id: [1] }, 53],
    [{ _id: new BSONRegExp('x') }, 53],
    [{ _id: { $a: 1 } }, 52],
    [{ _id: 1, a: 'x'.repeat(16 * 1024 * 1024) }, 10334],
  ])('is refused (%#) with code %i', (document, code) => {
    expect(thrown(() => prepareInsert(document))).toMatchObject({ code });
  });

  it('is refused when it is nested too deeply', () => {
    const nested = (depth: number): BsonDocument => (depth === 0 ? {} : { a: [nested(depth - 2)] });
    expect(() => prepareInsert({ _id: 1, a: nested(170) })).not.toThrow();
    expect(thrown(() => prepareInsert({ _id: 1, a: nested(190) }))).toMatchObject({ code: 15 });
  });
});
