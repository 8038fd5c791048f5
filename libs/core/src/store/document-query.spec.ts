import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Query } from 'mingo';
import type { JsonObject } from '../events/json.js';
import { compileFilter } from './document-query.js';
import type { Filter } from './document-store.js';
import { UnsupportedOperator } from './errors.js';
import { InvalidPattern } from './query/invalid-pattern.js';

/** The names of the bodies that match. */
function found(filter: Filter, bodies: Record<string, JsonObject>): string[] {
  const matches = compileFilter(filter);
  return Object.keys(bodies).filter((name) => matches(bodies[name]!));
}

describe('a filter', () => {
  it('matches everything when it is empty', () => {
    expect(found({}, { nothing: {}, something: { a: 1 } })).toEqual(['nothing', 'something']);
  });

  it('takes fields and operators together for an and', () => {
    const bodies = { both: { a: 5, b: 'x' }, one: { a: 5 }, other: { a: 15, b: 'x' } };
    expect(found({ a: { $gt: 1, $lt: 10 }, b: 'x' }, bodies)).toEqual(['both']);
  });

  it('combines filters with $and, $or and $nor, and negates with $not', () => {
    const bodies = { a: { n: 1 }, b: { n: 2 }, c: { n: 3 }, d: {} };
    expect(found({ $or: [{ n: 1 }, { n: 2 }] }, bodies)).toEqual(['a', 'b']);
    expect(found({ $nor: [{ n: 1 }, { n: 2 }] }, bodies)).toEqual(['c', 'd']);
    expect(found({ $and: [{ n: { $gt: 1 } }, { $or: [{ n: 3 }, { n: 1 }] }] }, bodies)).toEqual(['c']);
    expect(found({ n: { $not: { $gt: 1 } } }, bodies)).toEqual(['a', 'd']);
    expect(found({ n: { $not: { $not: { $gt: 1 } } } }, bodies)).toEqual(['b', 'c']);
  });

  it('is not changed by what becomes of the object that it was given as', () => {
    const filter = { tags: { $in: ['a'] }, at: { x: 1 } };
    const matches = compileFilter(filter);
    filter.tags.$in[0] = 'b';
    filter.at.x = 2;
    expect(matches({ tags: ['a'], at: { x: 1 } })).toBe(true);
  });

  it('asks for fields that have the names of what every object has', () => {
    const bodies = { with: { constructor: { name: 'Ferrari' }, toString: 'x' }, without: {} };
    expect(found({ constructor: { name: 'Ferrari' } }, bodies)).toEqual(['with']);
    expect(found({ 'constructor.name': 'Ferrari' }, bodies)).toEqual(['with']);
    expect(found({ toString: { $exists: true } }, bodies)).toEqual(['with']);
    expect(found({ 'valueOf.name': { $exists: true } }, bodies)).toEqual([]);
  });
});

