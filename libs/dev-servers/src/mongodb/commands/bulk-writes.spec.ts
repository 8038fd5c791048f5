import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AnyBulkWriteOperation, MongoBulkWriteError } from 'mongodb';
import { type Anything, MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('bulkWrite', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  it('does writes of all kinds in their order', async () => {
    const things = mongodb.collection();
    const result = await things.bulkWrite([
      { insertOne: { document: { _id: 1, n: 1 } } },
      { insertOne: { document: { _id: 2, n: 1 } } },
      { updateMany: { filter: { n: 1 }, update: { $inc: { n: 1 } } } },
      { replaceOne: { filter: { _id: 3 }, replacement: { n: 3 }, upsert: true } },
      { updateOne: { filter: { _id: 1 }, update: { $set: { n: 2 } } } },
      { deleteOne: { filter: { _id: 2 } } },
    ]);
    expect(result).toMatchObject({
      insertedCount: 2,
      matchedCount: 3,
      modifiedCount: 2,
      upsertedCount: 1,
      upsertedIds: { 3: 3 },
      deletedCount: 1,
    });
    expect(await things.find().toArray()).toEqual([
      { _id: 1, n: 2 },
      { _id: 3, n: 3 },
    ]);
  });

  const guarded = (key: number, position: number): AnyBulkWriteOperation<Anything> => ({
    replaceOne: { filter: { _id: key, position: { $lt: position } }, replacement: { position }, upsert: true },
  });

  it('tells of each failure when unordered, and does the rest', async () => {
    const things = mongodb.collection();
    await things.bulkWrite([guarded(1, 5), guarded(2, 5)]);
    const error: MongoBulkWriteError = await things
      .bulkWrite([guarded(1, 4), guarded(2, 6), guarded(3, 4), guarded(2, 5)], { ordered: false })
      .then(() => Promise.reject(new Error('It should have been refused')), (refusal) => refusal); // prettier-ignore
    expect(error.writeErrors).toMatchObject([
      { index: 0, code: 11000 },
      { index: 3, code: 11000 },
    ]);
    expect(error.result).toMatchObject({ matchedCount: 1, modifiedCount: 1, upsertedCount: 1 });
    expect(await things.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, position: 5 },
      { _id: 2, position: 6 },
      { _id: 3, position: 4 },
    ]);
  });

  it('does nothing behind the first failure when ordered', async () => {
    const things = mongodb.collection();
    await things.bulkWrite([guarded(1, 5)]);
    await expect(things.bulkWrite([guarded(2, 1), guarded(1, 4), guarded(3, 1)])).rejects.toMatchObject({
      code: 11000,
      writeErrors: [expect.objectContaining({ index: 1 })],
    });
    expect(await things.distinct('_id')).toEqual([1, 2]);
  });

  it('does thousands of upserts in one go', async () => {
    const things = mongodb.collection();
    const result = await things.bulkWrite(Array.from({ length: 5_000 }, (_, key) => guarded(key % 4_000, key + 1)));
    expect(result).toMatchObject({ upsertedCount: 4_000, modifiedCount: 1_000 });
    expect(await things.estimatedDocumentCount()).toBe(4_000);
  });

  it('lets two bulk writes go on side by side', async () => {
    const things = mongodb.collection();
    const increments = Array.from({ length: 1_000 }, (): AnyBulkWriteOperation<Anything> => ({
      updateOne: { filter: { _id: 1 }, update: { $inc: { n: 1 } }, upsert: true },
    }));
    await Promise.all([1, 2, 3].map(() => things.bulkWrite(increments)));
    expect(await things.findOne({ _id: 1 })).toEqual({ _id: 1, n: 3_000 });
  });

  it('is no command of the server', async () => {
    const command = { bulkWrite: 1, ops: [], nsInfo: [] };
    await expect(mongodb.client.db('admin').command(command)).rejects.toMatchObject({ code: 59 });
  });
});
