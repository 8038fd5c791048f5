import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';
import { until } from '../../../../core/test/until.js';

describe('expiry', () => {
  let mongodb: MongoDBConnection;
  beforeEach(async () => void (mongodb = await MongoDBConnection.open()));
  afterEach(() => mongodb.close());

  it('removes documents some time after the date in their field, and no others', async () => {
    const things = mongodb.collection();
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 100 });
    const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);
    await things.insertMany([
      { _id: 'old', at: ago(101) },
      { _id: 'young', at: ago(50) },
      { _id: 'one of two is old', at: [ago(0), ago(101)] },
      { _id: 'no date', at: 5 },
      { _id: 'nothing' },
    ]);
    const admin = mongodb.client.db('admin');
    expect(await admin.command({ setParameter: 1, ttlMonitorSleepSecs: 1 })).toMatchObject({ was: 60 });
    await until('two are gone', async () => (await things.countDocuments()) === 3);
    expect(await things.distinct('_id')).toEqual(['no date', 'nothing', 'young']);
    // A shorter time, declared anew.
    const index = { name: 'at_1', expireAfterSeconds: 10 };
    await mongodb.client.db(things.dbName).command({ collMod: 'things', index });
    await until('the young one is gone', async () => (await things.countDocuments()) === 2);
    expect(await admin.command({ getParameter: 1, ttlMonitorSleepSecs: 1 })).toMatchObject({ ttlMonitorSleepSecs: 1 });
  });

  it('leaves out what a partial index leaves out', async () => {
    const things = mongodb.collection();
    await things.createIndex(
      { at: 1 },
      { expireAfterSeconds: 0, partialFilterExpression: { at: { $gt: new Date(5) } } },
    );
    await things.insertMany([{ at: new Date(1) }, { at: new Date(10) }]);
    await mongodb.client.db('admin').command({ setParameter: 1, ttlMonitorSleepSecs: 1 });
    await until('one is gone', async () => (await things.countDocuments()) === 1);
    expect(await things.findOne()).toMatchObject({ at: new Date(1) });
  });
});