describe('equality', () => {
  const bodies = {
    number: { a: 5 },
    text: { a: '5' },
    truth: { a: true },
    one: { a: 1 },
    object: { a: { x: 1, y: 2 } },
    reordered: { a: { y: 2, x: 1 } },
    array: { a: [5, 6] },
    nested: { a: [[5, 6]] },
    null: { a: null },
    missing: {},
    empty: { a: [] },
    nulls: { a: [1, null] },
  };

  it('goes by type and value', () => {
    expect(found({ a: '5' }, bodies)).toEqual(['text']);
    expect(found({ a: true }, bodies)).toEqual(['truth']);
    expect(found({ a: 1 }, bodies)).toEqual(['one', 'nulls']);
  });

  it('is met by an element of an array, and by the array as a whole, not by arrays in arrays', () => {
    expect(found({ a: 5 }, bodies)).toEqual(['number', 'array']);
    expect(found({ a: [5, 6] }, bodies)).toEqual(['array', 'nested']);
    expect(found({ a: [] }, bodies)).toEqual(['empty']);
  });

  it('compares objects with the order of their fields', () => {
    expect(found({ a: { x: 1, y: 2 } }, bodies)).toEqual(['object']);
    expect(found({ a: { x: 1 } }, bodies)).toEqual([]);
  });

  it('takes missing for null', () => {
    expect(found({ a: null }, bodies)).toEqual(['null', 'missing', 'nulls']);
    expect(found({ a: { $ne: null } }, bodies)).not.toContain('missing');
    expect(found({ a: { $exists: false } }, bodies)).toEqual(['missing']);
    expect(found({ a: { $type: 'null' } }, bodies)).toEqual(['null', 'nulls']);
  });

  it('has $in and $nin for several values', () => {
    expect(found({ a: { $in: ['5', 6, null] } }, bodies)).toEqual(['text', 'array', 'null', 'missing', 'nulls']);
    expect(found({ a: { $in: [[5, 6], { y: 2, x: 1 }] } }, bodies)).toEqual(['reordered', 'array', 'nested']);
    expect(found({ a: { $in: [] } }, bodies)).toEqual([]);
    expect(found({ a: { $nin: [5, null] } }, bodies)).toEqual([
      'text',
      'truth',
      'one',
      'object',
      'reordered',
      'nested',
      'empty',
    ]);
  });
});

describe('a path', () => {
  const bodies = {
    missing: {},
    null: { a: null },
    number: { a: 4 },
    'no b': { a: {} },
    'b null': { a: { b: null } },
    b: { a: { b: 1 } },
    'empty array': { a: [] },
    'array of numbers': { a: [1, null] },
    'array in array': { a: [[{ b: 1 }]] },
    'every b': { a: [{ b: 1 }, { b: 2 }] },
    'not every b': { a: [{ b: 2 }, {}] },
    'arrays as b': { a: [{ b: [1, 3] }, { b: [] }] },
    'array as b': { a: { b: [1, 2] } },
    'nested b': { a: { b: [[1]] } },
  };

  it('goes through objects and through arrays of objects', () => {
    expect(found({ 'a.b': 1 }, bodies)).toEqual(['b', 'every b', 'arrays as b', 'array as b']);
    expect(found({ 'a.b': { $in: [3] } }, bodies)).toEqual(['arrays as b']);
    expect(found({ 'a.b': { $gt: 2 } }, bodies)).toEqual(['arrays as b']);
    expect(found({ 'a.b': [1, 2] }, bodies)).toEqual(['array as b']);
    expect(found({ 'a.b': { $size: 2 } }, bodies)).toEqual(['arrays as b', 'array as b']);
    expect(found({ 'a.b': { $exists: true } }, bodies)).toEqual([
      'b null',
      'b',
      'every b',
      'not every b',
      'arrays as b',
      'array as b',
      'nested b',
    ]);
  });

  it('leads to null where it ends early, but not at an array without objects', () => {
    expect(found({ 'a.b': null }, bodies)).toEqual(['missing', 'null', 'number', 'no b', 'b null', 'not every b']);
  });

  it('counts positions in arrays', () => {
    expect(found({ 'a.0': 1 }, bodies)).toEqual(['array of numbers']);
    expect(found({ 'a.1.b': 2 }, bodies)).toEqual(['every b']);
    expect(found({ 'a.0.b': 1 }, bodies)).toEqual(['array in array', 'every b', 'arrays as b']);
    expect(found({ 'a.0.0.b': 1 }, bodies)).toEqual(['array in array']);
    expect(found({ 'a.0': { $exists: true } }, bodies)).toEqual([
      'array of numbers',
      'array in array',
      'every b',
      'not every b',
      'arrays as b',
    ]);
    expect(found({ 'a.0': 'field' }, { position: { a: ['field'] }, name: { a: [5, { 0: 'field' }] } })).toEqual([
      'position',
      'name',
    ]);
  });
});

