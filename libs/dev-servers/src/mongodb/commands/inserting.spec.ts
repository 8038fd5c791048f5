import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID,
} from 'mongodb'; // prettier-ignore
import { type Anything, MongoDBConnection } from '../../../test/mongodb-connection.js';

describe('insert', () => {
  let mongodb: MongoDBConnection;
  beforeAll(async () => void (mongodb = await MongoDBConnection.open()));
  afterAll(() => mongodb.close());

  it('gives back every BSON type as it was sent', async () => {
    const things = mongodb.collection();
    const document = {
      _id: new ObjectId(),
      double: new Double(3),
      int: new Int32(3),
      long: Long.fromString('9007199254740993'),
      smallLong: Long.fromNumber(3),
      decimal: Decimal128.fromString('0.10'),
      string: 'naïve 😀',
      date: new Date(0),
      early: new Date(-1),
      bytes: new Binary(Buffer.from([1, 2, 0])),
      uuid: new UUID('6f1d3a2e-53f5-4b9a-9d60-5c2c40a4b111'),
      yes: true,
      nothing: null,
      pattern: new BSONRegExp('a.*b', 'i'),
      timestamp: new Timestamp({ t: 1, i: 2 }),
      code: new Code('() => 1'),
      least: new MinKey(),
      most: new MaxKey(),
      nested: { array: [new Int32(1), new Double(1), { deep: [[]] }], empty: {} },
    };
    await things.insertOne(document);
    const options = { promoteValues: false, promoteLongs: false, bsonRegExp: true };
    expect(await things.findOne({}, options)).toEqual(document);
  });

  it('keeps the order of fields, of such that look like numbers too', async () => {
    const database = mongodb.database();
    const document = new Map<string, unknown>([
      ['_id', 1],
      ['b', 1],
      ['10', 1],
      ['9', 1],
    ]);
    await database.command({ insert: 'things', documents: [document] });
    const things = database.collection('things');
    const bytes = (await things.findOne({}, { raw: true })) as unknown as Buffer;
    expect(bytes.toString('latin1')).toMatch(/_id.*b.*10.*9/s);
  });

  it('puts the _id first, and makes one where there is none', async () => {
    const database = mongodb.database();
    await database.command({ insert: 'things', documents: [{ a: 1, _id: 5 }, { b: 1 }] });
    const [first, second] = await database.collection('things').find().toArray();
    expect(Object.keys(first!)).toEqual(['_id', 'a']);
    expect(second!._id).toBeInstanceOf(ObjectId);
  });

  it('refuses a second document with an _id, whichever number type it has', async () => {
    const things = mongodb.collection();
    await things.insertOne({ _id: 1 });
    await expect(things.insertOne({ _id: new Double(1) })).rejects.toMatchObject({
      code: 11000,
      message: expect.stringMatching(
        /^E11000 duplicate key error collection: spec_\d+\.things index: _id_ dup key: \{ _id: 1/,
      ),
      keyPattern: { _id: 1 },
      keyValue: { _id: 1 },
    });
    expect(await things.find().toArray()).toEqual([{ _id: 1 }]);
  });

  it('stops at the first failure when ordered', async () => {
    const things = mongodb.collection();
    const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }];
    await expect(things.insertMany(documents)).rejects.toMatchObject({
      code: 11000,
      result: expect.objectContaining({ insertedCount: 1 }),
      writeErrors: [expect.objectContaining({ index: 1, code: 11000 })],
    });
    expect(await things.countDocuments({ _id: 2 })).toBe(0);
  });

  it('goes on behind a failure when unordered', async () => {
    const things = mongodb.collection();
    const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }];
    await expect(things.insertMany(documents, { ordered: false })).rejects.toMatchObject({
      result: expect.objectContaining({ insertedCount: 3 }),
      writeErrors: [expect.objectContaining({ index: 1 }), expect.objectContaining({ index: 3 })],
    });
  });

  it.each([
    ['an array', [1]],
    ['a pattern', /a/],
    ['undefined behind a dollar', { $a: 1 }],
  ])('refuses %s for an _id', async (_, id) => {
    await expect(mongodb.collection().insertOne({ _id: id })).rejects.toMatchObject({
      code: expect.any(Number),
    });
  });

  it('takes a document of 16 MiB and refuses one that is larger', async () => {
    const database = mongodb.database();
    const overhead = 5 + '_id'.length + 2 + 4 + 'a'.length + 2 + 4 + 1;
    const bytes = (more: number) => new Binary(Buffer.alloc(16 * 1024 * 1024 - overhead + more));
    const things = database.collection<Anything>('things');
    await things.insertOne({ _id: 1, a: bytes(0) });
    const tooLarge = { insert: 'things', documents: [{ _id: 2, a: bytes(1) }] };
    expect(await database.command(tooLarge)).toMatchObject({ n: 0, writeErrors: [{ index: 0, code: 10334 }] });
    expect((await things.findOne({ _id: 1 })).a.length()).toBe(bytes(0).length());
  });

  it('inserts more than fit into one transaction', async () => {
    const things = mongodb.collection();
    const documents = Array.from({ length: 5_000 }, (_, _id) => ({ _id }));
    await things.insertMany(documents);
    expect(await things.find().toArray()).toEqual(documents);
  });

  it('does not answer who wants no answer, and inserts all the same', async () => {
    const things = mongodb.collection();
    await things.insertOne({ _id: 1 }, { writeConcern: { w: 0 } });
    await things.insertOne({ _id: 1 }, { writeConcern: { w: 0 } });
    await things.insertOne({ _id: 2 });
    await expect(things.findOne({ _id: 1 })).resolves.toEqual({ _id: 1 });
  });

  it('holds documents to the validator of their collection', async () => {
    const database = mongodb.database();
    await database.createCollection('things', { validator: { size: { $gt: 0 } } });
    const things = database.collection('things');
    await expect(things.insertOne({ size: 0 })).rejects.toMatchObject({ code: 121 });
    await things.insertOne({ size: 1 });
    await expect(things.updateOne({}, { $set: { size: 0 } })).rejects.toMatchObject({ code: 121 });
    await things.insertOne({ size: 0 }, { bypassDocumentValidation: true });
    expect(await things.estimatedDocumentCount()).toBe(2);
  });
});
