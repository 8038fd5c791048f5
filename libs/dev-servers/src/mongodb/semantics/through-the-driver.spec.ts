import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long, MongoClient, type Collection, type Db, type Document } from 'mongodb';
import { type MongoDBServer, startMongoDB } from '../start-mongodb.js';

let server: MongoDBServer;
let client: MongoClient;
let db: Db;

beforeAll(async () => {
  server = await startMongoDB();
  client = await MongoClient.connect(server.url);
  db = client.db('semantics');
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

/** A collection with these documents, of which nobody else knows. */
async function holding(name: string, ...documents: Document[]): Promise<Collection<Document>> {
  await db.collection(name).insertMany(documents);
  return db.collection(name);
}

/** Leaves numbers as they were sent. */
const typed = { promoteValues: false, promoteLongs: false };

const types = (document: Document | null | undefined) =>
  Object.fromEntries(
    Object.entries(document ?? {}).map(([name, value]) => [name, `${value.constructor.name} ${value}`]),
  );

describe('over the official driver', () => {
  it('numbers keep their types through updates and aggregations', async () => {
    const numbers = await holding('numbers', {
      _id: new Int32(1),
      int: new Int32(1),
      double: new Double(1),
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
    });
    await numbers.updateOne({ int: 1 }, { $inc: { int: 1, double: 1, long: 1, decimal: 1, made: 1 } });
    expect(types(await numbers.findOne({}, typed))).toEqual({
      _id: 'Int32 1',
      int: 'Int32 2',
      double: 'Double 2',
      long: 'Long 9007199254740994',
      decimal: 'Decimal128 2.10',
      made: 'Int32 1',
    });
    const [computed] = await numbers
      .aggregate(
        [
          {
            $group: {
              _id: null,
              int: { $sum: '$int' },
              long: { $max: '$long' },
              average: { $avg: '$int' },
              exact: { $sum: '$decimal' },
            },
          },
          { $set: { quotient: { $divide: ['$int', 2] }, product: { $multiply: ['$int', '$exact'] } } },
          { $unset: '_id' },
        ],
        typed,
      )
      .toArray();
    expect(types(computed)).toEqual({
      int: 'Int32 2',
      long: 'Long 9007199254740994',
      average: 'Double 2',
      exact: 'Decimal128 2.10',
      quotient: 'Double 1',
      product: 'Decimal128 4.20',
    });
  });

  it('a stock of articles is asked, changed and summed up', async () => {
    const stock = await holding(
      'stock',
      {
        _id: 'nut',
        size: { w: 3, unit: 'mm' },
        tags: ['steel', 'round'],
        places: [
          { hall: 'A', n: 5 },
          { hall: 'B', n: 40 },
        ],
      },
      { _id: 'bolt', size: { w: 8, unit: 'mm' }, tags: ['steel'], places: [{ hall: 'B', n: 15 }] },
      { _id: 'plank', size: { w: 2, unit: 'm' }, tags: [], places: [] },
    );
    const ids = async (filter: Document) =>
      (await stock.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => String(_id));
    expect(await ids({ 'size.unit': 'mm', 'size.w': { $lt: 5 } })).toEqual(['nut']);
    expect(await ids({ places: { $elemMatch: { hall: 'B', n: { $lt: 20 } } } })).toEqual(['bolt']);
    expect(await ids({ 'places.hall': 'B', 'places.n': { $lt: 10 } })).toEqual(['nut']);
    expect(await ids({ tags: { $size: 0 } })).toEqual(['plank']);
    expect(await ids({ size: { unit: 'mm', w: 8 } })).toEqual([]);

    await stock.updateMany(
      { tags: 'steel' },
      { $inc: { 'places.$[b].n': 100 } },
      { arrayFilters: [{ 'b.hall': 'B' }] },
    );
    await stock.updateOne({ 'places.n': 140 }, { $set: { 'places.$.hall': 'C' } });
    const found = await stock.findOne({ 'places.hall': 'C' }, { projection: { _id: 0, 'places.$': 1 } });
    expect(JSON.stringify(found)).toBe('{"places":[{"hall":"C","n":140}]}');

    const halls = await stock
      .aggregate([
        { $unwind: '$places' },
        { $group: { _id: '$places.hall', n: { $sum: '$places.n' }, articles: { $push: '$_id' } } },
        { $sort: { n: -1 } },
      ])
      .toArray();
    expect(JSON.stringify(halls)).toBe(
      '[{"_id":"C","n":140,"articles":["nut"]},{"_id":"B","n":115,"articles":["bolt"]},{"_id":"A","n":5,"articles":["nut"]}]',
    );
  });

  it('variables of a command are expressions, the same throughout it', async () => {
    const dated = await holding('dated', { _id: 1, at: new Date(0) }, { _id: 2, at: new Date(8e15) });
    const before = { $expr: { $lt: ['$at', '$$limit'] } };
    const options = { let: { limit: { $add: ['$$NOW', 1000] } } };
    expect((await dated.find(before, options).toArray()).map(({ _id }) => Number(_id))).toEqual([1]);
    expect((await dated.updateMany(before, [{ $set: { limit: '$$limit' } }], options)).modifiedCount).toBe(1);
    expect((await dated.deleteMany(before, options)).deletedCount).toBe(1);
    const shown = await dated
      .aggregate([{ $project: { _id: 0, literal: '$$word' } }], { let: { word: { $literal: '$x' } } })
      .toArray();
    expect(JSON.stringify(shown)).toBe('[{"literal":"$x"}]');
  });

  it('a schema decides what is taken', async () => {
    const schema = { bsonType: 'object', required: ['name'], properties: { age: { bsonType: 'int', minimum: 0 } } };
    const people = await db.createCollection('people', { validator: { $jsonSchema: schema } });
    await people.insertOne({ name: 'Ada', age: new Int32(36) });
    await expect(people.insertOne({ age: new Int32(1) })).rejects.toMatchObject({ code: 121 });
    await expect(people.updateOne({ name: 'Ada' }, { $set: { age: -1 } })).rejects.toMatchObject({ code: 121 });
    expect(await people.countDocuments({ $jsonSchema: schema })).toBe(1);
  });

  it('what is wrong is said as MongoDB says it', async () => {
    const wrong = await holding('wrong', { _id: 'x', text: 'a', list: [1] });
    await expect(wrong.find({ a: { $foo: 1 } }).toArray()).rejects.toMatchObject({ code: 2, codeName: 'BadValue' });
    await expect(wrong.aggregate([{ $foo: 1 }]).toArray()).rejects.toMatchObject({ code: 40324 });
    await expect(wrong.aggregate([{ $set: { a: { $foo: 1 } } }]).toArray()).rejects.toMatchObject({ code: 168 });
    await expect(wrong.updateOne({}, { $inc: { text: 1 } })).rejects.toMatchObject({
      code: 14,
      message: `Cannot apply $inc to a value of non-numeric type. {_id: "x"} has the field 'text' of non-numeric type string`,
    });
    await expect(wrong.updateOne({}, { $set: { 'text.b': 1 } })).rejects.toMatchObject({ code: 28 });
    await expect(wrong.updateOne({}, { $set: { _id: 'y' } })).rejects.toMatchObject({ code: 66 });
    await expect(wrong.find({ $where: 'true' }).toArray()).rejects.toMatchObject({ code: 238 });
  });

  it('what is nested without end is refused, and the server lives on', async () => {
    let deep: Document = {};
    for (let level = 0; level < 50_000; level += 1) deep = { a: deep };
    const nested = await holding('nested', { _id: 1 });
    await expect(nested.insertOne(deep)).rejects.toMatchObject({ code: 15 });
    await expect(nested.findOne({ a: deep })).rejects.toMatchObject({ code: 15 });
    await expect(nested.updateOne({}, { $set: { a: deep } })).rejects.toMatchObject({ code: 15 });
    expect(await nested.countDocuments()).toBe(1);
  });
});