describe('a range', () => {
  const bodies = {
    three: { a: 3 },
    text: { a: '3' },
    yes: { a: true },
    no: { a: false },
    null: { a: null },
    missing: {},
    array: { a: [1, 9] },
    object: { a: { x: 2 } },
  };

  it('holds for values of its own type only', () => {
    expect(found({ a: { $gt: 2 } }, bodies)).toEqual(['three', 'array']);
    expect(found({ a: { $lte: '3' } }, bodies)).toEqual(['text']);
    expect(found({ a: { $lt: true } }, bodies)).toEqual(['no']);
    expect(found({ a: { $gte: { x: 1 } } }, bodies)).toEqual(['object']);
    expect(found({ a: { $gt: [1] } }, bodies)).toEqual(['array']);
  });

  it('may be met at either end by different elements of an array', () => {
    expect(found({ a: { $gt: 5, $lt: 3 } }, bodies)).toEqual(['array']);
    expect(found({ a: { $elemMatch: { $gt: 5, $lt: 3 } } }, bodies)).toEqual([]);
  });

  it('ends at null with null itself', () => {
    expect(found({ a: { $gte: null } }, bodies)).toEqual(['null', 'missing']);
    expect(found({ a: { $gt: null } }, bodies)).toEqual([]);
  });

  it('compares text by code points', () => {
    expect(found({ a: { $gt: '\uffff' } }, { emoji: { a: '😀' }, letter: { a: 'z' } })).toEqual(['emoji']);
  });
});

describe('an operator for arrays', () => {
  const bodies = {
    plain: { a: 5 },
    numbers: { a: [1, 5, 8] },
    nested: { a: [[5, 8]] },
    objects: {
      a: [
        { b: 5, c: 1 },
        { b: 1, c: 9 },
      ],
    },
    empty: { a: [] },
    missing: {},
  };

  it('$elemMatch asks everything of one element', () => {
    expect(found({ a: { $elemMatch: { $gt: 4, $lt: 6 } } }, bodies)).toEqual(['numbers']);
    expect(found({ a: { $elemMatch: { b: 5 } } }, bodies)).toEqual(['objects']);
    expect(found({ a: { $elemMatch: { b: 5, c: 9 } } }, bodies)).toEqual([]);
    expect(found({ a: { $elemMatch: { b: null } } }, bodies)).toEqual(['nested']); // an array is an object of positions
    expect(found({ a: { $elemMatch: { $or: [{ b: 7 }, { c: 9 }] } } }, bodies)).toEqual(['objects']);
    expect(found({ a: { $elemMatch: { $elemMatch: { $gt: 7 } } } }, bodies)).toEqual(['nested']);
    expect(found({ a: { $elemMatch: { 1: 8 } } }, bodies)).toEqual(['nested']);
    expect(found({ a: { $elemMatch: { $not: { $gt: 4 } } } }, bodies)).toEqual(['numbers', 'nested', 'objects']);
    expect(found({ a: { $elemMatch: {} } }, bodies)).toEqual(['nested', 'objects']);
  });

  it('$all asks for each of its values', () => {
    expect(found({ a: { $all: [1, 5] } }, bodies)).toEqual(['numbers']);
    expect(found({ a: { $all: [5] } }, bodies)).toEqual(['plain', 'numbers']);
    expect(found({ a: { $all: [[5, 8]] } }, bodies)).toEqual(['nested']);
    expect(found({ a: { $all: [null] } }, bodies)).toEqual(['missing']);
    expect(found({ a: { $all: [{ $elemMatch: { b: 5 } }, { $elemMatch: { c: 9 } }] } }, bodies)).toEqual(['objects']);
    expect(found({ a: { $all: [] } }, bodies)).toEqual([]);
    expect(found({ a: { $not: { $all: [1, 5] } } }, bodies)).not.toContain('numbers');
  });

  it('$size counts elements, and $type looks at them too', () => {
    expect(found({ a: { $size: 3 } }, bodies)).toEqual(['numbers']);
    expect(found({ a: { $size: 0 } }, bodies)).toEqual(['empty']);
    expect(found({ a: { $type: 'number' } }, bodies)).toEqual(['plain', 'numbers']);
    expect(found({ a: { $type: 'array' } }, bodies)).toEqual(['numbers', 'nested', 'objects', 'empty']);
    expect(found({ a: { $type: ['object', 2] } }, bodies)).toEqual(['objects']);
  });
});

