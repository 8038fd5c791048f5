import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Anything, MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('aggregate', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  async function orders() {
    const database = mongodb.database();
    await database.collection<Anything>('orders').insertMany([
      { _id: 1, customer: 'a', total: 10, lines: [{ sku: 'x' }, { sku: 'y' }] },
      { _id: 2, customer: 'b', total: 20, lines: [{ sku: 'x' }] },
      { _id: 3, customer: 'a', total: 30, lines: [] },
    ]);
    await database.collection<Anything>('customers').insertMany([
      { _id: 'a', name: 'Ada' },
      { _id: 'b', name: 'Bob' },
    ]);
    return database;
  }

  it('matches, groups and sorts', async () => {
    const database = await orders();
    const pipeline = [
      { $match: { total: { $gte: 10 } } },
      { $group: { _id: '$customer', spent: { $sum: '$total' }, orders: { $sum: 1 } } },
      { $sort: { spent: -1 } },
    ];
    expect(await database.collection('orders').aggregate(pipeline).toArray()).toEqual([
      { _id: 'a', spent: 40, orders: 2 },
      { _id: 'b', spent: 20, orders: 1 },
    ]);
  });

  it('unwinds and joins', async () => {
    const database = await orders();
    const pipeline = [
      { $unwind: '$lines' },
      { $lookup: { from: 'customers', localField: 'customer', foreignField: '_id', as: 'who' } },
      { $project: { _id: 0, sku: '$lines.sku', who: { $first: '$who.name' } } },
    ];
    expect(await database.collection('orders').aggregate(pipeline).toArray()).toEqual([
      { sku: 'x', who: 'Ada' },
      { sku: 'y', who: 'Ada' },
      { sku: 'x', who: 'Bob' },
    ]);
  });

  it('gives nothing for a collection that is not there, but counts it where that is asked', async () => {
    const nowhere = mongodb.collection('nowhere');
    expect(await nowhere.aggregate([{ $match: {} }]).toArray()).toEqual([]);
    expect(await nowhere.aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]).toArray()).toEqual([]);
  });

  it('gives large results in batches', async () => {
    const things = mongodb.collection();
    await things.insertMany(Array.from({ length: 1_000 }, (_, _id) => ({ _id })));
    const found = things.aggregate([{ $match: { _id: { $gte: 100 } } }, { $set: { twice: { $add: ['$_id', '$_id'] } } }], { batchSize: 9 }); // prettier-ignore
    expect((await found.toArray()).map(({ twice }) => twice)).toEqual(
      Array.from({ length: 900 }, (_, n) => 2 * (n + 100)),
    );
  });

  it('counts as countDocuments wants it', async () => {
    const database = await orders();
    const things = database.collection('orders');
    expect(await things.aggregate([{ $match: { customer: 'a' } }, { $group: { _id: 7, n: { $sum: 1 } } }]).toArray()).toEqual([{ _id: 7, n: 2 }]); // prettier-ignore
    expect(await things.aggregate([{ $skip: 2 }, { $limit: 5 }, { $group: { _id: null, n: { $sum: 1 } } }]).toArray()).toEqual([{ _id: null, n: 1 }]); // prettier-ignore
    expect(await things.aggregate([{ $group: { _id: null, n: { $sum: 2 } } }]).toArray()).toEqual([
      { _id: null, n: 6 },
    ]);
  });

  it('begins without a collection where the pipeline brings its documents', async () => {
    const database = mongodb.database();
    expect(await database.aggregate([{ $documents: [{ a: 1 }, { a: 2 }] }, { $match: { a: 2 } }]).toArray()).toEqual([{ a: 2 }]); // prettier-ignore
    await expect(database.aggregate([{ $match: {} }]).toArray()).rejects.toMatchObject({ code: 73 });
  });

  it('takes variables', async () => {
    const database = await orders();
    const found = database.collection('orders').aggregate([{ $match: { $expr: { $eq: ['$total', '$$wanted'] } } }], { let: { wanted: 20 } }); // prettier-ignore
    expect(await found.toArray()).toMatchObject([{ _id: 2 }]);
  });

  it.each([
    ['an unknown stage', [{ $nope: {} }], 40324],
    ['a stage of two names', [{ $match: {}, $limit: 1 }], 40323],
    ['a change stream', [{ $changeStream: {} }], 40573],
    ['$out that is not the last', [{ $out: 'x' }, { $match: {} }], 40601],
    ['$search', [{ $search: {} }], 238],
    ['$indexStats', [{ $indexStats: {} }], 238],
  ])('refuses %s', async (_, pipeline, code) => {
    const database = await orders();
    await expect(database.collection('orders').aggregate(pipeline).toArray()).rejects.toMatchObject({ code });
  });

  it('refuses a change stream by name when the driver asks for one', async () => {
    const stream = mongodb.collection().watch();
    await expect(stream.next()).rejects.toMatchObject({ code: 40573, message: 'The $changeStream stage is only supported on replica sets' }); // prettier-ignore
  });

  describe('$out', () => {
    it('puts the results in the place of a collection, whose indexes stay', async () => {
      const database = await orders();
      const target = database.collection<Anything>('target');
      await target.createIndex({ spent: 1 }, { unique: true });
      await target.insertOne({ _id: 'old' });
      await database.collection('orders').aggregate([{ $group: { _id: '$customer', spent: { $sum: '$total' } } }, { $out: 'target' }]).toArray(); // prettier-ignore
      expect(await target.find().sort({ _id: 1 }).toArray()).toEqual([{ _id: 'a', spent: 40 }, { _id: 'b', spent: 20 }]); // prettier-ignore
      expect((await target.indexes()).map(({ name }) => name)).toEqual(['_id_', 'spent_1']);
    });

    it('leaves the collection as it was when it fails', async () => {
      const database = await orders();
      const target = database.collection<Anything>('target');
      await target.createIndex({ same: 1 }, { unique: true });
      await target.insertOne({ _id: 'old' });
      const failing = database.collection('orders').aggregate([{ $set: { same: 1 } }, { $out: 'target' }]);
      await expect(failing.toArray()).rejects.toMatchObject({ code: 11000 });
      expect(await target.find().toArray()).toEqual([{ _id: 'old' }]);
      expect(await database.listCollections().toArray()).toHaveLength(3);
    });
  });

  describe('$merge', () => {
    it('merges, replaces, keeps or refuses what is there, and inserts the rest', async () => {
      const database = await orders();
      const target = database.collection<Anything>('target');
      const merge = async (options: object, stages: object[] = []) => {
        await target.deleteMany({});
        await target.insertOne({ _id: 1, kept: true, total: 0 });
        const pipeline = [...stages, { $project: { total: 1 } }, { $merge: { into: 'target', ...options } }];
        await database.collection('orders').aggregate(pipeline).toArray();
        return target.find().sort({ _id: 1 }).toArray();
      };
      const rest = [{ _id: 2, total: 20 }, { _id: 3, total: 30 }]; // prettier-ignore
      expect(await merge({})).toEqual([{ _id: 1, kept: true, total: 10 }, ...rest]);
      expect(await merge({ whenMatched: 'replace' })).toEqual([{ _id: 1, total: 10 }, ...rest]);
      expect(await merge({ whenMatched: 'keepExisting' })).toEqual([{ _id: 1, kept: true, total: 0 }, ...rest]);
      expect(await merge({ whenNotMatched: 'discard' })).toEqual([{ _id: 1, kept: true, total: 10 }]);
      expect(await merge({ whenMatched: [{ $set: { was: '$total', is: '$$new.total' } }] })).toEqual([{ _id: 1, kept: true, total: 0, was: 0, is: 10 }, ...rest]); // prettier-ignore
      await expect(merge({ whenMatched: 'fail' })).rejects.toMatchObject({ code: 11000 });
      await expect(merge({ whenNotMatched: 'fail' })).rejects.toMatchObject({ code: 13113 });
    });

    it('recognises documents by other fields if an index makes them unique', async () => {
      const database = await orders();
      const merge = { $merge: { into: 'target', on: 'customer' } };
      const stages = [{ $group: { _id: '$customer', spent: { $sum: '$total' } } }, { $project: { _id: 0, customer: '$_id', spent: 1 } }, merge]; // prettier-ignore
      const aggregated = () => database.collection('orders').aggregate(stages).toArray();
      await expect(aggregated()).rejects.toMatchObject({ code: 51183 });
      const target = database.collection<Anything>('target');
      await target.createIndex({ customer: 1 }, { unique: true });
      await target.insertOne({ _id: 9, customer: 'a' });
      await aggregated();
      expect(await target.findOne({ customer: 'a' })).toEqual({ _id: 9, customer: 'a', spent: 40 });
      expect(await target.findOne({ customer: 'b' })).toMatchObject({ spent: 20 });
    });
  });
});
