import { describe, expect, it } from '@jest/globals';
import { deserialize, serialize } from 'bson';
import fc from 'fast-check';
import { aggregate, find, update as mingoUpdate } from 'mingo';
import { compilePipeline } from './aggregate.js';
import { readDocument, type BsonDocument } from './bson-document.js';
import { compileFilter } from './filter.js';
import { compileUpdate } from './update.js';

/*
 * A second opinion: mingo implements the same language on JavaScript's values. What is asked here stays where its answer
 * is MongoDB's, which excludes null, mixed types and most of what goes through arrays.
 */

const word = fc.constantFrom('a', 'b', 'c', 'ab');
const small = fc.integer({ min: -4, max: 4 });

const document = fc.record({
  _id: fc.nat(1000),
  n: small,
  m: fc.integer({ min: 1, max: 5 }),
  s: word,
  in: fc.record({ x: small, y: word }),
  list: fc.array(small, { maxLength: 4 }),
  items: fc.array(fc.record({ q: small, k: word }), { maxLength: 3 }),
});

const documents = fc.uniqueArray(document, { minLength: 1, maxLength: 8, selector: ({ _id }) => _id });

const numberPath = fc.constantFrom('n', 'm', 'in.x', 'list');
const wordPath = fc.constantFrom('s', 'in.y');

const condition = fc.oneof(
  fc
    .tuple(numberPath, fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), small)
    .map(([path, name, value]) => ({ [path]: { [name]: value } })),
  fc
    .tuple(wordPath, fc.constantFrom('$eq', '$ne', '$gt', '$lte'), word)
    .map(([path, name, value]) => ({ [path]: { [name]: value } })),
  fc
    .tuple(numberPath, fc.constantFrom('$in', '$nin'), fc.array(small, { maxLength: 3 }))
    .map(([path, name, value]) => ({ [path]: { [name]: value } })),
  fc.tuple(wordPath, word).map(([path, value]) => ({ [path]: { $regex: `^${value}` } })),
  fc.nat(3).map((size) => ({ list: { $size: size } })),
  fc.array(small, { minLength: 1, maxLength: 2 }).map((values) => ({ list: { $all: values } })),
  fc.tuple(small, word).map(([q, k]) => ({ items: { $elemMatch: { q: { $gte: q }, k } } })),
  fc.tuple(small, small).map(([low, high]) => ({ list: { $elemMatch: { $gt: low, $lt: high } } })),
  fc.tuple(fc.constantFrom('in.x', 'in.z', 'z'), fc.boolean()).map(([path, there]) => ({ [path]: { $exists: there } })),
  small.map((value) => ({ n: { $not: { $gt: value } } })),
  fc.tuple(fc.integer({ min: 2, max: 3 }), fc.nat(2)).map(([by, rest]) => ({ m: { $mod: [by, rest] } })),
  fc.constantFrom('$gt', '$lte').map((name) => ({ $expr: { [name]: ['$n', '$in.x'] } })),
);

const filter = fc.oneof(
  condition,
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(condition, { minLength: 1, maxLength: 3 }))
    .map(([name, all]) => ({ [name]: all })),
);

/** Without what tells ours from theirs but does not count: the types of numbers, zeros below zero, the order of fields. */
function asJson(value: unknown): unknown {
  const read = deserialize(serialize({ value: value as BsonDocument }))['value'] as unknown;
  return JSON.parse(
    JSON.stringify(read, (_, each: unknown) => {
      if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
      return Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }),
  );
}

const asBson = (value: unknown) => readDocument(serialize({ value: value as BsonDocument }))['value'] as BsonDocument;

