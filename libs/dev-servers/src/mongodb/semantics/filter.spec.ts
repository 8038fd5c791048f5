import { describe, expect, it } from '@jest/globals';
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import type { BsonDocument } from './bson-document.js';
import { compileFilter } from './filter.js';
import { MongoDBError } from './mongodb-error.js';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const id = new ObjectId('507f1f77bcf86cd799439011');
const sameId = () => new ObjectId(id.toHexString());
const day = new Date('2024-05-01T00:00:00Z');

/** Filters with documents that they find, and documents that they do not. */
const cases: [string, BsonDocument, BsonDocument[], BsonDocument[]][] = [
  ['the empty filter', {}, [{}, { a: 1 }], []],
  [
    'numbers of any type by value',
    { a: new Int32(1) },
    [{ a: 1 }, { a: new Double(1) }, { a: Long.ONE }, { a: Decimal128.fromString('1.0') }, { a: [2, new Double(1)] }],
    [{ a: 2 }, { a: '1' }, { a: true }, { a: [[1]] }, {}],
  ],
  [
    'long numbers exactly',
    { a: Long.fromString('9007199254740993') },
    [{ a: Long.fromString('9007199254740993') }],
    [{ a: Long.fromString('9007199254740992') }, { a: new Double(9007199254740992) }],
  ],
  ['a double that no decimal of its text equals', { a: Decimal128.fromString('9.99') }, [], [{ a: new Double(9.99) }]],
  ['object ids', { _id: sameId() }, [{ _id: id }], [{ _id: new ObjectId() }, { _id: id.toHexString() }]],
  ['dates', { a: day }, [{ a: new Date(day) }], [{ a: new Date(0) }, { a: day.getTime() }]],
  [
    'bytes',
    { a: new Binary(Buffer.from('ab')) },
    [{ a: new Binary(Buffer.from('ab')) }],
    [{ a: new Binary(Buffer.from('ab'), 4) }],
  ],
  [
    'timestamps',
    { a: new Timestamp({ t: 1, i: 2 }) },
    [{ a: new Timestamp({ t: 1, i: 2 }) }],
    [{ a: new Timestamp({ t: 2, i: 1 }) }],
  ],
  [
    'documents as wholes, in their order',
    { a: { b: 1, c: 2 } },
    [{ a: { b: 1, c: 2 } }, { a: [{ b: 1, c: 2 }] }],
    [{ a: { c: 2, b: 1 } }, { a: { b: 1 } }],
  ],
  [
    'arrays as wholes and as elements',
    { a: [1, 2] },
    [{ a: [1, 2] }, { a: [[1, 2], 3] }],
    [{ a: [2, 1] }, { a: [1, 2, 3] }],
  ],
  ['null: also what is missing', { a: null }, [{ a: null }, {}, { a: [1, null] }], [{ a: 0 }, { a: [] }, { a: false }]],
  [
    'null at a path through a scalar',
    { 'a.b': null },
    [{ a: 5 }, {}, { a: {} }, { a: [{ b: 1 }, {}] }],
    [{ a: [] }, { a: [1] }, { a: { b: 1 } }],
  ],
  [
    'a database reference by equality',
    { a: { $ref: 'c', $id: 1 } },
    [{ a: { $ref: 'c', $id: 1 } }],
    [{ a: { $ref: 'c', $id: 2 } }],
  ],
  [
    '$eq with a pattern: only the pattern itself',
    { a: { $eq: new BSONRegExp('x') } },
    [{ a: new BSONRegExp('x') }],
    [{ a: 'x' }],
  ],
  ['$ne: also what is missing', { a: { $ne: 1 } }, [{ a: 2 }, {}, { a: [] }], [{ a: 1 }, { a: [2, 1] }]],
  [
    '$gt only within the type',
    { a: { $gt: 1 } },
    [{ a: 2 }, { a: Long.fromNumber(2) }, { a: [0, 5] }],
    [{ a: 1 }, { a: '2' }, { a: true }, { a: day }, {}],
  ],
  ['$gte with null', { a: { $gte: null } }, [{ a: null }, {}], [{ a: 1 }, { a: false }]],
  ['$gt with null', { a: { $gt: null } }, [], [{ a: null }, {}, { a: 1 }]],
  ['$lt with NaN', { a: { $lt: NaN } }, [], [{ a: 1 }, { a: NaN }]],
  ['$lte with NaN', { a: { $lte: NaN } }, [{ a: NaN }], [{ a: 1 }]],
  ['$lt does not find NaN', { a: { $lt: 1 } }, [{ a: 0 }], [{ a: NaN }]],
  ['$gt with the least key', { a: { $gt: new MinKey() } }, [{ a: 1 }, { a: null }, {}], [{ a: new MinKey() }]],
  ['$lt with the greatest key', { a: { $lt: new MaxKey() } }, [{ a: 1 }, { a: 'x' }, {}], [{ a: new MaxKey() }]],
  ['a range met by different elements', { a: { $gt: 1, $lt: 0 } }, [{ a: [5, -5] }], [{ a: [0.5] }]],
  ['strings by code points', { a: { $gt: '\uffff' } }, [{ a: '\u{10000}' }], [{ a: '\ue000' }]],
  ['dates in a range', { a: { $gte: day } }, [{ a: day }], [{ a: new Date(0) }]],
  [
    'documents in a range',
    { a: { $gt: { b: 1 } } },
    [{ a: { b: 2 } }, { a: { b: 1, c: 1 } }],
    [{ a: { b: 0 } }, { a: 5 }],
  ],
  [
    '$in with patterns and null',
    { a: { $in: [/^x/, null, 3] } },
    [{ a: 'xy' }, {}, { a: 3 }, { a: ['q', 'x'] }],
    [{ a: 'ax' }, { a: 4 }],
  ],
  ['$in with nothing', { a: { $in: [] } }, [], [{}, { a: 1 }]],
  [
    '$in with many',
    { a: { $in: Array.from({ length: 30 }, (_, n) => (n % 2 ? n : `s${n}`)) } },
    [{ a: 3 }, { a: Long.fromNumber(5) }, { a: 's4' }],
    [{ a: 4 }, { a: 's3' }, {}],
  ],
  ['$nin', { a: { $nin: [1, null] } }, [{ a: 2 }, { a: [] }], [{}, { a: 1 }, { a: [1] }, { a: null }]],
  ['$exists', { a: { $exists: true } }, [{ a: null }, { a: [] }], [{}]],
  [
    '$exists false, as a number',
    { 'a.b': { $exists: 0 } },
    [{}, { a: 1 }, { a: [] }, { a: [{ c: 1 }] }],
    [{ a: { b: null } }, { a: [{}, { b: 1 }] }],
  ],
  [
    '$type by name',
    { a: { $type: 'int' } },
    [{ a: new Int32(1) }, { a: ['x', 1] }],
    [{ a: new Double(1) }, { a: Long.ONE }, {}],
  ],
  ['$type by numbers', { a: { $type: [1, 18] } }, [{ a: new Double(1) }, { a: Long.ONE }], [{ a: 1 }]],
  ['$type number', { a: { $type: 'number' } }, [{ a: 1 }, { a: Decimal128.fromString('1') }], [{ a: '1' }]],
  ['$type array', { a: { $type: 'array' } }, [{ a: [] }, { a: [1] }], [{ a: 1 }]],
  ['$type null does not find what is missing', { a: { $type: 'null' } }, [{ a: null }], [{}]],
  [
    '$mod',
    { a: { $mod: [4, 0] } },
    [{ a: 8 }, { a: 8.9 }, { a: Long.fromNumber(4) }, { a: 0 }],
    [{ a: 6 }, { a: null }, { a: '4' }, { a: NaN }, { a: 1e300 }],
  ],
  ['$mod of negative numbers', { a: { $mod: [3, -1] } }, [{ a: -4 }], [{ a: 2 }]],
  ['$regex', { a: { $regex: '^A', $options: 'i' } }, [{ a: 'abc' }, { a: ['x', 'A'] }], [{ a: 'xa' }, { a: 5 }, {}]],
  ['a pattern as a value', { a: new BSONRegExp('b$') }, [{ a: 'ab' }, { a: new BSONRegExp('b$') }], [{ a: 'ba' }]],
  ['a pattern over lines', { a: { $regex: '^b', $options: 'm' } }, [{ a: 'a\nb' }], [{ a: 'ab' }]],
  ['an extended pattern', { a: { $regex: 'a b # comment\n c', $options: 'x' } }, [{ a: 'abc' }], [{ a: 'a b c' }]],
  ["PCRE's own anchors and flags", { a: new BSONRegExp('(?i)\\Aab\\z') }, [{ a: 'AB' }], [{ a: 'xab' }, { a: 'ab\n' }]],
  ['a pattern with needless escapes', { a: new BSONRegExp('a\\-b\\@c{d') }, [{ a: 'a-b@c{d' }], [{ a: 'ab' }]],
  ['$not with a pattern', { a: { $not: /x/ } }, [{ a: 'a' }, {}, { a: 5 }], [{ a: 'xx' }]],
  ['$not with operators', { a: { $not: { $gt: 5 } } }, [{ a: 5 }, {}, { a: 'x' }], [{ a: 6 }, { a: [1, 6] }]],
  ['$size', { a: { $size: 2 } }, [{ a: [1, 2] }, { a: [[], []] }], [{ a: [1] }, { a: 2 }, {}, { a: [[1, 2]] }]],
  ['$all', { a: { $all: [1, 'x'] } }, [{ a: ['x', 1, 2] }], [{ a: [1] }, { a: 1 }]],
  ['$all with one, as a scalar', { a: { $all: [1] } }, [{ a: 1 }, { a: [1] }], [{ a: [[1]] }]],
  ['$all with an array', { a: { $all: [['x']] } }, [{ a: ['x'] }, { a: [['x'], 1] }], [{ a: 'x' }]],
  ['$all with nothing', { a: { $all: [] } }, [], [{ a: [] }, {}]],
  [
    '$all with $elemMatch',
    { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
    [{ a: [{ b: 1 }, { b: 2 }] }],
    [{ a: [{ b: 1 }] }],
  ],
  [
    '$elemMatch with operators: one element meets all',
    { a: { $elemMatch: { $gt: 1, $lt: 3 } } },
    [{ a: [2] }],
    [{ a: [0, 5] }, { a: 2 }, { a: [[2]] }],
  ],
  [
    '$elemMatch with a filter',
    { a: { $elemMatch: { b: 1, c: { $gt: 1 } } } },
    [{ a: [{ b: 1, c: 2 }] }],
    [{ a: [{ b: 1 }, { c: 2 }] }, { a: { b: 1, c: 2 } }, { a: [1] }],
  ],
  [
    '$elemMatch with $or',
    { a: { $elemMatch: { $or: [{ b: 1 }, { b: 2 }] } } },
    [{ a: [{ b: 2 }] }],
    [{ a: [{ b: 3 }] }],
  ],
  [
    '$elemMatch in arrays of arrays',
    { a: { $elemMatch: { $elemMatch: { $gt: 1 } } } },
    [{ a: [[0, 2]] }],
    [{ a: [2] }, { a: [[0]] }],
  ],
  [
    '$elemMatch with positions as names',
    { a: { $elemMatch: { 0: 1 } } },
    [{ a: [[1, 2]] }],
    [{ a: [[2, 1]] }, { a: [1] }],
  ],
  [
    'a path through arrays',
    { 'a.b': 2 },
    [{ a: { b: 2 } }, { a: [{ b: 1 }, { b: [3, 2] }] }],
    [{ a: [[{ b: 2 }]] }, { a: 2 }],
  ],
  [
    'a path with a position',
    { 'a.1': 5 },
    [{ a: [1, 5] }, { a: { 1: 5 } }, { a: [{ 1: 5 }] }],
    [{ a: [5, 1] }, { a: [1, [5]] }],
  ],
  ['a path with a position in it', { 'a.0.b': 1 }, [{ a: [{ b: 1 }, { b: 2 }] }], [{ a: [{ b: 2 }, { b: 1 }] }]],
  ['a path through an array of arrays by position', { 'a.0.1': 2 }, [{ a: [[1, 2]] }], [{ a: [[2, 1]] }]],
  ['$and and $or', { $and: [{ a: 1 }, { $or: [{ b: 1 }, { b: 2 }] }] }, [{ a: 1, b: 2 }], [{ a: 1, b: 3 }, { b: 1 }]],
  ['$nor', { $nor: [{ a: 1 }, { b: 1 }] }, [{ a: 2 }, {}], [{ a: 1 }, { b: 1 }]],
  ['$comment', { $comment: 'why', a: { $eq: 1, $comment: 'too' } }, [{ a: 1 }], [{ a: 2 }]],
  ['$expr', { $expr: { $gt: ['$spent', '$budget'] } }, [{ spent: 5, budget: 3 }], [{ spent: 1, budget: 3 }]],
  ['$expr with a number', { $expr: '$a' }, [{ a: 1 }, { a: '' }], [{ a: 0 }, {}, { a: null }]],
  [
    '$bitsAllSet',
    { a: { $bitsAllSet: [0, 2] } },
    [{ a: 5 }, { a: new Double(7) }, { a: new Binary(Buffer.of(5)) }, { a: -1 }],
    [{ a: 4 }, { a: 5.5 }, { a: '5' }],
  ],
  ['$bitsAnyClear', { a: { $bitsAnyClear: 3 } }, [{ a: 1 }, { a: 0 }], [{ a: 3 }, { a: 7 }]],
  ['$bitsAllClear', { a: { $bitsAllClear: new Binary(Buffer.of(6)) } }, [{ a: 1 }, { a: 8 }], [{ a: 2 }]],
  ['$bitsAnySet', { a: { $bitsAnySet: 6 } }, [{ a: 2 }, { a: Long.fromNumber(4) }], [{ a: 1 }]],
  ['fields of prototypes', { constructor: null }, [{}], [{ constructor: 1 }]],
];

describe('a filter', () => {
  it.each(cases)('finds %s', (_, filter, found, missed) => {
    const matches = compileFilter(filter);
    expect(found.filter((document) => !matches(document))).toEqual([]);
    expect(missed.filter((document) => matches(document))).toEqual([]);
  });

  it.each<[BsonDocument, unknown[], unknown[]]>([
    [{ bsonType: 'int' }, [1, new Int32(5)], [new Double(1), 'x', null]],
    [{ bsonType: ['string', 'null'] }, ['x', null], [1]],
    [{ type: 'number' }, [1, Long.ONE], ['1']],
    [{ enum: ['a', 1] }, ['a', new Double(1)], ['b']],
    [{ minimum: 1, maximum: 3, exclusiveMaximum: true }, [1, 2.5, 'x'], [0, 3]],
    [{ multipleOf: new Double(0.5) }, [1, 1.5], [1.2]],
    [{ minLength: 2, maxLength: 3, pattern: '^a' }, ['ab', 'a😀b', 5], ['a', 'abcd', 'bb']],
    [
      { minItems: 1, maxItems: 2, uniqueItems: true, items: { bsonType: 'int' } },
      [[1], [1, 2], 'x'],
      [[], [1, 2, 3], [1, 1], ['x']],
    ],
    [{ items: [{ bsonType: 'int' }], additionalItems: false }, [[1], []], [['x'], [1, 2]]],
    [
      { bsonType: 'object', required: ['x'], properties: { x: { bsonType: 'int' } } },
      [{ x: 1 }, { x: 1, y: 2 }],
      [{}, { x: 'a' }, 5],
    ],
    [
      { properties: { x: {} }, patternProperties: { '^p': { type: 'string' } }, additionalProperties: false },
      [{ x: 1, p1: 'a' }, {}],
      [{ y: 1 }, { p1: 1 }],
    ],
    [{ additionalProperties: { bsonType: 'int' } }, [{ x: 1 }], [{ x: 'a' }]],
    [{ minProperties: 1, maxProperties: 1 }, [{ x: 1 }], [{}, { x: 1, y: 1 }]],
    [
      { dependencies: { x: ['y'], z: { properties: { y: { type: 'string' } } } } },
      [{}, { x: 1, y: 2 }, { z: 1, y: 'a' }],
      [{ x: 1 }, { z: 1, y: 1 }],
    ],
    [{ anyOf: [{ bsonType: 'int' }, { bsonType: 'string' }] }, [1, 'x'], [true]],
    [{ oneOf: [{ minimum: 1 }, { minimum: 5 }] }, [1], [6, 0]],
    [{ allOf: [{ minimum: 1 }, { maximum: 5 }], title: 't', description: 'd' }, [3], [0, 6]],
    [{ not: { bsonType: 'int' } }, ['x'], [1]],
  ])('$jsonSchema takes what is of %j', (schema, taken, refused) => {
    const matches = compileFilter({ $jsonSchema: { properties: { a: schema } } });
    expect(taken.filter((a) => !matches({ a }))).toEqual([]);
    expect(refused.filter((a) => matches({ a }))).toEqual([]);
    expect(matches({})).toBe(true);
  });

  it('$sampleRate takes about so many', () => {
    const some = compileFilter({ $sampleRate: 0.5 });
    const taken = Array.from({ length: 1000 }, () => some({})).filter(Boolean).length;
    expect(taken).toBeGreaterThan(350);
    expect(taken).toBeLessThan(650);
  });

  it('takes variables in $expr', () => {
    const matches = compileFilter({ $expr: { $eq: ['$a', '$$wanted'] } }, { variables: { wanted: 3 } });
    expect([matches({ a: 3 }), matches({ a: 4 })]).toEqual([true, false]);
  });

  it.each<[BsonDocument, number | undefined]>([
    [{ a: 2 }, 1],
    [{ a: { $gt: 2 } }, 2],
    [{ 'b.c': 5 }, 1],
    [{ b: { $elemMatch: { c: 5 } } }, 1],
    [{ 'b.c': 7, a: 1 }, 0],
    [{ 'b.1.c': 4 }, 0],
    [{ 'b.2.c': 7 }, undefined],
    [{ 'a.1': 2 }, undefined],
    [{ $or: [{ a: 9 }, { a: 3 }] }, 2],
    [{ d: 1 }, undefined],
    [{ a: 9 }, undefined],
    [{ a: { $ne: 9 } }, undefined],
    [{}, undefined],
  ])('tells the position by which %j matches', (filter, position) => {
    const document = { a: [1, 2, 3], b: [{ c: 1 }, { c: [4, 5] }, { c: 7 }], d: 1 };
    expect(compileFilter(filter).position(document)).toBe(position);
  });

  it.each<[BsonDocument, number, string]>([
    [{ $foo: 1 }, 2, 'unknown top level operator: $foo'],
    [{ a: { $foo: 1 } }, 2, 'unknown operator: $foo'],
    [{ a: { $gt: 1, b: 1 } }, 2, 'unknown operator: b'],
    [{ $and: [] }, 2, '$and must be a nonempty array'],
    [{ $or: {} }, 2, '$or must be an array'],
    [{ $or: [1] }, 2, "$or argument's entries must be objects"],
    [{ a: { $in: 1 } }, 2, '$in needs an array'],
    [{ a: { $nin: 1 } }, 2, '$nin needs an array'],
    [{ a: { $in: [{ $gt: 1 }] } }, 2, 'cannot nest $ under $in'],
    [{ a: { $ne: /x/ } }, 2, "Can't have regex as arg to $ne."],
    [{ a: { $gt: /x/ } }, 2, "Can't have RegEx as arg to predicate over field 'a'."],
    [{ a: { $not: 1 } }, 2, '$not needs a regex or a document'],
    [{ a: { $not: {} } }, 2, '$not cannot be empty'],
    [{ a: { $size: -1 } }, 2, 'Failed to parse $size'],
    [{ a: { $size: 1.5 } }, 2, 'Failed to parse $size'],
    [{ a: { $mod: [0, 1] } }, 2, 'divisor cannot be 0'],
    [{ a: { $mod: [2] } }, 2, 'malformed mod, not enough elements'],
    [{ a: { $all: 1 } }, 2, '$all needs an array'],
    [{ a: { $all: [{ $gt: 1 }] } }, 2, 'no $ expressions in $all'],
    [{ a: { $elemMatch: 1 } }, 2, '$elemMatch needs an Object'],
    [{ a: { $type: 'nonsense' } }, 2, 'Unknown type name alias: nonsense'],
    [{ a: { $type: 99 } }, 2, 'Invalid numerical type code: 99'],
    [{ a: { $regex: '(' } }, 51091, 'Regular expression is invalid'],
    [{ a: { $regex: 'a', $options: 'q' } }, 51108, 'invalid flag in regex options: q'],
    [{ a: { $options: 'i' } }, 2, '$options needs a $regex'],
    [{ a: { $regex: 5 } }, 2, '$regex has to be a string'],
    [{ a: { $bitsAllSet: 'x' } }, 2, '$bitsAllSet takes'],
    [{ $where: 'true' }, 238, '$where is not supported'],
    [{ $text: { $search: 'x' } }, 238, '$text is not supported'],
    [{ $jsonSchema: 5 }, 14, '$jsonSchema must be an object'],
    [{ $jsonSchema: { format: 'x' } }, 9, "$jsonSchema keyword 'format' is not currently supported"],
    [{ $jsonSchema: { foo: 1 } }, 9, "$jsonSchema keyword 'foo' is unknown"],
    [{ $jsonSchema: { type: 'integer' } }, 9, "$jsonSchema type 'integer' is not currently supported."],
    [{ $jsonSchema: { required: [] } }, 9, "$jsonSchema keyword 'required' cannot be an empty array"],
    [{ $jsonSchema: { properties: { a: { minLength: -1 } } } }, 9, 'must be a non-negative integer'],
    [{ $jsonSchema: { exclusiveMinimum: true } }, 9, "keyword 'minimum' must be a present"],
    [{ $sampleRate: 2 }, 2, 'argument to $sampleRate'],
    [{ a: { $near: [1, 2] } }, 238, '$near is not supported'],
    [{ $expr: { $foo: 1 } }, 168, "Unrecognized expression '$foo'"],
    [{ $expr: { $function: { body: '', args: [], lang: 'js' } } }, 238, '$function is not supported'],
    [{ a: { $elemMatch: { $expr: true } } }, 224, '$expr can only be applied to the top-level document'],
  ])('%j is refused with code %i', (filter, code, message) => {
    const compiled = () => compileFilter(filter);
    expect(compiled).toThrow(MongoDBError);
    expect(thrown(compiled)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('refuses to be nested without end', () => {
    let filter: BsonDocument = { a: 1 };
    for (let depth = 0; depth < 200; depth += 1) filter = { $and: [filter] };
    expect(() => compileFilter(filter)).toThrow('exceeded maximum query tree depth');
  });
});

/** Strings and numbers, alone or in an array, and what they mean said plainly. */
const plain = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'b', 'c'));
const held = fc.oneof(plain, fc.array(plain, { maxLength: 3 }), fc.constant(undefined));

const each = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value]);

