import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('sessions', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  const admin = () => mongodb.client.db('admin');
  const active = async () => (await admin().command({ serverStatus: 1 })).logicalSessionRecordCache.activeSessionsCount;

  it('are taken along by every operation of the driver', async () => {
    const things = mongodb.collection();
    await mongodb.client.withSession(async (session) => {
      await things.insertOne({ _id: 1 }, { session });
      expect(await things.find({}, { session }).toArray()).toEqual([{ _id: 1 }]);
    });
  });

  it('begin, are refreshed and end by command', async () => {
    const { id, timeoutMinutes } = await admin().command({ startSession: 1 });
    expect(timeoutMinutes).toBe(30);
    const before = await active();
    await admin().command({ refreshSessions: [id] });
    expect(await active()).toBe(before);
    await admin().command({ endSessions: [id] });
    expect(await active()).toBe(before - 1);
    await expect(admin().command({ endSessions: [{ id: 5 }] })).rejects.toMatchObject({ code: 14 });
  });

  it('have no transactions, as on every MongoDB that stands alone', async () => {
    const things = mongodb.collection();
    const session = mongodb.client.startSession();
    const attempt = session.withTransaction(() => things.insertOne({ _id: 1 }, { session }));
    await expect(attempt).rejects.toThrow(
      /Transaction numbers are only allowed on a replica set member or mongos|does not support retryable writes/,
    );
    expect(await things.countDocuments()).toBe(0);
    await session.endSession();
    await expect(admin().command({ commitTransaction: 1 })).rejects.toMatchObject({ code: 20 });
  });

  it('read no snapshots', async () => {
    const readConcern = { level: 'snapshot' };
    await expect(mongodb.database().command({ find: 'things', readConcern })).rejects.toMatchObject({ code: 123 });
    const majority = { find: 'things', readConcern: { level: 'majority' } };
    expect(await mongodb.database().command(majority)).toMatchObject({ ok: 1 });
  });
});
