import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Long, MaxKey, MinKey, ObjectId, serialize } from 'bson';
import fc from 'fast-check';
import { type BsonDocument, readDocument } from '../semantics/bson-document.js';
import { compileFilter } from '../semantics/filter.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { compileSortKey } from '../semantics/sort.js';
import { DocumentScan } from './document-scan.js';
import { indexSpecification } from './index-specification.js';
import { Query } from './query.js';
import { Storage } from './storage.js';

const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(1.5, -0.5, NaN, Infinity, -Infinity, -0).map((n) => new Double(n)),
  fc.constantFrom('1', '3', '9007199254740993').map((text) => Long.fromString(text)),
  fc.constantFrom('1', '1.50', '-0.5', 'NaN', '1E+500').map((text) => Decimal128.fromString(text)),
  fc.constantFrom('', 'a', 'ab', 'a\0b', 'é', '😀'),
  fc.constantFrom(null, true, false, new Date(0), new Date(-1), new ObjectId('64b0c0c0c0c0c0c0c0c0c0c0')),
  fc.constantFrom(new MinKey(), new MaxKey()),
);
const number = fc.integer({ min: -3, max: 3 });
const value = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(number, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.record({ x: scalar }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.array(fc.record({ x: scalar }), { maxLength: 2 }) },
);
const document = fc.record({ a: value, b: value, c: scalar }, { requiredKeys: [] });

const path = fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', 'a.x', '_id');
const direction = fc.constantFrom(1, -1);
const index = fc
  .uniqueArray(fc.tuple(path, direction), { minLength: 1, maxLength: 3, selector: ([each]) => each })
  .filter((fields) => fields.length > 1 || fields[0]![0] !== '_id' || fields[0]![1] === 1) // the other one is refused
  .map((fields) => ({ key: Object.fromEntries(fields) as BsonDocument }))
  .chain(({ key }) => fc.constantFrom<BsonDocument>({ key }, { key, sparse: true }));

const condition = fc.oneof(
  value,
  fc.record({ $eq: value }),
  fc.record({ $in: fc.array(value, { maxLength: 4 }) }),
  fc.record({ $gt: scalar, $gte: scalar, $lt: scalar, $lte: scalar }, { requiredKeys: [] }),
  number.map((low) => ({ $gte: low, $lt: low + 1 })),
  number.map((low) => ({ $lte: low + 2, $gt: low })),
  fc.record({ $ne: scalar }),
  fc.record({ $exists: fc.boolean() }),
);
const conditions = fc.dictionary(path, condition, { maxKeys: 3 });
const filter = fc.oneof(
  conditions,
  fc.array(conditions, { minLength: 1, maxLength: 2 }).map(($and) => ({ $and })),
);
const sort = fc
  .uniqueArray(fc.tuple(path, direction), { maxLength: 2, selector: ([each]) => each })
  .map((fields) => Object.fromEntries(fields) as BsonDocument);

describe('Query', () => {
  let storage: Storage;
  beforeAll(async () => void (storage = await Storage.open()));
  afterAll(() => storage.close());

  it('finds by any indexes what a look at every document finds, each once, in order where it says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { maxLength: 25 }),
        fc.array(index, { maxLength: 3 }),
        fc.array(fc.tuple(filter, sort), { minLength: 1, maxLength: 8 }),
        async (documents, indexes, queries) => {
          await storage.write(({ catalog }) => {
            const left = catalog.find('spec', 'things');
            if (left) catalog.drop(left);
          });
          const stored = await store(documents, indexes);
          for (const [asked, order] of queries) {
            const expected = stored.filter(compileFilter(asked)).map(({ _id }) => Number(_id));
            const found = await find(new Query({ filter: asked, sort: order }));
            expect(found.ids.toSorted((x, y) => x - y)).toEqual(expected);
            if (found.sorted && Object.keys(order).length > 0) {
              const keys = found.documents.map(compileSortKey(order));
              expect(keys).toEqual(keys.toSorted((x, y) => Buffer.compare(x, y)));
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  /** The documents that could be stored: an index may refuse some. */
  async function store(documents: readonly BsonDocument[], indexes: readonly BsonDocument[]): Promise<BsonDocument[]> {
    await storage.write(({ catalog }) => {
      let collection = catalog.create('spec', 'things', {});
      for (const [at, each] of indexes.entries()) {
        catalog.addIndex(collection, indexSpecification({ ...each, name: `index ${at}` }));
        collection = catalog.find('spec', 'things')!;
      }
    });
    const stored: BsonDocument[] = [];
    for (const [_id, fields] of documents.entries()) {
      const body = Buffer.from(serialize({ _id, ...fields }));
      const each = readDocument(body);
      try {
        await storage.write((tables) => {
          tables.documents(tables.catalog.find('spec', 'things')!).insert({ document: each, body });
        });
        stored.push(each);
      } catch (error) {
        expect(error).toBeInstanceOf(MongoDBError); // parallel arrays
      }
    }
    return stored;
  }

  async function find(query: Query) {
    const documents: BsonDocument[] = [];
    const { collection, path } = await storage.read(({ catalog }) => {
      const things = catalog.find('spec', 'things')!;
      return { collection: things, path: query.pathIn(things) };
    });
    const scan = new DocumentScan(collection.id, path);
    while (!scan.ended) {
      // Three at a time, as batches do.
      let left = 3;
      await storage.read(({ statements }) =>
        scan.read(statements, ({ body }) => {
          const each = path.exact ? readDocument(body) : query.matching(body);
          if (each) documents.push(each);
          return --left > 0;
        }),
      );
    }
    return { documents, ids: documents.map(({ _id }) => Number(_id)), sorted: path.sorted };
  }
});
