import { describe, expect, it } from '@jest/globals';
import { BSONRegExp, Decimal128, Double, Int32, Long, ObjectId, serialize, Timestamp } from 'bson';
import fc from 'fast-check';
import { readDocument, type BsonDocument } from './bson-document.js';
import { MongoDBError } from './mongodb-error.js';
import { compileUpdate, type UpdateOptions } from './update.js';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** As it would be read again: every number with its type. */
const stored = (document: BsonDocument) => readDocument(serialize(document, { ignoreUndefined: true }));

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !('_bsontype' in value)) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

/** What becomes of a document, which must not be touched. */
function updated(before: BsonDocument, update: unknown, options: UpdateOptions = {}): BsonDocument {
  return stored(compileUpdate(update, options).apply(frozen(before)).document);
}

const withId = (document: BsonDocument): BsonDocument => ({ _id: 1, ...document });

const long = (value: number | string) => Long.fromString(String(value));
const decimal = (value: string) => Decimal128.fromString(value);
const now = new Date('2024-05-01T12:00:00Z');

const cases: [string, BsonDocument, BsonDocument, BsonDocument][] = [
  ['$set of a new field, behind the others', { b: 1 }, { $set: { a: 2 } }, { b: 1, a: 2 }],
  ['$set of a field, in its place', { a: 1, b: 1 }, { $set: { a: 'x' } }, { a: 'x', b: 1 }],
  [
    '$set of new fields, in the order of their names',
    {},
    { $set: { c: 1, b: 2, a10: 3, 'd.10': 1, 'd.9': 2 } },
    { a10: 3, b: 2, c: 1, d: { 9: 2, 10: 1 } },
  ],
  ['$set in documents that are not there', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  ['$set in an array by position', { a: [1, 2] }, { $set: { 'a.1': 5 } }, { a: [1, 5] }],
  ['$set behind the end of an array', { a: [1] }, { $set: { 'a.3': 5 } }, { a: [1, null, null, 5] }],
  [
    '$set in a document in an array',
    { a: [{ b: 1 }] },
    { $set: { 'a.0.b': 2, 'a.1.c': 3 } },
    { a: [{ b: 2 }, { c: 3 }] },
  ],
  ['$set of a number as a name', { a: {} }, { $set: { 'a.0': 5 } }, { a: { 0: 5 } }],
  ['$unset', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': 1, x: 1, 'b.e.f': 1 } }, { b: { d: 2 } }],
  ['$unset of an element', { a: [1, 2, 3] }, { $unset: { 'a.1': 1 } }, { a: [1, null, 3] }],
  ['$unset through a scalar', { a: 1 }, { $unset: { 'a.b': 1 } }, { a: 1 }],
  ['$inc', { a: 1, b: 1.5 }, { $inc: { a: 2, b: 1, c: 5, 'd.e': -1 } }, { a: 3, b: 2.5, c: 5, d: { e: -1 } }],
  ['$inc past 32 bits', { a: 2147483647 }, { $inc: { a: 1 } }, { a: long('2147483648') }],
  ['$inc of a long', { a: long(1) }, { $inc: { a: 1 } }, { a: long(2) }],
  ['$inc of an int by a double', { a: 1 }, { $inc: { a: new Double(1) } }, { a: new Double(2) }],
  [
    '$inc with a decimal',
    { a: 1, b: new Double(0.1) },
    { $inc: { a: decimal('0.10'), b: decimal('0.2') } },
    { a: decimal('1.10'), b: decimal('0.300000000000000') },
  ],
  [
    '$inc of a large long, exactly',
    { a: long('9007199254740993') },
    { $inc: { a: 2 } },
    { a: long('9007199254740995') },
  ],
  [
    '$mul',
    { a: 3, b: long(2) },
    { $mul: { a: 2, b: new Double(1.5), c: 5, d: long(2), e: new Double(2), f: decimal('2') } },
    { a: 6, b: new Double(3), c: 0, d: long(0), e: new Double(0), f: decimal('0') },
  ],
  ['$mul past 32 bits', { a: 2147483647 }, { $mul: { a: 2 } }, { a: long('4294967294') }],
  [
    '$min and $max',
    { a: 5, b: 5, c: 5, d: 5 },
    { $min: { a: 3, b: 7, e: 1 }, $max: { c: 7, d: 3, f: 1 } },
    { a: 3, b: 5, c: 7, d: 5, e: 1, f: 1 },
  ],
  [
    '$min and $max across types',
    { a: 5, b: 5, c: null },
    { $min: { a: 'x', c: 1 }, $max: { b: 'x' } },
    { a: 5, b: 'x', c: null },
  ],
  ['$max of an equal number, which stays as it is', { a: 5 }, { $max: { a: new Double(5) } }, { a: 5 }],
  ['$rename', { a: 1, b: 2 }, { $rename: { a: 'c' } }, { b: 2, c: 1 }],
  ['$rename to a name that is taken', { a: 1, b: 2, c: 3 }, { $rename: { a: 'b' } }, { b: 1, c: 3 }],
  [
    '$rename into a document',
    { a: 1, b: { c: 2 } },
    { $rename: { a: 'd.e', 'b.c': 'f' } },
    { b: {}, d: { e: 1 }, f: 2 },
  ],
  ['$rename of what is not there', { a: 1 }, { $rename: { x: 'y' } }, { a: 1 }],
  [
    '$currentDate',
    {},
    { $currentDate: { a: true, b: { $type: 'date' }, c: { $type: 'timestamp' } } },
    { a: now, b: now, c: new Timestamp({ t: now.getTime() / 1000, i: 1 }) },
  ],
  ['$setOnInsert', { a: 1 }, { $setOnInsert: { b: 1 } }, { a: 1 }],
  ['$push', { a: [1] }, { $push: { a: 2, b: 'x', c: [1] } }, { a: [1, 2], b: ['x'], c: [[1]] }],
  ['$push of many', { a: [1] }, { $push: { a: { $each: [2, 3] } } }, { a: [1, 2, 3] }],
  ['$push at a position', { a: [1, 4] }, { $push: { a: { $each: [2, 3], $position: 1 } } }, { a: [1, 2, 3, 4] }],
  [
    '$push at a position from the end',
    { a: [1, 4] },
    { $push: { a: { $each: [2], $position: -1 } } },
    { a: [1, 2, 4] },
  ],
  ['$push behind the end', { a: [1] }, { $push: { a: { $each: [2], $position: 9 } } }, { a: [1, 2] }],
  ['$push with $slice', { a: [1, 2] }, { $push: { a: { $each: [3], $slice: -2 } } }, { a: [2, 3] }],
  ['$push with $slice from the beginning', { a: [1, 2] }, { $push: { a: { $each: [3], $slice: 1 } } }, { a: [1] }],
  ['$push with $slice to nothing', { a: [1, 2] }, { $push: { a: { $each: [3], $slice: 0 } } }, { a: [] }],
  ['$push with $sort', { a: [3, 1] }, { $push: { a: { $each: [2], $sort: 1 } } }, { a: [1, 2, 3] }],
  [
    '$push with $sort by a field, then $slice',
    { a: [{ n: 2 }, { n: 1 }] },
    { $push: { a: { $each: [{ n: 3 }], $sort: { n: -1 }, $slice: 2 } } },
    { a: [{ n: 3 }, { n: 2 }] },
  ],
  ['$push with nothing but $sort', { a: [2, 'x', 1] }, { $push: { a: { $each: [], $sort: -1 } } }, { a: ['x', 2, 1] }],
  ['$addToSet', { a: [1] }, { $addToSet: { a: 2, b: 1 } }, { a: [1, 2], b: [1] }],
  [
    '$addToSet of what is there',
    { a: [1, { b: 1, c: 1 }] },
    { $addToSet: { a: { $each: [new Double(1), { b: 1, c: 1 }] } } },
    { a: [1, { b: 1, c: 1 }] },
  ],
  [
    '$addToSet of documents with another order of fields',
    { a: [{ b: 1, c: 1 }] },
    { $addToSet: { a: { c: 1, b: 1 } } },
    {
      a: [
        { b: 1, c: 1 },
        { c: 1, b: 1 },
      ],
    },
  ],
  ['$addToSet of many, alike among them', { a: [1] }, { $addToSet: { a: { $each: [2, 2, 3, 1] } } }, { a: [1, 2, 3] }],
  ['$addToSet of an array as one', { a: [1] }, { $addToSet: { a: [2, 3] } }, { a: [1, [2, 3]] }],
  ['$pop', { a: [1, 2, 3], b: [1, 2] }, { $pop: { a: 1, b: -1, c: 1 } }, { a: [1, 2], b: [2] }],
  ['$pop of nothing', { a: [] }, { $pop: { a: 1 } }, { a: [] }],
  ['$pull of a value', { a: [1, 2, 1] }, { $pull: { a: new Double(1) } }, { a: [2] }],
  ['$pull by conditions', { a: [1, 5, 9, 'x'] }, { $pull: { a: { $gte: 5 } } }, { a: [1, 'x'] }],
  ['$pull by $in', { a: ['x', 'y', 'z'] }, { $pull: { a: { $in: ['x', 'z'] } } }, { a: ['y'] }],
  ['$pull by a pattern', { a: ['ab', 'cd', 5] }, { $pull: { a: new BSONRegExp('^a') } }, { a: ['cd', 5] }],
  [
    '$pull of documents by some of their fields',
    { a: [{ b: 1, c: 2 }, { b: 2 }, 1] },
    { $pull: { a: { b: { $lt: 2 } } } },
    { a: [{ b: 2 }, 1] },
  ],
  ['$pull of an array', { a: [[1, 2], [1], 1] }, { $pull: { a: [1] } }, { a: [[1, 2], 1] }],
  [
    '$pull by $elemMatch',
    { a: [{ r: [{ q: 1 }] }, { r: [{ q: 2 }] }] },
    { $pull: { a: { r: { $elemMatch: { q: 2 } } } } },
    { a: [{ r: [{ q: 1 }] }] },
  ],
  ['$pull where there is nothing', { b: 1 }, { $pull: { a: 1, 'c.d': 1 } }, { b: 1 }],
  ['$pullAll', { a: [1, 2, 3, 2] }, { $pullAll: { a: [2, 3] } }, { a: [1] }],
  [
    '$bit',
    { a: 13, b: 1, c: long(3) },
    { $bit: { a: { and: 10 }, b: { or: 4 }, c: { xor: 5 }, d: { or: 6 } } },
    { a: 8, b: 5, c: long(6), d: 6 },
  ],
  ['$[]', { a: [1, 2] }, { $inc: { 'a.$[]': 10 } }, { a: [11, 12] }],
  ['$[] in documents', { a: [{ b: 1 }, {}] }, { $set: { 'a.$[].b': 5 } }, { a: [{ b: 5 }, { b: 5 }] }],
  ['$[] in $[]', { a: [[1], [2, 3]] }, { $mul: { 'a.$[].$[]': 2 } }, { a: [[2], [4, 6]] }],
  [
    'several operators',
    { a: 1, b: [1] },
    { $inc: { a: 1 }, $push: { b: 2 }, $set: { c: 1 }, $unset: { d: 1 } },
    { a: 2, b: [1, 2], c: 1 },
  ],
  ['operators without fields', { a: 1 }, { $set: {} }, { a: 1 }],
];

describe('update operators', () => {
  it.each(cases)('%s', (_, before, update, after) => {
    expect(updated(withId(before), update, { now })).toStrictEqual(stored(withId(after)));
    expect(Object.keys(updated(withId(before), update, { now }))).toStrictEqual(Object.keys(withId(after)));
  });

  it.each<[BsonDocument, BsonDocument]>([
    [{ a: 1 }, { $set: { a: 1 } }],
    [{ a: { b: [1, 'x'] } }, { $set: { a: { b: [1, 'x'] } } }],
    [{ a: 1 }, { $inc: { a: 0 } }],
    [{ a: 1 }, { $unset: { b: 1 } }],
    [{ a: 1 }, { $max: { a: 0 } }],
    [{ a: [1] }, { $addToSet: { a: 1 } }],
    [{ a: [1] }, { $pull: { a: 2 } }],
    [{ a: [] }, { $pop: { a: 1 } }],
    [{ a: [1, 2] }, { $push: { a: { $each: [], $sort: 1 } } }],
    [{ a: 1 }, { $rename: { b: 'c' } }],
    [{ a: 1 }, { $set: { _id: 1 } }],
    [{ a: 1 }, { a: 1 }],
    [{ a: 1 }, [{ $set: { a: 1 } }] as never],
  ])('nothing is modified in %j by %j', (before, update) => {
    const document = withId(before);
    expect(compileUpdate(update).apply(document)).toStrictEqual({ document, modified: false });
  });

  it('another type of the same number is a modification', () => {
    expect(compileUpdate({ $set: { a: new Double(1) } }).apply({ _id: 1, a: new Int32(1) }).modified).toBe(true);
  });
});

describe('positions in updates', () => {
  const grades = { _id: 1, grades: [{ grade: 80 }, { grade: 85 }, { grade: 90 }], n: [1, 5, 9] };

  it('$ is the element by which the filter matched', () => {
    expect(updated(grades, { $set: { 'grades.$.std': 6 } }, { filter: { 'grades.grade': 85 } })).toStrictEqual(
      stored({ ...grades, grades: [{ grade: 80 }, { grade: 85, std: 6 }, { grade: 90 }] }),
    );
    expect(updated(grades, { $inc: { 'n.$': 1 } }, { filter: { n: { $elemMatch: { $gt: 5 } } } })['n']).toStrictEqual(
      stored({ n: [1, 5, 10] })['n'],
    );
  });

  it('$ is refused when the filter matched by no array', () => {
    const update = compileUpdate({ $set: { 'n.$': 1 } }, { filter: { _id: 1 } });
    expect(() => update.apply(grades)).toThrow('The positional operator did not find the match needed from the query.');
    expect(() => update.upsert()).toThrow('The positional operator did not find the match needed from the query.');
  });

  it('$[identifier] are the elements that an array filter takes', () => {
    const arrayFilters = [{ 'g.grade': { $gte: 85 } }, { m: { $lt: 5 } }];
    expect(updated(grades, { $set: { 'grades.$[g].grade': 100, 'n.$[m]': 0 } }, { arrayFilters })).toStrictEqual(
      stored({ _id: 1, grades: [{ grade: 80 }, { grade: 100 }, { grade: 100 }], n: [0, 5, 9] }),
    );
  });

  it('array filters may have several conditions of one identifier', () => {
    const arrayFilters = [{ $or: [{ 'g.grade': 80 }, { 'g.grade': 90 }] }];
    expect(updated(grades, { $unset: { 'grades.$[g].grade': 1 } }, { arrayFilters })['grades']).toStrictEqual(
      stored({ a: [{}, { grade: 85 }, {}] })['a'],
    );
  });

  it.each<[BsonDocument, BsonDocument[], number, string]>([
    [{ $set: { 'n.$[x]': 1 } }, [], 2, "No array filter found for identifier 'x' in path 'n.$[x]'"],
    [
      { $set: { n: 1 } },
      [{ x: 1 }],
      9,
      "The array filter for identifier 'x' was not used in the update { $set: { n: 1 } }",
    ],
    [{ $set: { 'n.$[x]': 1 } }, [{ $expr: true }], 224, '$expr'],
    [{ $set: { 'n.$[x]': 1 } }, [{ $alwaysTrue: 1 }], 9, 'without a top-level field name'],
    [{ $set: { 'n.$[x]': 1 } }, ['bad' as never], 14, 'array filters must be objects'],
    [
      { $set: { 'n.$[x]': 1 } },
      [{ x: 1 }, { x: 2 }],
      9,
      'Found multiple array filters with the same top-level field name x',
    ],
    [{ $set: { 'n.$[x]': 1 } }, [{ x: 1, y: 2 }], 9, 'Expected a single top-level field name'],
    [{ $set: { 'n.$[X]': 1 } }, [{ X: 1 }], 2, 'beginning with a lowercase letter'],
    [{ $set: { 'n.$[x]': 1 } }, [{}], 9, 'without a top-level field name'],
  ])('%j with array filters %j is refused with code %i', (update, arrayFilters, code, message) => {
    expect(thrown(() => compileUpdate(update, { arrayFilters }))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it.each<[BsonDocument, BsonDocument, string]>([
    [{}, { $set: { 'a.$[]': 1 } }, "The path 'a' must exist in the document in order to apply array updates."],
    [{ a: 1 }, { $set: { 'a.$[]': 1 } }, 'Cannot apply array updates to non-array element a'],
  ])('on %j, %j is refused', (before, update, message) => {
    expect(thrown(() => updated(withId(before), update))).toMatchObject({ code: 2, message });
  });

  it('two operators that meet at an element conflict', () => {
    const update = { $set: { 'grades.$[i].x': 1, 'grades.$[j].x': 2 } };
    const filters = (i: number, j: number) => ({ arrayFilters: [{ 'i.grade': i }, { 'j.grade': j }] });
    expect(updated(grades, update, filters(80, 90))['grades']).toStrictEqual(
      stored({ a: [{ grade: 80, x: 1 }, { grade: 85 }, { grade: 90, x: 2 }] })['a'],
    );
    expect(thrown(() => updated(grades, update, filters(80, 80)))).toMatchObject({
      code: 40,
      message: "Update created a conflict at 'grades.0.x'",
    });
  });
});

describe('what updates refuse', () => {
  it.each<[unknown, number, string]>([
    [{ $foo: { a: 1 } }, 9, 'Unknown modifier: $foo'],
    [{ $set: { a: 1 }, b: 1 }, 9, 'Unknown modifier: b'],
    [{ a: 1, $set: { b: 1 } }, 52, "The dollar ($) prefixed field '$set'"],
    [{ $set: 5 }, 9, 'Modifiers operate on fields but we found type int instead.'],
    [5, 9, 'Update argument must be either an object or an array'],
    [{ $set: { a: 1 }, $inc: { a: 1 } }, 40, "Updating the path 'a' would create a conflict at 'a'"],
    [{ $set: { 'a.b': 1, a: 1 } }, 40, "Updating the path 'a' would create a conflict at 'a'"],
    [{ $set: { a: 1, 'a.b': 1 } }, 40, "Updating the path 'a.b' would create a conflict at 'a'"],
    [{ $set: { 'a.$[]': 0, 'a.$': 0 } }, 40, "Updating the path 'a.$' would create a conflict at 'a'"],
    [{ $set: { 'a.$[]': 0 }, $inc: { 'a.0': 1 } }, 40, "Updating the path 'a.0' would create a conflict at 'a'"],
    [{ $set: { 'a.b': 0, 'a.$[]': 0 } }, 40, "Updating the path 'a.$[]' would create a conflict at 'a'"],
    [{ $rename: { a: 'a.b' } }, 2, 'must not be on the same path'],
    [{ $set: { a: 1 }, $rename: { b: 'a' } }, 40, 'would create a conflict'],
    [{ $setOnInsert: { a: 1 }, $set: { a: 1 } }, 40, 'would create a conflict'],
    [{ $set: { '': 1 } }, 56, 'An empty update path is not valid.'],
    [{ $set: { 'a..b': 1 } }, 56, 'contains an empty field name'],
    [{ $set: { [Array.from({ length: 201 }, () => 'a').join('.')]: 1 } }, 15, 'FieldPath is too long'],
    [{ $set: { 'a.$b': 1 } }, 52, "The dollar ($) prefixed field '$b'"],
    [{ $set: { '$.a': 1 } }, 2, 'in the first position'],
    [{ $inc: { a: 'x' } }, 14, 'Cannot increment with non-numeric argument: {a: "x"}'],
    [{ $mul: { a: null } }, 14, 'Cannot multiply with non-numeric argument'],
    [{ $rename: { a: 5 } }, 2, "The 'to' field for $rename must be a string"],
    [{ $rename: { a: 'a' } }, 2, 'The source and target field for $rename must differ'],
    [{ $rename: { 'a.$': 'b' } }, 2, 'The source field for $rename may not be dynamic: a.$'],
    [{ $rename: { a: 'b.$[]' } }, 2, 'The destination field for $rename may not be dynamic: b.$[]'],
    [{ $push: { a: { $each: 1 } } }, 2, 'The argument to $each in $push must be an array'],
    [{ $push: { a: { $each: [], $foo: 1 } } }, 2, 'Unrecognized clause in $push: $foo'],
    [{ $push: { a: { $each: [], $slice: 'x' } } }, 2, 'The value for $slice must be an integer value'],
    [{ $push: { a: { $each: [], $position: 1.5 } } }, 2, 'The value for $position must be an integer value'],
    [{ $push: { a: { $each: [], $sort: 2 } } }, 2, 'The $sort is invalid'],
    [{ $addToSet: { a: { $each: 1 } } }, 14, 'The argument to $each in $addToSet must be an array'],
    [{ $pop: { a: 2 } }, 9, '$pop expects 1 or -1, found: 2'],
    [{ $pop: { a: 'x' } }, 9, 'Expected a number in'],
    [{ $pullAll: { a: 1 } }, 2, '$pullAll requires an array argument but was given a int'],
    [{ $bit: { a: 1 } }, 2, 'The $bit modifier is not compatible with a int'],
    [{ $bit: { a: { not: 1 } } }, 2, "only supports 'and', 'or', and 'xor'"],
    [{ $bit: { a: { and: 1.5 } } }, 2, "a 'double' is not supported here"],
    [{ $currentDate: { a: 1 } }, 2, 'is not valid type for $currentDate'],
    [{ $currentDate: { a: { $type: 'x' } } }, 2, "The '$type' string field is required"],
    [[{ $match: { a: 1 } }], 72, '$match is not allowed to be used within an update'],
    [[{ $set: { a: 1 }, $unset: 'b' }], 40323, 'must contain exactly one field'],
  ])('%j has code %i', (update, code, message) => {
    const compiled = () => compileUpdate(update);
    expect(compiled).toThrow(MongoDBError);
    expect(thrown(compiled)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each<[BsonDocument, unknown, number, string]>([
    [{ a: 5 }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: 5}"],
    [{ a: null }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: null}"],
    [{ a: [1] }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: [ 1 ]}"],
    [{ a: [] }, { $set: { 'a.9999999': 1 } }, 2, "can't backfill"],
    [
      { a: 'x' },
      { $inc: { a: 1 } },
      14,
      "Cannot apply $inc to a value of non-numeric type. {_id: 1} has the field 'a' of non-numeric type string",
    ],
    [{ a: null }, { $mul: { a: 1 } }, 14, 'Cannot apply $mul'],
    [
      { a: Long.MAX_VALUE },
      { $inc: { a: 1 } },
      2,
      'Failed to apply $inc operations to current value (9223372036854775807) for document {_id: 1}',
    ],
    [{ a: 5 }, { $push: { a: 1 } }, 2, "The field 'a' must be an array but is of type int in document {_id: 1}"],
    [
      { a: 5 },
      { $addToSet: { a: 1 } },
      2,
      "Cannot apply $addToSet to non-array field. Field named 'a' has non-array type int",
    ],
    [{ a: 5 }, { $pop: { a: 1 } }, 14, "Path 'a' contains an element of non-array type 'int'"],
    [{ a: 5 }, { $pull: { a: 1 } }, 2, 'Cannot apply $pull to a non-array value'],
    [{ a: 1 }, { $pull: { 'a.b': 1 } }, 28, 'Cannot use the part (b) of (a.b) to traverse the element ({a: 1})'],
    [{ a: [1] }, { $pop: { 'a.b': 1 } }, 28, 'Cannot use the part (b) of (a.b) to traverse the element ({a: [ 1 ]})'],
    [{ a: 1 }, { $rename: { 'a.b': 'c' } }, 28, 'Cannot use the part (b) of (a.b)'],
    [{ a: 5 }, { $pullAll: { a: [1] } }, 2, 'Cannot apply $pullAll to a non-array value'],
    [{ a: 1.5 }, { $bit: { a: { and: 1 } } }, 2, 'Cannot apply $bit to a value of non-integral type'],
    [{ a: [{ b: 1 }] }, { $rename: { 'a.0.b': 'c' } }, 2, 'The source field cannot be an array element'],
    [{ a: [1], b: 1 }, { $rename: { b: 'a.c' } }, 2, 'The destination field cannot be an array element'],
    [{}, { $set: { _id: 2 } }, 66, "Performing an update on the path '_id' would modify the immutable field '_id'"],
    [{}, { $unset: { _id: 1 } }, 66, "would modify the immutable field '_id'"],
    [{}, { $inc: { _id: 1 } }, 66, "would modify the immutable field '_id'"],
    [{}, { _id: 2, a: 1 }, 66, "(immutable) field '_id' was found to have been altered"],
    [{}, [{ $set: { _id: 5 } }], 66, "(immutable) field '_id' was found to have been altered"],
  ])('on %j, %j has code %i', (before, update, code, message) => {
    expect(thrown(() => updated(withId(before), update))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('a document that grows too large', () => {
    expect(thrown(() => updated({ _id: 1 }, { $set: { a: 'x'.repeat(16 * 1024 * 1024) } }))).toMatchObject({
      code: 10334,
    });
  });
});

describe('a replacement', () => {
  it('keeps the _id, and puts it first', () => {
    expect(updated({ _id: 7, a: 1 }, { b: 2, _id: 7, c: 3 })).toStrictEqual(stored({ _id: 7, b: 2, c: 3 }));
    expect(Object.keys(updated({ _id: 7, a: 1 }, { b: 2, _id: 7, c: 3 }))).toStrictEqual(['_id', 'b', 'c']);
    expect(updated({ _id: 7, a: 1 }, {})).toStrictEqual(stored({ _id: 7 }));
  });
});

describe('an update by a pipeline', () => {
  it('runs the stages on the document', () => {
    const pipeline = [
      { $set: { total: { $add: ['$a', '$b'] }, at: '$$NOW' } },
      { $unset: ['a'] },
      { $replaceWith: { $mergeObjects: ['$$ROOT', { done: true }] } },
    ];
    expect(updated({ _id: 1, a: 1, b: 2 }, pipeline, { now })).toStrictEqual(
      stored({ _id: 1, b: 2, total: 3, at: now, done: true }),
    );
  });

  it('keeps the _id when the pipeline drops it', () => {
    expect(updated({ _id: 1, a: 1 }, [{ $replaceWith: { b: '$a' } }])).toStrictEqual(stored({ _id: 1, b: 1 }));
  });

  it('takes variables', () => {
    expect(updated({ _id: 1 }, [{ $set: { a: '$$v' } }], { variables: { v: 5 } })).toStrictEqual(
      stored({ _id: 1, a: 5 }),
    );
  });
});

describe('an upsert', () => {
  const inserted = (filter: BsonDocument, update: unknown) => compileUpdate(update, { filter, now }).upsert();

  it.each<[BsonDocument, unknown, BsonDocument]>([
    [{ _id: 5, a: 1 }, { $set: { b: 2 } }, { _id: 5, a: 1, b: 2 }],
    [{ _id: 5, a: { $gt: 1 }, b: { $eq: 2 } }, { $inc: { n: 1 } }, { _id: 5, b: 2, n: 1 }],
    [{ $and: [{ _id: 5 }, { a: 1 }, { b: { $in: [3] } }] }, { $set: {} }, { _id: 5, a: 1, b: 3 }],
    [{ $or: [{ _id: 5 }] }, { $set: {} }, { _id: 5 }],
    [{ _id: 5, $or: [{ a: 1 }, { b: 2 }], c: { $in: [1, 2] } }, { $set: {} }, { _id: 5 }],
    [{ _id: 5, 'a.b': 1, 'a.c': 2 }, { $set: { 'a.d': 3 } }, { _id: 5, a: { b: 1, c: 2, d: 3 } }],
    [{ _id: 5, a: { b: 1 } }, { $set: {} }, { _id: 5, a: { b: 1 } }],
    [{ _id: 5, a: null, b: /x/ }, { $set: {} }, { _id: 5, a: null }],
    [{ _id: 5 }, { $setOnInsert: { a: 1 }, $set: { b: 1 } }, { _id: 5, a: 1, b: 1 }],
    [{ _id: 5 }, { $unset: { a: 1 }, $pull: { b: 1 } }, { _id: 5 }],
    [{ a: 1 }, { $set: { _id: 6 } }, { _id: 6, a: 1 }],
    [{ _id: 5, a: 1 }, { b: 2 }, { _id: 5, b: 2 }],
    [{ a: 1 }, { _id: 9, b: 2 }, { _id: 9, b: 2 }],
    [{ _id: { $in: [5] }, a: 1, 'a.b': 2, $or: [{ c: 1 }] }, { b: 2 }, { _id: 5, b: 2 }],
    [{ _id: 5, x: { $eq: /a/ } }, { $set: {} }, { _id: 5, x: /a/ }],
    [{ '_id.x': 1, '_id.y': 2 }, { $set: {} }, { _id: { x: 1, y: 2 } }],
    [{ _id: 5, a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }], { _id: 5, a: 1, b: 2 }],
  ])('of %j with %j', (filter, update, document) => {
    expect(stored(inserted(filter, update))).toStrictEqual(stored(document));
  });

  it('changes elements of what the filter says', () => {
    const options = { filter: { _id: 5, a: [0, 1] }, arrayFilters: [{ i: 0 }] };
    expect(stored(compileUpdate({ $setOnInsert: { 'a.$[i]': 7 } }, options).upsert())).toStrictEqual(
      stored({ _id: 5, a: [7, 1] }),
    );
  });

  it('makes an _id, and puts it first', () => {
    const document = inserted({ a: 1 }, { $set: { b: 1 } });
    expect(document['_id']).toBeInstanceOf(ObjectId);
    expect(Object.keys(document)).toStrictEqual(['_id', 'a', 'b']);
  });

  it.each<[BsonDocument, unknown, number]>([
    [{ _id: 5 }, { $set: { _id: 6 } }, 66],
    [{ _id: 5 }, { _id: 6 }, 66],
    [{ a: 1, 'a.b': 2 }, { $set: {} }, 54],
    [{ $and: [{ a: 1 }, { a: 2 }] }, { $set: {} }, 54],
    [{ a: 5 }, { $set: { 'a.b': 1 } }, 28],
    [{ a: 1 }, { _id: [1] }, 53],
    [{ _id: [1] }, { a: 1 }, 53],
    [{ $and: [{ _id: 1 }, { _id: 1 }] }, { a: 1 }, 54],
    [{ '_id.x': 1 }, { a: 1 }, 111],
    [{ _id: { x: 1 }, '_id.x': 1 }, { $set: { a: 1 } }, 54],
    [{ a: { $all: [1, 2] } }, { $set: {} }, 54],
  ])('of %j with %j is refused with code %i', (filter, update, code) => {
    expect(thrown(() => inserted(filter, update))).toMatchObject({ code });
  });
});

const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom('x', null),
  fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.record({ b: fc.integer({ min: 0, max: 3 }) })), {
    maxLength: 3,
  }),
  fc.record({ b: fc.integer({ min: 0, max: 3 }), c: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }) }),
);
const path = fc.constantFrom('a', 'd', 'a.b', 'a.c', 'a.0', 'a.0.b', 'a.$[]', 'a.$[].b', 'd.c', 'd.c.1');
const operator = fc.oneof(
  fc.record({ $set: fc.dictionary(path, value, { maxKeys: 2 }) }),
  fc.record({ $unset: fc.dictionary(path, fc.constant(1), { maxKeys: 2 }) }),
  fc.record({ $inc: fc.dictionary(path, fc.integer({ max: 3, min: -3 }), { maxKeys: 2 }) }),
  fc.record({
    $push: fc.dictionary(
      path,
      fc.record({
        $each: fc.array(value, { maxLength: 2 }),
        $sort: fc.constantFrom(1, -1),
        $slice: fc.integer({ min: -2, max: 2 }),
      }),
      { maxKeys: 2 },
    ),
  }),
  fc.record({ $addToSet: fc.dictionary(path, value, { maxKeys: 2 }) }),
  fc.record({ $pull: fc.dictionary(path, value, { maxKeys: 2 }) }),
  fc.record({ $pop: fc.dictionary(path, fc.constantFrom(1, -1), { maxKeys: 2 }) }),
  fc.record({ $rename: fc.dictionary(fc.constantFrom('a', 'a.b'), fc.constantFrom('d', 'e', 'd.e'), { maxKeys: 1 }) }),
  fc.record({ a: value, d: value }),
  fc.constant([{ $set: { a: { $ifNull: ['$d', '$a'] }, 'd.b': '$a' } }, { $unset: 'a' }]),
);

describe('any update', () => {
  it('leaves the document as it was, keeps its _id, and tells truly whether it modified it', () => {
    let modifications = 0;
    fc.assert(
      fc.property(fc.record({ a: value, d: value }), operator, (fields, update) => {
        const before = frozen({ _id: 1, ...fields });
        const copy = structuredClone(before);
        try {
          const { document, modified } = compileUpdate(update).apply(before);
          expect(modified).toBe(!Buffer.from(serialize(document)).equals(Buffer.from(serialize(before))));
          expect(document['_id']).toBe(1);
          modifications += Number(modified);
        } catch (error) {
          if (!(error instanceof MongoDBError)) throw error;
        }
        expect(before).toEqual(copy);
      }),
      { numRuns: 2000 },
    );
    expect(modifications).toBeGreaterThan(400);
  });
});