describe('$mod', () => {
  it('divides numbers only, and cuts fractions off', () => {
    const bodies = {
      four: { n: 4 },
      fraction: { n: 4.9 },
      text: { n: '4' },
      null: { n: null },
      no: { n: false },
      huge: { n: 2 ** 64 },
    };
    expect(found({ n: { $mod: [2, 0] } }, bodies)).toEqual(['four', 'fraction']);
    expect(found({ n: { $mod: [-3.7, 1.2] } }, bodies)).toEqual(['four', 'fraction']);
    expect(found({ n: { $mod: [3, -1] } }, { minus: { n: -4 } })).toEqual(['minus']);
  });
});

describe('a regular expression', () => {
  const bodies = {
    Anna: { n: 'Anna' },
    anna: { n: 'anna' },
    lines: { n: 'x\nanna' },
    array: { n: ['anna', 1] },
    number: { n: 5 },
  };

  it('stands as a value, under $regex with $options, $in, $nin, $all and $not', () => {
    expect(found({ n: /^anna$/ }, bodies)).toEqual(['anna', 'array']);
    expect(found({ n: { $regex: '^anna$', $options: 'im' } }, bodies)).toEqual(['Anna', 'anna', 'lines', 'array']);
    expect(found({ n: { $options: 'i', $regex: /^anna$/, $ne: 'anna' } }, bodies)).toEqual(['Anna']);
    expect(found({ n: { $in: [/^A/, 5] } }, bodies)).toEqual(['Anna', 'number']);
    expect(found({ n: { $nin: [/anna/i] } }, bodies)).toEqual(['number']);
    expect(found({ n: { $all: [/^an/, 1] } }, bodies)).toEqual(['array']);
    expect(found({ n: { $not: /anna/i } }, bodies)).toEqual(['number']);
  });

  it('gives the same answer every time', () => {
    const matches = compileFilter({ n: /anna/ });
    expect([1, 2, 3].map(() => matches({ n: 'anna' }))).toEqual([true, true, true]);
  });
});

describe('what is not in the language', () => {
  it.each([
    ['$where', { $where: 'true' }],
    ['$where', { a: { $elemMatch: { $where: 'true' } } }],
    ['$expr', { $or: [{ $expr: { $eq: [1, 1] } }] }],
    ['$text', { $text: { $search: 'x' } }],
    ['$jsonSchema', { $and: [{ $nor: [{ $jsonSchema: {} }] }] }],
    ['$function', { a: { $function: {} } }],
    ['$foo', { a: { $not: { $foo: 1 } } }],
    ['$foo', { a: { $elemMatch: { $foo: 1 } } }],
    ['$foo', { a: { $in: [{ $foo: 1 }] } }],
    ['$foo', { a: { b: { $foo: 1 } } }],
    ['$foo', { a: { $all: [{ $elemMatch: { $foo: 1 } }] } }],
    ['$foo', { $foo: [{}] }],
    ['$near', { a: { $near: [0, 0] } }],
    ['$bitsAllSet', { a: { $bitsAllSet: 1 } }],
    ['$comment', { a: 1, $comment: 'x' }],
  ])('%s is refused by name in %j', (operator, filter) => {
    const refused = () => compileFilter(filter);
    expect(refused).toThrow(UnsupportedOperator);
    expect(refused).toThrow(operator);
    try {
      refused();
    } catch (error) {
      expect((error as UnsupportedOperator).operator).toBe(operator);
    }
  });
});

