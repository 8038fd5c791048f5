import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Double, Long, ObjectId } from 'mongodb';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('update', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  async function three() {
    const things = mongodb.collection();
    await things.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 1 },
      { _id: 3, n: 2 },
    ]);
    return things;
  }

  it('changes the first document that matches, and says whether anything changed', async () => {
    const things = await three();
    expect(await things.updateOne({ n: 1 }, { $set: { a: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await things.updateOne({ n: 1 }, { $set: { a: 1 } })).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
    expect(await things.updateOne({ n: 9 }, { $set: { a: 1 } })).toMatchObject({ matchedCount: 0, upsertedCount: 0 });
    expect(await things.find().toArray()).toEqual([
      { _id: 1, n: 1, a: 1 },
      { _id: 2, n: 1 },
      { _id: 3, n: 2 },
    ]);
  });

  it('changes all that match', async () => {
    const things = await three();
    expect(await things.updateMany({ n: 1 }, { $inc: { n: 1 } })).toMatchObject({ matchedCount: 2, modifiedCount: 2 });
    expect(await things.distinct('n')).toEqual([2]);
  });

  it('changes each once, though the change moves them along the index they are found by', async () => {
    const things = mongodb.collection();
    await things.insertMany(Array.from({ length: 2_000 }, (_, n) => ({ n })));
    await things.createIndex({ n: 1 });
    expect(await things.updateMany({ n: { $gte: 0 } }, { $inc: { n: 10_000 } })).toMatchObject({
      modifiedCount: 2_000,
    });
    expect(await things.countDocuments({ n: { $gte: 10_000, $lt: 12_000 } })).toBe(2_000);
  });

  it('replaces a document and keeps its _id', async () => {
    const things = await three();
    await things.replaceOne({ _id: 1 }, { b: 1 });
    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, b: 1 });
    await expect(things.replaceOne({ _id: 1 }, { _id: 5 })).rejects.toMatchObject({ code: 66 });
    await expect(things.updateOne({ _id: 1 }, { $set: { _id: 5 } })).rejects.toMatchObject({ code: 66 });
  });

  it('inserts where nothing matches and an upsert is wanted', async () => {
    const things = await three();
    const byId = await things.updateOne({ _id: 7 }, { $set: { a: 1 }, $setOnInsert: { b: 2 } }, { upsert: true });
    expect(byId).toMatchObject({ matchedCount: 0, upsertedCount: 1, upsertedId: 7 });
    expect(await things.findOne({ _id: 7 })).toEqual({ _id: 7, a: 1, b: 2 });
    const made = await things.updateMany({ kind: 'x', n: { $gt: 5 } }, { $set: { a: 1 } }, { upsert: true });
    expect(made.upsertedId).toBeInstanceOf(ObjectId);
    expect(await things.findOne({ kind: 'x' })).toEqual({ _id: made.upsertedId, kind: 'x', a: 1 });
  });

  it('makes one document of many upserts at once', async () => {
    const things = mongodb.collection();
    const upserts = Array.from({ length: 50 }, () =>
      things.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true }),
    );
    const results = await Promise.all(upserts);
    expect(results.filter(({ upsertedCount }) => upsertedCount === 1)).toHaveLength(1);
    expect(await things.find().toArray()).toEqual([{ _id: 1, n: 50 }]);
  });

  it('moves a document forward only, by a guarded upsert', async () => {
    const things = mongodb.collection();
    const put = (position: number) =>
      things.replaceOne({ _id: 'k', position: { $lt: position } }, { position }, { upsert: true });
    await put(2);
    await expect(put(1)).rejects.toMatchObject({ code: 11000, keyPattern: { _id: 1 } });
    expect(await put(3)).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await things.find().toArray()).toEqual([{ _id: 'k', position: 3 }]);
  });

  it('updates elements of arrays by filters, by position and all of them', async () => {
    const things = mongodb.collection();
    await things.insertOne({ _id: 1, a: [{ n: 1 }, { n: 5 }, { n: 9 }] });
    await things.updateOne({ _id: 1 }, { $set: { 'a.$[big].big': true } }, { arrayFilters: [{ 'big.n': { $gt: 4 } }] });
    await things.updateOne({ 'a.n': 5 }, { $set: { 'a.$.hit': true } });
    await things.updateOne({ _id: 1 }, { $inc: { 'a.$[].n': 1 } });
    expect((await things.findOne({ _id: 1 }))!.a).toEqual([
      { n: 2 },
      { n: 6, big: true, hit: true },
      { n: 10, big: true },
    ]);
  });

  it('updates by a pipeline', async () => {
    const things = await three();
    await things.updateMany({}, [{ $set: { double: { $multiply: ['$n', 2] } } }, { $unset: 'n' }]);
    expect(await things.find().toArray()).toEqual([
      { _id: 1, double: 2 },
      { _id: 2, double: 2 },
      { _id: 3, double: 4 },
    ]);
  });

  it('keeps the types of numbers as MongoDB does', async () => {
    const things = mongodb.collection();
    await things.insertOne({ _id: 1, long: Long.fromNumber(1), double: new Double(1), int: 2147483647 });
    await things.updateOne({ _id: 1 }, { $inc: { long: 1, double: 1, int: 1 } });
    const found = await things.findOne({ _id: 1 }, { promoteValues: false, promoteLongs: false });
    expect(found).toMatchObject({ long: Long.fromNumber(2), double: new Double(2), int: Long.fromNumber(2147483648) });
  });

  it.each([
    ['an operator that it does not know', { $nope: { a: 1 } }, 9],
    ['two operators on one path', { $set: { a: 1 }, $inc: { a: 1 } }, 40],
    ['adding to what is no number', { $inc: { text: 1 } }, 14],
    ['a path through what is no document', { $set: { 'text.a': 1 } }, 28],
  ])('refuses %s', async (_, update, code) => {
    const things = mongodb.collection();
    await things.insertOne({ _id: 1, text: 'x' });
    await expect(things.updateOne({ _id: 1 }, update)).rejects.toMatchObject({ code });
    expect(await things.findOne()).toEqual({ _id: 1, text: 'x' });
  });

  it('refuses to replace many', async () => {
    const things = await three();
    const command = { update: things.collectionName, updates: [{ q: {}, u: { a: 1 }, multi: true }] };
    expect(await mongodb.client.db(things.dbName).command(command)).toMatchObject({ writeErrors: [{ code: 9 }] });
  });

  it('refuses what would make a document larger than 16 MiB', async () => {
    const things = mongodb.collection();
    await things.insertOne({ _id: 1, a: 'x'.repeat(9_000_000) });
    await expect(things.updateOne({ _id: 1 }, [{ $set: { b: '$a' } }])).rejects.toMatchObject({ code: 10334 });
  });

  describe('findAndModify', () => {
    it('gives the document as it was, or as it is', async () => {
      const things = await three();
      expect(await things.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } })).toEqual({ _id: 1, n: 1 });
      expect(await things.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } }, { returnDocument: 'after' })).toEqual({ _id: 1, n: 3 }); // prettier-ignore
      expect(await things.findOneAndReplace({ _id: 1 }, { z: 1 }, { returnDocument: 'after', projection: { _id: 0 } })).toEqual({ z: 1 }); // prettier-ignore
    });

    it('takes the first in the order that is asked for', async () => {
      const things = await three();
      expect(await things.findOneAndDelete({}, { sort: { n: -1 } })).toEqual({ _id: 3, n: 2 });
      expect(await things.findOneAndDelete({ n: 2 })).toBeNull();
      expect(await things.estimatedDocumentCount()).toBe(2);
    });

    it('upserts', async () => {
      const things = mongodb.collection();
      const options = { upsert: true, includeResultMetadata: true } as const;
      expect(await things.findOneAndUpdate({ _id: 1 }, { $set: { a: 1 } }, options)).toMatchObject({
        value: null,
        lastErrorObject: { n: 1, updatedExisting: false, upserted: 1 },
      });
      const after = { upsert: true, returnDocument: 'after' } as const;
      expect(await things.findOneAndUpdate({ _id: 2 }, { $set: { a: 1 } }, after)).toEqual({ _id: 2, a: 1 });
    });

    it('gives a lease to one of many who want it', async () => {
      const things = mongodb.collection();
      await things.insertOne({ _id: 'lease', owner: null });
      const claims = Array.from({ length: 20 }, (_, owner) =>
        things.findOneAndUpdate({ _id: 'lease', owner: null }, { $set: { owner } }),
      );
      expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1);
    });

    it('refuses to remove and update at once, or neither', async () => {
      const database = mongodb.database();
      const both = { findAndModify: 'things', query: {}, remove: true, update: { $set: { a: 1 } } };
      await expect(database.command(both)).rejects.toMatchObject({ code: 9 });
      await expect(database.command({ findAndModify: 'things', query: {} })).rejects.toMatchObject({ code: 9 });
    });
  });

  describe('delete', () => {
    it('removes the first that matches, or all', async () => {
      const things = await three();
      expect(await things.deleteOne({ n: 1 })).toMatchObject({ deletedCount: 1 });
      expect(await things.deleteMany({ n: { $gte: 1 } })).toMatchObject({ deletedCount: 2 });
      expect(await things.deleteMany({})).toMatchObject({ deletedCount: 0 });
    });

    it('removes more than fit into one transaction', async () => {
      const things = mongodb.collection();
      await things.insertMany(Array.from({ length: 3_000 }, (_, n) => ({ n })));
      await things.createIndex({ n: 1 });
      expect(await things.deleteMany({ n: { $lt: 2_999 } })).toMatchObject({ deletedCount: 2_999 });
      expect(await things.find({ n: { $gte: 0 } }, { projection: { _id: 0 } }).toArray()).toEqual([{ n: 2_999 }]);
    });

    it('refuses a limit of two', async () => {
      const command = { delete: 'things', deletes: [{ q: {}, limit: 2 }] };
      await expect(mongodb.database().command(command)).rejects.toMatchObject({ code: 9 });
    });
  });
});