describe('mingo agrees', () => {
  it('about what filters find', () => {
    fc.assert(
      fc.property(documents, filter, (all, asked) => {
        const matches = compileFilter(asBson(asked));
        const found = all.filter((each) => matches(asBson(each)));
        expect(found).toEqual(find(all, asked as never).all());
      }),
      { numRuns: 700 },
    );
  });

  it('about what updates make of documents', () => {
    const change = fc.oneof(
      fc.record({ $set: fc.record({ n: small, 'in.z': word, 'list.0': small }, { requiredKeys: [] }) }),
      fc.record({
        $unset: fc.record({ s: fc.constant(''), 'in.x': fc.constant(''), z: fc.constant('') }, { requiredKeys: [] }),
      }),
      fc.record({ $inc: fc.record({ n: small, 'in.x': small, z: small }, { requiredKeys: [] }) }),
      fc.record({ $mul: fc.record({ n: small, 'in.x': small }, { requiredKeys: [] }) }),
      fc.record({ $min: fc.record({ n: small }), $max: fc.record({ m: small }) }),
      fc.record({ $rename: fc.constantFrom({ s: 'renamed' }, { n: 'number', s: 'string' }) }),
      fc.record({
        $push: fc.record({
          list: fc.record({
            $each: fc.array(small, { maxLength: 3 }),
            $sort: fc.constantFrom(1, -1),
            $slice: fc.integer({ min: 1, max: 3 }),
          }),
        }),
      }),
      fc.record({ $pop: fc.record({ list: fc.constantFrom(1, -1) }) }),
      fc.record({ $pull: fc.record({ list: fc.record({ $gte: small }) }) }),
      fc.record({ $pullAll: fc.record({ list: fc.array(small, { maxLength: 3 }) }) }),
      fc.record({ $inc: fc.record({ 'list.$[]': small }) }),
    );
    fc.assert(
      fc.property(document, change, (before, update) => {
        const theirs = structuredClone(before) as never;
        mingoUpdate(theirs, structuredClone(update) as never);
        const ours = compileUpdate(asBson(update)).apply(asBson(before)).document;
        expect(asJson(ours)).toEqual(asJson(theirs));
      }),
      { numRuns: 700 },
    );
  });

  it('about what pipelines make of documents', () => {
    const stage = fc.oneof(
      filter.map(($match) => ({ $match })),
      fc.constantFrom<BsonDocument>(
        { $project: { n: 1, 'in.x': 1 } },
        { $project: { items: 0, 'in.y': 0 } },
        {
          $project: {
            sum: { $add: ['$n', '$m'] },
            product: { $multiply: ['$n', '$m', 2] },
            less: { $subtract: ['$m', '$n'] },
          },
        },
        { $set: { half: { $divide: ['$n', 2] }, name: { $concat: ['$s', '-', '$in.y'] }, 'in.z': { $abs: '$n' } } },
        {
          $set: {
            big: { $cond: [{ $gt: ['$n', 0] }, 'yes', 'no'] },
            size: { $size: '$list' },
            rest: { $mod: ['$m', 2] },
          },
        },
        {
          $set: {
            doubled: { $map: { input: '$list', as: 'e', in: { $multiply: ['$$e', 2] } } },
            total: { $sum: '$list' },
          },
        },
        {
          $set: {
            some: { $filter: { input: '$list', as: 'e', cond: { $gt: ['$$e', 0] } } },
            back: { $reverseArray: '$list' },
          },
        },
        {
          $set: {
            all: { $reduce: { input: '$list', initialValue: 0, in: { $add: ['$$value', '$$this'] } } },
            q: '$items.q',
          },
        },
        { $unset: ['in.x', 'list'] },
        { $unwind: '$list' },
        { $unwind: { path: '$items', preserveNullAndEmptyArrays: true } },
        { $sort: { n: 1, _id: -1 } },
        { $sort: { 'in.y': -1, _id: 1 } },
        { $skip: 1 },
        { $limit: 3 },
        { $replaceWith: { _id: '$_id', n: '$n', m: '$m', s: '$s', in: '$in', list: [], items: [] } },
      ),
    );
    const last = fc.constantFrom<BsonDocument[]>(
      [],
      [{ $group: { _id: '$s', n: { $sum: '$n' }, count: { $sum: 1 }, average: { $avg: '$m' }, all: { $push: '$n' } } }],
      [{ $group: { _id: { y: '$in.y' }, least: { $min: '$m' }, most: { $max: '$m' }, first: { $first: '$_id' } } }],
      [{ $group: { _id: null, set: { $addToSet: '$s' } } }, { $project: { size: { $size: '$set' } } }],
    );
    const inOrder = (all: unknown[]) => all.map((each) => JSON.stringify(each)).sort();
    fc.assert(
      fc.property(documents, fc.array(stage, { maxLength: 3 }), last, (all, stages, end) => {
        // Each of these stages needs the fields of the documents as they were.
        const pipeline = [
          ...stages.filter(
            (each, at) => at === stages.length - 1 || !('$project' in each || '$unset' in each || '$unwind' in each),
          ),
          ...end,
        ];
        if (pipeline.length > end.length && end.length > 0 && '$project' in pipeline[pipeline.length - end.length - 1]!)
          return;
        const ours = [...compilePipeline(asBson(pipeline), { collection: () => [] }).run(all.map(asBson))];
        const theirs = aggregate(structuredClone(all), structuredClone(pipeline) as never);
        expect(inOrder(ours.map(asJson))).toEqual(inOrder(theirs.map((each) => asJson(each))));
      }),
      { numRuns: 700 },
    );
  });
});
