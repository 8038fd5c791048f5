import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Anything, MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('collections and databases', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  it('are made by the first write, or when asked for', async () => {
    const database = mongodb.database();
    expect(await database.collections()).toEqual([]);
    await database.collection('written').insertOne({});
    await database.createCollection('made');
    await database.collection('indexed').createIndex({ a: 1 });
    expect((await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)).toEqual(['indexed', 'made', 'written']); // prettier-ignore
    expect(await database.listCollections({ name: 'made' }).toArray()).toMatchObject([
      { name: 'made', type: 'collection', options: {}, info: { readOnly: false }, idIndex: { name: '_id_' } },
    ]);
  });

  it('are not made by reading, updating or deleting', async () => {
    const database = mongodb.database();
    const things = database.collection<Anything>('things');
    await things.findOne({});
    await things.updateMany({}, { $set: { a: 1 } });
    await things.deleteMany({});
    await things.findOneAndDelete({});
    expect(await database.collections()).toEqual([]);
  });

  it('are created twice only alike', async () => {
    const database = mongodb.database();
    await database.createCollection('things');
    await database.createCollection('things');
    await expect(database.createCollection('things', { validator: { a: 1 } })).rejects.toMatchObject({ code: 48 });
  });

  it('are dropped with their indexes', async () => {
    const database = mongodb.database();
    const things = database.collection<Anything>('things');
    await things.createIndex({ a: 1 }, { unique: true });
    await things.insertOne({ _id: 1, a: 1 });
    await things.drop();
    await things.drop(); // which nobody minds
    await things.insertMany([{ a: 1 }, { a: 1 }]);
    expect(await things.indexes()).toHaveLength(1);
  });

  it('are renamed, onto others only if these may be dropped', async () => {
    const database = mongodb.database();
    const things = database.collection<Anything>('things');
    await things.createIndex({ a: 1 });
    await things.insertOne({ _id: 1 });
    await database.collection<Anything>('others').insertOne({ _id: 2 });
    await expect(things.rename('others')).rejects.toMatchObject({ code: 48 });
    const name = `${database.databaseName}.things`;
    const toItself = mongodb.client.db('admin').command({ renameCollection: name, to: name });
    await expect(toItself).rejects.toMatchObject({ code: 20 });
    await expect(database.collection('nowhere').rename('x')).rejects.toMatchObject({ code: 26 });
    await things.rename('others', { dropTarget: true });
    expect(await database.collection('others').find().toArray()).toEqual([{ _id: 1 }]);
    expect(await database.collection('others').indexes()).toHaveLength(2);
    expect(await database.listCollections().toArray()).toHaveLength(1);
  });

  it('are listed by database and dropped with it', async () => {
    const database = mongodb.client.db('to_be_dropped');
    await database.collection('a').insertOne({ text: 'x'.repeat(1_000) });
    await database.collection('b').insertOne({});
    const named = async () => (await mongodb.client.db().admin().listDatabases()).databases.map(({ name }) => name);
    expect(await named()).toContain('to_be_dropped');
    expect(await database.stats()).toMatchObject({ collections: 2, objects: 2, indexes: 2 });
    await database.dropDatabase();
    expect(await named()).not.toContain('to_be_dropped');
    expect(await database.collection('a').countDocuments()).toBe(0);
  });

  it('tell how large they are', async () => {
    const database = mongodb.database();
    await database.collection('things').insertMany([{ text: 'x'.repeat(1_000) }, { text: '' }]);
    const stats = await database.command({ collStats: 'things' });
    expect(stats).toMatchObject({ count: 2, nindexes: 1, ns: `${database.databaseName}.things` });
    expect(stats.size).toBeGreaterThan(1_000);
    const [staged] = await database
      .collection('things')
      .aggregate([{ $collStats: { count: {} } }])
      .toArray();
    expect(staged).toMatchObject({ count: 2 });
  });

  it('change their validator by collMod', async () => {
    const database = mongodb.database();
    const things = await database.createCollection<Anything>('things');
    await things.insertOne({ _id: 1 });
    await database.command({ collMod: 'things', validator: { a: { $exists: true } }, validationLevel: 'moderate' });
    await expect(things.insertOne({ _id: 2 })).rejects.toMatchObject({ code: 121 });
    await things.updateOne({ _id: 1 }, { $set: { b: 1 } }); // it was not valid before either
    await database.command({ collMod: 'things', validator: {} });
    await things.insertOne({ _id: 2 });
    await expect(database.command({ collMod: 'nowhere' })).rejects.toMatchObject({ code: 26 });
  });

  it.each([
    ['an empty collection name', { insert: '', documents: [{}] }, 73],
    ['a dollar in a collection name', { insert: 'a$b', documents: [{}] }, 73],
    ['a dot in front of a collection name', { create: '.a' }, 73],
    ['a collection of the system', { insert: 'system.things', documents: [{}] }, 73],
    ['a collection name that is too long', { create: 'x'.repeat(300) }, 73],
    ['a collection name that is no string', { find: 5 }, 73],
    ['a capped collection', { create: 'things', capped: true, size: 1_000 }, 238],
    ['a view', { create: 'things', viewOn: 'others', pipeline: [] }, 238],
    ['a time series', { create: 'things', timeseries: { timeField: 'at' } }, 238],
  ])('refuse %s', async (_, command, code) => {
    await expect(mongodb.database().command(command)).rejects.toMatchObject({ code });
  });

  it('refuse an invalid database name', async () => {
    const command = { renameCollection: 'a b.c', to: 'd.e' };
    await expect(mongodb.client.db('admin').command(command)).rejects.toMatchObject({ code: 73 });
  });
});