describe('a malformed filter', () => {
  const cycle: Record<string, unknown> = {};
  cycle.$and = [cycle];
  const ring: unknown[] = [];
  ring.push(ring);
  class Money {}

  it.each<[string, RegExp, unknown]>([
    ['no filter', /The filter must be an object/, undefined],
    ['null', /The filter must be an object/, null],
    ['an array', /The filter must be an object/, []],
    ['text', /The filter must be an object/, 'a'],
    ['a variable that is not set', /^status is undefined/, { status: undefined }],
    ['one deep inside', /^\$or\[1\]\.a\.\$in\[1\] is undefined/, { $or: [{}, { a: { $in: [1, undefined] } }] }],
    ['one in an object', /^a\.b\.c is undefined/, { a: { b: { c: undefined } } }],
    ['one in a comparison', /^a\.\$gt is undefined/, { a: { $gt: undefined } }],
    ['a hole in an array', /^a\[0\] is undefined/, { a: Array(2) }],
    ['$in without an array', /^a\.\$in takes an array/, { a: { $in: 'x' } }],
    ['$nin without an array', /^a\.\$nin takes an array/, { a: { $nin: { 0: 1 } } }],
    ['$all without an array', /^a\.\$all takes an array/, { a: { $all: 1 } }],
    ['$all with other operators', /^a\.\$all takes values/, { a: { $all: [{ $gt: 1 }] } }],
    ['$or without filters', /^\$or takes an array of at least one filter/, { $or: [] }],
    ['$and of a value', /^\$and\[0\] must be an object/, { $and: [1] }],
    ['$nor of an object', /^\$nor takes an array/, { $nor: {} }],
    ['a pattern that does not compile', /^a\.\$regex: Invalid regular expression/, { a: { $regex: '(' } }],
    ['a pattern of another type', /^a\.\$regex takes a string/, { a: { $regex: 5 } }],
    ['unknown options', /^a\.\$regex: 'x' holds flags/, { a: { $regex: 'a', $options: 'x' } }],
    ['a flag that remembers', /^a: 'g' holds flags/, { a: /x/g }],
    ['$options alone', /^a\.\$options stands beside \$regex only/, { a: { $options: 'i' } }],
    ['a comparison with a pattern', /^a\.\$gt is a regular expression/, { a: { $gt: /x/ } }],
    ['a pattern in an object', /^a\.b is a regular expression/, { a: { b: /x/ } }],
    ['$not of a value', /^a\.\$not takes operators/, { a: { $not: 5 } }],
    ['$elemMatch of a value', /^a\.\$elemMatch takes an object/, { a: { $elemMatch: 5 } }],
    ['$exists of text', /^a\.\$exists takes true or false/, { a: { $exists: 'no' } }],
    ['a type that JSON lacks', /^a\.\$type takes one or several of: null, number/, { a: { $type: 'date' } }],
    ['$size of a fraction', /^a\.\$size takes a whole number/, { a: { $size: 1.5 } }],
    ['a negative $size', /^a\.\$size takes a whole number/, { a: { $size: -1 } }],
    ['$mod by zero', /^a\.\$mod takes a divisor/, { a: { $mod: [0, 1] } }],
    ['$mod of one number', /^a\.\$mod takes a divisor/, { a: { $mod: [2] } }],
    ['$mod of text', /^a\.\$mod takes a divisor/, { a: { $mod: ['2', 0] } }],
    ['operators among fields', /^a mixes operators with the plain field 'b'/, { a: { $gt: 1, b: 2 } }],
    ['an operator inside a value', /^\$gt stands inside a value at a\.b/, { a: { b: { $gt: 1 } } }],
    ['an operator where filters stand', /^\$gt cannot stand here/, { $gt: 5 }],
    ['a combinator under a field', /^\$or cannot stand here/, { a: { $or: [{ $gt: 1 }] } }],
    ['NaN', /^a is NaN/, { a: NaN }],
    ['infinity', /^a\.\$lt is Infinity/, { a: { $lt: Infinity } }],
    ['a bigint', /^a is a bigint/, { a: 5n }],
    ['a function', /^a is a function/, { a: () => true }],
    ['a date', /^a\.\$gt is a Date/, { a: { $gt: new Date(0) } }],
    ['an instance', /^a is a Money/, { a: new Money() }],
    ['an empty path', /^'' is no path to a field/, { '': 1 }],
    ['a path with a gap', /^'a\.\.b' is no path to a field/, { 'a..b': 1 }],
    ['a path with a dollar sign', /^'a\.\$b' is no path to a field/, { 'a.$b': 1 }],
    ['a path to __proto__', /__proto__/, JSON.parse('{"__proto__":{"$gt":1}}')],
    ['a path through __proto__', /__proto__/, { 'a.__proto__.b': 1 }],
    ['a value with __proto__', /__proto__/, { a: JSON.parse('{"__proto__":1}') as unknown }],
    ['a cycle', /nested deeper than 100 levels/, cycle],
    ['a cycle in a value', /nested deeper than 100 levels/, { a: ring }],
  ])('is refused with its place and the rule: %s', (_, message, filter) => {
    let error: unknown;
    try {
      compileFilter(filter as Filter);
    } catch (thrown) {
      error = thrown;
    }
    expect([TypeError, RangeError, InvalidPattern]).toContain((error as Error | undefined)?.constructor);
    expect((error as Error).message).toMatch(message);
  });
});

