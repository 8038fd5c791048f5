import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('errors', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  it('have the code, its name and a sentence', async () => {
    await expect(mongodb.database().command({ createIndexes: 'things', indexes: [] })).rejects.toMatchObject({
      ok: 0,
      code: 2,
      codeName: 'BadValue',
      errmsg: 'Must specify at least one index to create',
    });
  });

  it('of single statements do not make the command fail', async () => {
    const database = mongodb.database();
    const updates = [
      { q: { _id: 1 }, u: { $set: { a: 1 } }, upsert: true },
      { q: { _id: 1 }, u: { $nope: { a: 1 } } },
      { q: { $nope: 1 }, u: { $set: { a: 1 } } },
      { q: { _id: 1 }, u: { $set: { a: 2 } } },
    ];
    expect(await database.command({ update: 'things', updates, ordered: false })).toEqual({
      n: 2,
      nModified: 1,
      upserted: [{ index: 0, _id: 1 }],
      writeErrors: [
        { index: 1, code: 9, errmsg: expect.any(String) },
        { index: 2, code: 2, errmsg: expect.any(String) },
      ],
      ok: 1,
    });
    expect(await database.command({ delete: 'things', deletes: [{ q: { $nope: 1 }, limit: 1 }] })).toMatchObject({
      n: 0,
      writeErrors: [{ index: 0, code: 2 }],
    });
  });

  it.each([
    ['a command whose name is misspelt', { fnd: 'things' }, 59],
    ['an argument that it does not know', { insert: 'things', documents: [{}], nope: 1 }, 40415],
    ['an argument that is missing', { insert: 'things' }, 40414],
    ['an argument of the wrong type', { find: 'things', filter: 'x' }, 14],
    ['an empty batch', { insert: 'things', documents: [] }, 16],
    ['a document that is none', { insert: 'things', documents: [5] }, 14],
    ['an update without a filter', { update: 'things', updates: [{ u: { a: 1 } }] }, 40414],
    ['an unknown argument of a statement', { update: 'things', updates: [{ q: {}, u: {}, nope: 1 }] }, 40415],
    [
      'a collation of a statement',
      { delete: 'things', deletes: [{ q: {}, limit: 1, collation: { locale: 'de' } }] },
      238,
    ],
    ['a write concern of three members', { insert: 'things', documents: [{}], writeConcern: { w: 3 } }, 2],
    ['a write concern by a name', { insert: 'things', documents: [{}], writeConcern: { w: 'two' } }, 2],
    ['an aggregation without a cursor', { aggregate: 'things', pipeline: [] }, 9],
    ['a pipeline that is no array', { aggregate: 'things', pipeline: {}, cursor: {} }, 14],
    ['getMore without a number', { getMore: 5, collection: 'things' }, 14],
    ['a distinct without a key', { distinct: 'things' }, 40414],
    ['an explanation of what cannot be explained', { explain: { insert: 'things', documents: [{}] } }, 59],
    ['an explanation in words that it does not know', { explain: { find: 'things' }, verbosity: 'all' }, 2],
    ['a read concern of an unknown level', { find: 'things', readConcern: { level: 'most' } }, 9],
    ['a read concern whose level is no text', { find: 'things', readConcern: { level: 1 } }, 14],
    ['a read concern of replica sets', { find: 'things', readConcern: { level: 'linearizable' } }, 123],
    ['authentication, which it does not have', { saslStart: 1, mechanism: 'SCRAM-SHA-256' }, 59],
    ['collMod of an index that is not there', { collMod: 'things', index: { name: 'nope' } }, 26],
  ])('are given for %s', async (_, command, code) => {
    await expect(mongodb.database().command(command)).rejects.toMatchObject({ code });
  });

  it('of the wrong database are given where only admin will do', async () => {
    const rename = { renameCollection: 'a.b', to: 'a.c' };
    await expect(mongodb.database().command(rename)).rejects.toMatchObject({ code: 13 });
    await expect(mongodb.database().command({ listDatabases: 1 })).rejects.toMatchObject({ code: 13 });
  });
});
