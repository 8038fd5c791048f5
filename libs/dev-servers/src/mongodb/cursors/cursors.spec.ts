import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Binary, type ClientSession, Long, MongoClient } from 'mongodb';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('cursors', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  async function numbers(count: number) {
    const things = mongodb.collection();
    await things.insertMany(Array.from({ length: count }, (_, _id) => ({ _id })));
    return things;
  }

  const openCursors = async () =>
    (await mongodb.client.db('admin').command({ serverStatus: 1 })).metrics.cursor.open.total;

  it('give all documents in batches of the size that is asked for', async () => {
    const things = await numbers(25);
    const database = mongodb.client.db(things.dbName);
    const { cursor: first } = await database.command({ find: 'things', batchSize: 10 });
    expect(first).toMatchObject({ ns: `${things.dbName}.things`, firstBatch: { length: 10 } });
    const next = { getMore: Long.fromBigInt(BigInt(first.id)), collection: 'things' };
    expect((await database.command({ ...next, batchSize: 3 })).cursor.nextBatch).toHaveLength(3);
    const { cursor: last } = await database.command(next);
    expect(last.nextBatch).toHaveLength(12);
    expect(Number(last.id)).toBe(0);
    await expect(database.command(next)).rejects.toMatchObject({ code: 43, codeName: 'CursorNotFound' });
  });

  it('give 101 documents first when nobody says how many, and an empty batch when none are wanted yet', async () => {
    const things = await numbers(102);
    const database = mongodb.client.db(things.dbName);
    expect((await database.command({ find: 'things' })).cursor.firstBatch).toHaveLength(101);
    const { cursor } = await database.command({ find: 'things', batchSize: 0 });
    expect(cursor.firstBatch).toEqual([]);
    expect(Number(cursor.id)).not.toBe(0);
  });

  it('are closed when one batch is all that is wanted', async () => {
    const things = await numbers(20);
    const single = { find: 'things', batchSize: 5, singleBatch: true };
    expect(Number((await mongodb.client.db(things.dbName).command(single)).cursor.id)).toBe(0);
    expect(await things.find().limit(7).batchSize(3).toArray()).toHaveLength(7);
  });

  it('keep a batch within the size of a message', async () => {
    const things = mongodb.collection();
    const bytes = new Binary(Buffer.alloc(6_000_000));
    await things.insertMany(Array.from({ length: 3 }, (_, _id) => ({ _id, bytes })));
    const database = mongodb.client.db(things.dbName);
    const { cursor } = await database.command({ find: 'things', batchSize: 100 });
    expect(cursor.firstBatch).toHaveLength(2);
    const next = { getMore: Long.fromBigInt(BigInt(cursor.id)), collection: 'things' };
    expect((await database.command(next)).cursor).toMatchObject({ id: 0, nextBatch: [{ _id: 2 }] });
    const pipeline = [{ $sort: { _id: -1 } }];
    const { cursor: other } = await database.command({ aggregate: 'things', pipeline, cursor: {} });
    expect(other.firstBatch.map(({ _id }: { _id: number }) => _id)).toEqual([2, 1]);
  });

  it('see what is added behind them, and go on over what is removed', async () => {
    const things = await numbers(10);
    const cursor = things.find().batchSize(2);
    expect(await cursor.next()).toEqual({ _id: 0 });
    await things.deleteMany({ _id: { $gte: 3, $lt: 9 } });
    await things.insertOne({ _id: 10 });
    expect((await cursor.toArray()).map(({ _id }) => _id)).toEqual([1, 2, 9, 10]);
  });

  it('end with an error when their collection is dropped', async () => {
    const things = await numbers(10);
    const cursor = things.find().batchSize(2);
    await cursor.next();
    await things.drop();
    await cursor.next();
    await expect(cursor.next()).rejects.toMatchObject({ code: 175 });
  });

  it('are killed when the client closes them', async () => {
    const things = await numbers(10);
    const before = await openCursors();
    const cursor = things.find().batchSize(2);
    await cursor.next();
    expect(await openCursors()).toBe(before + 1);
    await cursor.close();
    expect(await openCursors()).toBe(before);
    const kill = { killCursors: 'things', cursors: [Long.fromNumber(5)] };
    expect(await mongodb.client.db(things.dbName).command(kill)).toMatchObject({ cursorsKilled: [], cursorsNotFound: [Long.fromNumber(5)].map(Number) }); // prettier-ignore
  });

  it('belong to their collection and to their session', async () => {
    const things = await numbers(10);
    const database = mongodb.client.db(things.dbName);
    const [session, another] = [mongodb.client.startSession(), mongodb.client.startSession()];
    const { cursor } = await database.command({ find: 'things', batchSize: 2 }, { session });
    const getMore = Long.fromBigInt(BigInt(cursor.id));
    const asked = (collection: string, by: ClientSession) => database.command({ getMore, collection }, { session: by });
    await expect(asked('others', session)).rejects.toMatchObject({ code: 13 });
    await expect(asked('things', another)).rejects.toMatchObject({ code: 50738 });
    expect((await asked('things', session)).cursor.nextBatch).toHaveLength(8);
    await Promise.all([session.endSession(), another.endSession()]);
  });

  it('end with their session', async () => {
    const things = await numbers(10);
    const before = await openCursors();
    const other = await MongoClient.connect(mongodb.server.url);
    const session = other.startSession();
    await other.db(things.dbName).collection('things').find({}, { session, batchSize: 2 }).next();
    expect(await openCursors()).toBe(before + 1);
    await session.endSession();
    await other.close();
    expect(await openCursors()).toBe(before);
  });
});