describe('beside mingo as it comes', () => {
  const scalar = fc.oneof(
    fc.constantFrom(null, true, false, '', 'a', 'b', 0, 1, -1.5, '1'),
    fc.integer({ min: -3, max: 3 }),
  );
  const someObject = fc.dictionary(fc.constantFrom('x', 'y'), scalar, { maxKeys: 2, noNullPrototype: true });
  const array = fc.array(scalar, { maxLength: 3 });
  const body = fc.record(
    { a: fc.oneof(scalar, array), b: fc.oneof(scalar, array), o: someObject },
    { requiredKeys: [], noNullPrototype: true },
  );
  const comparison = fc.oneof(
    scalar,
    fc.record({ $ne: scalar }),
    fc.record({ $in: array }),
    fc.record({ $nin: array }),
    fc.record({ $gt: scalar.filter((value) => value !== null) }),
    fc.record({ $lte: scalar.filter((value) => value !== null) }),
    fc.record({ $exists: fc.boolean() }),
    fc.record({ $size: fc.nat(3) }),
    fc.record({ $elemMatch: fc.record({ $gt: fc.integer({ min: -3, max: 3 }) }) }),
    fc.constant({ $regex: '^a' }),
  );
  const { filter } = fc.letrec<{ filter: Record<string, unknown> }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small' },
      fc.dictionary(fc.constantFrom('a', 'b', 'o.x', 'o.y'), comparison, { maxKeys: 2, noNullPrototype: true }),
      fc.record({ $or: fc.array(tie('filter'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ $nor: fc.array(tie('filter'), { minLength: 1, maxLength: 2 }) }),
      fc.record({ a: fc.record({ $not: fc.record({ $lt: fc.integer({ min: -3, max: 3 }) }) }) }),
    ),
  }));

  it('gives the same answers for plain values, objects and arrays of plain values', () => {
    fc.assert(
      fc.property(filter, fc.array(body, { maxLength: 10 }), (someFilter, bodies) => {
        const matches = compileFilter(someFilter);
        const query = new Query(someFilter, {});
        for (const each of bodies) expect([each, matches(each as JsonObject)]).toEqual([each, query.test(each)]);
      }),
      { numRuns: 3_000 },
    );
  });
});
