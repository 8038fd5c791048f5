import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Collection, Filter, Sort } from 'mongodb';
import { type Anything, MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('indexes', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  it('are created with their collection, listed and dropped', async () => {
    const things = mongodb.collection();
    expect(await things.createIndex({ a: 1, b: -1 })).toBe('a_1_b_-1');
    expect(await things.createIndex({ a: 1, b: -1 })).toBe('a_1_b_-1');
    expect(await things.createIndexes([{ key: { c: 1 }, name: 'mine', unique: true }])).toEqual(['mine']);
    expect(await things.indexes()).toEqual([
      { v: 2, key: { _id: 1 }, name: '_id_' },
      { v: 2, key: { a: 1, b: -1 }, name: 'a_1_b_-1' },
      { v: 2, key: { c: 1 }, name: 'mine', unique: true },
    ]);
    await things.dropIndex('mine');
    await expect(things.dropIndex('mine')).rejects.toMatchObject({ code: 27 });
    await expect(things.dropIndex('_id_')).rejects.toMatchObject({ code: 72 });
    await things.dropIndexes();
    expect(await things.indexes()).toHaveLength(1);
    await expect(mongodb.collection('nowhere').indexes()).rejects.toMatchObject({ code: 26 });
  });

  it('keep values unique, and say which index it was', async () => {
    const things = mongodb.collection();
    await things.createIndex({ 'name.last': 1, 'name.first': 1 }, { unique: true });
    await things.insertMany([{ name: { last: 'a', first: 'b' } }, { name: { last: 'a' } }]);
    await expect(things.insertOne({ name: { first: 'b', last: 'a' } })).rejects.toMatchObject({
      code: 11000,
      keyPattern: { 'name.last': 1, 'name.first': 1 },
      keyValue: { 'name.last': 'a', 'name.first': 'b' },
      message: expect.stringContaining('index: name.last_1_name.first_1 dup key: { name.last: "a", name.first: "b" }'),
    });
    await expect(things.updateOne({ 'name.first': 'b' }, { $unset: { 'name.first': 1 } })).rejects.toMatchObject({ code: 11000 }); // prettier-ignore
    await things.deleteOne({ 'name.first': 'b' });
    await things.insertOne({ name: { last: 'a', first: 'b' } });
  });

  it('blame the _id first when both are taken', async () => {
    const things = mongodb.collection();
    await things.createIndex({ a: 1 }, { unique: true });
    await things.insertOne({ _id: 1, a: 1 });
    await expect(things.insertOne({ _id: 1, a: 1 })).rejects.toMatchObject({ keyPattern: { _id: 1 } });
    await expect(things.insertOne({ _id: 2, a: 1 })).rejects.toMatchObject({ keyPattern: { a: 1 } });
  });

  it('count each element of an array as a value', async () => {
    const things = mongodb.collection();
    await things.createIndex({ tags: 1 }, { unique: true });
    await things.insertOne({ _id: 1, tags: ['a', 'b', 'a'] });
    await expect(things.insertOne({ _id: 2, tags: ['c', 'b'] })).rejects.toMatchObject({ code: 11000 });
    await things.updateOne({ _id: 1 }, { $pull: { tags: 'b' } as never });
    await things.insertOne({ _id: 2, tags: ['c', 'b'] });
    expect(await things.find({ tags: 'b' }).toArray()).toEqual([{ _id: 2, tags: ['c', 'b'] }]);
    await things.createIndex({ x: 1, y: 1 });
    await expect(things.insertOne({ _id: 3, x: [1, 2], y: [1, 2] })).rejects.toMatchObject({ code: 171 });
    expect(await things.countDocuments({ _id: 3 })).toBe(0);
  });

  it('leave out what has none of their fields when sparse, and what their filter excludes when partial', async () => {
    const things = mongodb.collection();
    await things.createIndex({ a: 1 }, { unique: true, sparse: true });
    await things.createIndex({ b: 1 }, { unique: true, partialFilterExpression: { active: true } });
    await things.insertMany([{ b: 1 }, { b: 1 }, { b: 1, active: true }]);
    await expect(things.insertOne({ b: 1, active: true })).rejects.toMatchObject({ code: 11000 });
    await things.insertOne({ a: null });
    await expect(things.insertOne({ a: null })).rejects.toMatchObject({ code: 11000 });
    expect(await things.countDocuments({ b: 1 })).toBe(3);
    expect(await things.countDocuments({ a: null })).toBe(4);
    expect(await things.countDocuments({ a: { $exists: false } })).toBe(3);
  });

  it('are not created when the documents that are there are not unique', async () => {
    const things = mongodb.collection();
    await things.insertMany([{ a: 1 }, { a: 1 }]);
    await expect(things.createIndex({ a: 1 }, { unique: true })).rejects.toMatchObject({ code: 11000 });
    expect(await things.indexes()).toHaveLength(1);
    await things.createIndex({ a: 1 });
    expect(await things.countDocuments({ a: 1 })).toBe(2);
  });

  it.each([
    ['another one of its name', { b: 1 }, { name: 'a_1' }, 86],
    ['the same one with other options', { a: 1 }, { unique: true }, 86],
    ['the same one under another name', { a: 1 }, { name: 'other' }, 85],
    ['a direction of zero', { b: 0 }, {}, 67],
    ['an index of _id that goes down', { _id: -1 }, {}, 2],
    ['a text index', { b: 'text' }, {}, 238],
    ['a wildcard index', { '$**': 1 }, {}, 238],
    ['a collation', { b: 1 }, { collation: { locale: 'de' } }, 238],
    ['an option that it does not know', { b: 1 }, { nope: 1 }, 197],
    ['an expiry of two fields', { b: 1, c: 1 }, { expireAfterSeconds: 1 }, 67],
    ['a partial filter with $not', { b: 1 }, { partialFilterExpression: { b: { $not: { $eq: 1 } } } }, 67],
    ['a partial filter that is sparse', { b: 1 }, { partialFilterExpression: { b: 1 }, sparse: true }, 67],
  ])('refuse %s', async (_, key, options, code) => {
    const database = mongodb.database();
    await database.collection('things').createIndex({ a: 1 });
    const name = Object.keys(key).map((path) => `${path}_1`).join('_'); // prettier-ignore
    const command = { createIndexes: 'things', indexes: [{ key, name, ...options }] };
    await expect(database.command(command)).rejects.toMatchObject({ code });
  });

  it('are used where they help, and a hint names one', async () => {
    const things = mongodb.collection();
    await things.createIndexes([{ key: { a: 1, b: 1 } }, { key: { c: -1 } }]);
    await things.insertMany(Array.from({ length: 100 }, (_, n) => ({ _id: n, a: n % 10, b: n, c: n })));
    const examined = async (filter: Filter<Anything>, sort: Sort = {}, hint?: string) => {
      const { executionStats, queryPlanner } = await things
        .find(filter, hint ? { hint } : {})
        .sort(sort)
        .explain();
      const { stage, inputStage } = queryPlanner.winningPlan;
      return [stage, inputStage?.indexName, executionStats.totalDocsExamined, executionStats.nReturned];
    };
    expect(await examined({ d: 1 })).toEqual(['COLLSCAN', undefined, 100, 0]);
    expect(await examined({ _id: { $lt: 10 } })).toEqual(['FETCH', '_id_', 10, 10]);
    expect(await examined({ a: 3, b: { $gt: 50 } })).toEqual(['FETCH', 'a_1_b_1', 5, 5]);
    expect(await examined({ a: 3 }, { b: -1 })).toEqual(['FETCH', 'a_1_b_1', 10, 10]);
    expect(await examined({ a: { $in: [3, 4] } })).toEqual(['FETCH', 'a_1_b_1', 20, 20]);
    expect(await examined({ c: { $gte: 95 } })).toEqual(['FETCH', 'c_-1', 5, 5]);
    expect(await examined({}, { c: 1 })).toEqual(['FETCH', 'c_-1', 100, 100]);
    expect(await examined({ a: 3 }, {}, 'c_-1')).toEqual(['FETCH', 'c_-1', 100, 10]);
    expect(await examined({ d: 1 }, { d: 1 })).toEqual(['SORT', undefined, 100, 0]);
  });

  it('give what a scan of the whole collection gives', async () => {
    const database = mongodb.database();
    const [plain, indexed] = [database.collection<Anything>('plain'), database.collection<Anything>('indexed')];
    await indexed.createIndexes([{ key: { a: 1 } }, { key: { a: -1, b: 1 } }, { key: { b: -1 }, sparse: true }]);
    const values = [undefined, null, 0, 1, 1.5, -3, NaN, 'a', 'b', '', [], [1], [1, 'b'], [null], [[1]], { x: 1 }, true, new Date(5)]; // prettier-ignore
    const pairs = values.flatMap((a) => values.map((b) => [a, b]));
    const documents = pairs
      .filter(([a, b]) => !Array.isArray(a) || !Array.isArray(b)) // which no index of both takes
      .map(([a, b], _id) => ({ _id, ...(a !== undefined && { a }), ...(b !== undefined && { b }) }));
    await plain.insertMany(documents);
    await indexed.insertMany(documents);
    const ids = async (collection: Collection<Anything>, filter: Filter<Anything>) =>
      (await collection.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id);
    const operands = [null, 0, 1, 1.5, 'a', [], [1], { x: 1 }, true, new Date(5), NaN];
    for (const operand of operands) {
      for (const operator of ['$eq', '$gt', '$gte', '$lt', '$lte', '$ne']) {
        for (const filter of [{ a: { [operator]: operand } }, { a: 1, b: { [operator]: operand } }]) {
          expect([filter, await ids(indexed, filter)]).toEqual([filter, await ids(plain, filter)]);
        }
      }
      const between = { a: { $gt: 0, $lt: operand }, b: { $in: [operand, 1] } };
      expect([between, await ids(indexed, between)]).toEqual([between, await ids(plain, between)]);
    }
  });

  it('do not mix up the elements of an array', async () => {
    const things = mongodb.collection();
    await things.createIndexes([{ key: { n: 1 } }, { key: { 'a.x': 1, 'a.y': 1 } }]);
    const pairs = [{ x: 1, y: 2 }, { x: 3, y: 4 }]; // prettier-ignore
    await things.insertMany([
      { _id: 1, n: [0, 5], a: pairs },
      { _id: 2, n: 2, a: pairs[0] },
    ]);
    const ids = async (filter: object, sort: Sort = { _id: 1 }) => (await things.find(filter).sort(sort).toArray()).map(({ _id }) => _id); // prettier-ignore
    expect(await ids({ n: { $gt: 0, $lt: 5 } })).toEqual([1, 2]); // one element is greater, another one is less
    expect(await ids({ 'a.x': 1, 'a.y': 4 })).toEqual([1]);
    expect(await ids({ n: { $gte: 1 } }, { n: 1 })).toEqual([1, 2]); // by the least element, which the filter did not ask for
    expect(await ids({ n: { $lte: 3 } }, { n: -1 })).toEqual([1, 2]);
  });

  it('keep an order that batches and changes do not disturb', async () => {
    const things = mongodb.collection();
    await things.createIndex({ n: -1 });
    await things.insertMany(Array.from({ length: 500 }, (_, n) => ({ _id: n, n: n % 50 })));
    const found = await things
      .find({ n: { $gte: 10 } })
      .sort({ n: -1 })
      .batchSize(7)
      .toArray();
    expect(found).toHaveLength(400);
    expect(found.map(({ n }) => n)).toEqual(found.map(({ n }) => n).toSorted((a, b) => b - a));
  });
});