const operators: Record<string, (value: unknown, operand: string | number) => boolean> = {
  $eq: (value, operand) => each(value).includes(operand),
  $ne: (value, operand) => !each(value).includes(operand),
  $gt: (value, operand) =>
    each(value).some((one) => typeof one === typeof operand && (one as number) > (operand as number)),
  $gte: (value, operand) =>
    each(value).some((one) => typeof one === typeof operand && (one as number) >= (operand as number)),
  $lt: (value, operand) =>
    each(value).some((one) => typeof one === typeof operand && (one as number) < (operand as number)),
  $lte: (value, operand) =>
    each(value).some((one) => typeof one === typeof operand && (one as number) <= (operand as number)),
  $nin: (value, operand) => !each(value).includes(operand),
  $in: (value, operand) => each(value).includes(operand),
};

const condition = fc.record({
  path: fc.constantFrom('a', 'b'),
  operator: fc.constantFrom(...Object.keys(operators)),
  operand: plain,
  not: fc.boolean(),
});

/** Whole numbers as each of the types that can hold them. */
const typed = (value: unknown, type: number): unknown => {
  if (Array.isArray(value)) return value.map((one) => typed(one, type));
  if (typeof value !== 'number') return value;
  return [new Int32(value), new Double(value), Long.fromNumber(value), Decimal128.fromString(String(value)), value][
    type % 5
  ];
};

describe('filters of random conditions', () => {
  it('say what the conditions say, whatever the types of the numbers', () => {
    fc.assert(
      fc.property(
        fc.record({ a: held, b: held }),
        fc.array(condition, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('$and', '$or', '$nor'),
        fc.nat(4),
        fc.nat(4),
        (fields, conditions, logic, stored, asked) => {
          const document = Object.fromEntries(
            Object.entries(fields)
              .filter(([, value]) => value !== undefined)
              .map(([name, value]) => [name, typed(value, stored)]),
          );
          const holds = conditions.map(
            ({ path, operator, operand, not }) => operators[operator]!(fields[path as 'a'], operand) !== not,
          );
          const filter = {
            [logic]: conditions.map(({ path, operator, operand, not }) => {
              const value = typed(operand, asked);
              const asked1 = { [operator]: operator.endsWith('in') ? [value] : value };
              return { [path]: not ? { $not: asked1 } : asked1 };
            }),
          };
          const expected = logic === '$and' ? holds.every(Boolean) : holds.some(Boolean) === (logic === '$or');
          expect(compileFilter(filter)(document)).toBe(expected);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
