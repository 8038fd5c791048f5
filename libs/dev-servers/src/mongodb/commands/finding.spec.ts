import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Double, Int32, Long, ObjectId } from 'mongodb';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('find', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  const ids = (documents: readonly { _id?: unknown }[]) => documents.map(({ _id }) => _id);

  async function fruit() {
    const collection = mongodb.collection('fruit');
    await collection.insertMany([
      { _id: 1, name: 'apple', size: 7, tags: ['red', 'round'] },
      { _id: 2, name: 'pear', size: 8, tags: ['green'] },
      { _id: 3, name: 'melon', size: 25, origin: { country: 'ES' } },
      { _id: 4, name: 'fig', size: 4, origin: { country: 'TR' } },
    ]);
    return collection;
  }

  it('finds by the values, ranges and patterns that are asked for', async () => {
    const things = await fruit();
    expect(ids(await things.find({ name: 'pear' }).toArray())).toEqual([2]);
    expect(ids(await things.find({ size: { $gt: 4, $lt: 25 } }).toArray())).toEqual([1, 2]);
    expect(ids(await things.find({ name: /^[ap]/ }).toArray())).toEqual([1, 2]);
    expect(ids(await things.find({ tags: 'round' }).toArray())).toEqual([1]);
    expect(ids(await things.find({ 'origin.country': { $in: ['TR', 'GR'] } }).toArray())).toEqual([4]);
    expect(ids(await things.find({ $or: [{ size: 4 }, { tags: { $exists: true } }] }).toArray())).toEqual([1, 2, 4]);
  });

  it('finds nothing in a collection that is not there', async () => {
    expect(await mongodb.collection('nowhere').find().toArray()).toEqual([]);
    expect(await mongodb.collection('nowhere').findOne({ _id: 1 })).toBeNull();
  });

  it('finds by _id whatever type of number it has', async () => {
    const things = mongodb.collection();
    await things.insertMany([{ _id: new Double(1) }, { _id: Long.fromNumber(2) }, { _id: '1' }]);
    expect(ids(await things.find({ _id: new Int32(1) }).toArray())).toEqual([1]);
    expect(ids(await things.find({ _id: { $in: [2, 2.0, 3, '1'] } }).toArray())).toEqual([2, '1']);
    expect(ids(await things.find({ _id: { $gt: 1 } }).toArray())).toEqual([2]);
  });

  it('finds by an _id that is a document, by all of its fields in their order', async () => {
    const things = mongodb.collection();
    await things.insertOne({ _id: { a: 1, b: 2 } });
    expect(await things.findOne({ _id: { a: 1, b: 2 } })).not.toBeNull();
    expect(await things.findOne({ _id: { b: 2, a: 1 } })).toBeNull();
    expect(await things.findOne({ '_id.a': 1 })).not.toBeNull();
  });

  it('sorts, skips and limits', async () => {
    const things = await fruit();
    expect(ids(await things.find().sort({ size: -1 }).toArray())).toEqual([3, 2, 1, 4]);
    expect(ids(await things.find().sort({ size: 1 }).skip(1).limit(2).toArray())).toEqual([1, 2]);
    expect(ids(await things.find().sort({ _id: -1 }).limit(1).toArray())).toEqual([4]);
    expect(ids(await things.find().sort({ $natural: -1 }).skip(3).toArray())).toEqual([1]);
    expect(ids(await things.find().limit(0).toArray())).toEqual([1, 2, 3, 4]);
    expect(ids(await things.find().skip(9).toArray())).toEqual([]);
  });

  it('sorts values of several types in the order of the types', async () => {
    const things = mongodb.collection();
    const id = new ObjectId();
    const values = [null, 1, 'a', { a: 1 }, [0], id, false, new Date(0), /a/];
    await things.insertMany(values.map((value, _id) => ({ _id: values.length - _id, value })));
    // An array counts as its smallest element.
    const sorted = await things.find().sort({ value: 1 }).toArray();
    expect(sorted.map(({ value }) => value)).toEqual([null, [0], 1, 'a', { a: 1 }, id, false, new Date(0), /a/]);
  });

  it('shows what the projection asks for', async () => {
    const things = await fruit();
    expect(await things.findOne({ _id: 3 }, { projection: { 'origin.country': 1, _id: 0 } })).toEqual({
      origin: { country: 'ES' },
    });
    expect(await things.findOne({ _id: 1 }, { projection: { tags: { $slice: 1 }, name: 1 } })).toEqual({
      _id: 1,
      name: 'apple',
      tags: ['red'],
    });
    expect(await things.findOne({ tags: 'round' }, { projection: { 'tags.$': 1 } })).toEqual({
      _id: 1,
      tags: ['round'],
    });
    expect(await things.findOne({ _id: 2 }, { projection: { tags: 0, size: 0 } })).toEqual({ _id: 2, name: 'pear' });
  });

  it('counts, with a filter or without', async () => {
    const things = await fruit();
    expect(await things.countDocuments()).toBe(4);
    expect(await things.countDocuments({ size: { $gt: 5 } })).toBe(3);
    expect(await things.countDocuments({ size: { $gt: 5 } }, { skip: 1, limit: 1 })).toBe(1);
    expect(await things.countDocuments({ _id: 9 })).toBe(0);
    expect(await things.estimatedDocumentCount()).toBe(4);
    expect(await mongodb.collection('nowhere').countDocuments()).toBe(0);
  });

  it('gives the distinct values of a path', async () => {
    const things = await fruit();
    expect(await things.distinct('tags')).toEqual(['green', 'red', 'round']);
    expect(await things.distinct('origin.country', { size: { $lt: 10 } })).toEqual(['TR']);
    expect(await things.distinct('nothing')).toEqual([]);
  });

  it('uses the variables of let in $expr', async () => {
    const things = await fruit();
    const found = things.find({ $expr: { $gt: ['$size', '$$least'] } }, { let: { least: 7 } });
    expect(ids(await found.toArray())).toEqual([2, 3]);
  });

  it.each([
    ['an operator that it does not know', { filter: { a: { $nope: 1 } } }, 2],
    ['a sort that is none', { sort: { a: 2 } }, 15975],
    ['a mixed projection', { projection: { a: 1, b: 0 } }, 31254],
    ['an option that it does not know', { nope: 1 }, 40415],
    ['a limit that is no number', { limit: 'x' }, 14],
    ['a negative skip', { skip: -1 }, 51024],
    ['a filter that is no document', { filter: 5 }, 14],
    ['a hint at no index', { hint: 'nope' }, 2],
    ['a collation', { collation: { locale: 'de' } }, 238],
    ['a tailable cursor', { tailable: true }, 238],
  ])('refuses %s', async (_, options, code) => {
    const database = mongodb.database();
    await database.collection('things').insertOne({});
    await expect(database.command({ find: 'things', ...options })).rejects.toMatchObject({ code });
  });

  it('ends when its time is up', async () => {
    const things = mongodb.collection();
    await things.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ n })));
    await expect(things.find({ n: -1 }, { maxTimeMS: 1 }).toArray()).rejects.toMatchObject({ code: 50 });
    await expect(things.countDocuments({ n: -1 }, { maxTimeMS: 1 })).rejects.toMatchObject({ code: 50 });
  });
});
