import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Long, serialize } from 'bson';
import { type AggregateOptions, compilePipeline } from './aggregate.js';
import { readDocument, type BsonDocument } from './bson-document.js';
import { compileFilter } from './filter.js';
import { MongoDBError } from './mongodb-error.js';

/** What a function throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

const stored = (documents: readonly BsonDocument[]) =>
  documents.map((document) => readDocument(serialize(document, { ignoreUndefined: true })));

const double = (value: number) => new Double(value);
const long = (value: number) => Long.fromNumber(value);

const sales: BsonDocument[] = [
  { _id: 1, item: 'abc', price: 10, quantity: 2, date: new Date('2014-03-01T08:00:00Z'), tags: ['a', 'b'] },
  { _id: 2, item: 'jkl', price: 20, quantity: 1, date: new Date('2014-03-01T09:00:00Z'), tags: ['b'] },
  { _id: 3, item: 'xyz', price: 5, quantity: 10, date: new Date('2014-03-15T09:00:00Z'), tags: [] },
  { _id: 4, item: 'xyz', price: 5, quantity: 20, date: new Date('2014-04-04T11:21:39.736Z'), tags: null },
  { _id: 5, item: 'abc', price: 10, quantity: 10, date: new Date('2014-04-04T21:23:13.331Z') },
];

const collections: Record<string, BsonDocument[]> = {
  sales,
  inventory: [
    { _id: 1, sku: 'abc', instock: 120 },
    { _id: 2, sku: 'jkl', instock: 60 },
    { _id: 3, sku: null, instock: 0 },
    { _id: 4, instock: 1 },
    { _id: 5, sku: ['xyz', 'abc'], instock: 7 },
  ],
  employees: [
    { _id: 1, name: 'Dev' },
    { _id: 2, name: 'Eliot', reportsTo: 'Dev' },
    { _id: 3, name: 'Ron', reportsTo: 'Eliot' },
    { _id: 4, name: 'Andrew', reportsTo: 'Eliot' },
    { _id: 5, name: 'Asya', reportsTo: 'Ron' },
  ],
};

const options: AggregateOptions = {
  collection: (name) => collections[name] ?? [],
  now: new Date('2024-05-01T00:00:00Z'),
};

const run = (pipeline: unknown, documents: BsonDocument[] = sales, more: Partial<AggregateOptions> = {}) =>
  stored([...compilePipeline(pipeline, { ...options, ...more }).run(documents)]);

const compileFilterOf = (path: string) => compileFilter({ [path]: { $exists: true } });

const ids = (documents: BsonDocument[]) => documents.map(({ _id }) => String(_id)).join(' ');

describe('$match, $sort, $skip, $limit, $count and $sample', () => {
  it('let documents through', () => {
    expect(ids(run([{ $match: { price: { $gte: 10 } } }, { $sort: { price: -1, _id: -1 } }]))).toBe('2 5 1');
    expect(ids(run([{ $skip: 1 }, { $limit: long(2) }]))).toBe('2 3');
    expect(run([{ $match: { item: 'xyz' } }, { $count: 'n' }])).toStrictEqual(stored([{ n: 2 }]));
    expect(run([{ $match: { item: 'nothing' } }, { $count: 'n' }])).toEqual([]);
    expect(run([{ $sample: { size: 3 } }])).toHaveLength(3);
  });

  it('$limit reads no more than it needs', () => {
    let read = 0;
    const counting = (function* () {
      for (;;) {
        read += 1;
        yield { _id: read };
      }
    })();
    expect([...compilePipeline([{ $match: {} }, { $limit: 3 }], options).run(counting)]).toHaveLength(3);
    expect(read).toBe(3);
  });
});

describe('$project, $set, $unset and $replaceRoot', () => {
  const book = {
    _id: 1,
    title: 'abc123',
    author: { last: 'zzz', first: 'aaa' },
    copies: [{ n: 1, m: 2 }, { n: 3 }, 5],
  };

  it.each<[string, BsonDocument[], BsonDocument]>([
    [
      'picks fields',
      [{ $project: { title: 1, 'author.last': true } }],
      { _id: 1, title: 'abc123', author: { last: 'zzz' } },
    ],
    [
      'picks fields in documents',
      [{ $project: { _id: 0, author: { first: 1 }, copies: { n: 1 } } }],
      { author: { first: 'aaa' }, copies: [{ n: 1 }, { n: 3 }] },
    ],
    [
      'leaves fields out',
      [{ $project: { title: 0, 'copies.n': 0, _id: 0 } }],
      { author: { last: 'zzz', first: 'aaa' }, copies: [{ m: 2 }, {}, 5] },
    ],
    ['leaves the _id out', [{ $project: { _id: 0, title: 1 } }], { title: 'abc123' }],
    [
      'computes',
      [{ $project: { prefix: { $substrCP: ['$title', 0, 3] }, name: '$author.last', list: ['$title', '$no'] } }],
      { _id: 1, prefix: 'abc', name: 'zzz', list: ['abc123', null] },
    ],
    [
      'computes in documents',
      [{ $project: { _id: 0, 'a.b': '$title', a: { c: { $add: [1, 1] } } } }],
      { a: { b: 'abc123', c: 2 } },
    ],
    [
      'computes a field behind those picked',
      [{ $project: { title: '$author.first', author: 1 } }],
      { _id: 1, author: { last: 'zzz', first: 'aaa' }, title: 'aaa' },
    ],
    ['$set in its place', [{ $set: { title: 'new', n: { $size: '$copies' } } }], { ...book, title: 'new', n: 3 }],
    [
      '$set in documents',
      [{ $set: { 'author.middle': 'm', 'copies.k': 1 } }],
      {
        ...book,
        author: { last: 'zzz', first: 'aaa', middle: 'm' },
        copies: [{ n: 1, m: 2, k: 1 }, { n: 3, k: 1 }, { k: 1 }],
      },
    ],
    [
      '$set of a document adds to it',
      [{ $set: { author: { middle: 'm' } } }],
      { ...book, author: { last: 'zzz', first: 'aaa', middle: 'm' } },
    ],
    [
      '$set of what is missing',
      [{ $set: { title: '$$REMOVE', x: '$no' } }],
      { _id: 1, author: book.author, copies: book.copies },
    ],
    [
      '$addFields sees the fields as they were',
      [{ $addFields: { title: '$_id', copies: '$title' } }],
      { ...book, title: 1, copies: 'abc123' },
    ],
    ['$unset', [{ $unset: ['title', 'author.first', 'copies'] }], { _id: 1, author: { last: 'zzz' } }],
    [
      '$replaceRoot',
      [{ $replaceRoot: { newRoot: { $mergeObjects: [{ a: 1 }, '$author'] } } }],
      { a: 1, last: 'zzz', first: 'aaa' },
    ],
    ['$replaceWith', [{ $replaceWith: '$author' }], { last: 'zzz', first: 'aaa' }],
  ])('%s', (_, pipeline, result) => {
    expect(run(pipeline, [book])).toStrictEqual(stored([result]));
    expect(Object.keys(run(pipeline, [book])[0]!)).toEqual(Object.keys(result));
  });
});

describe('$group', () => {
  it('folds the documents of a group', () => {
    const pipeline = [
      {
        $group: {
          _id: '$item',
          total: { $sum: { $multiply: ['$price', '$quantity'] } },
          average: { $avg: '$quantity' },
          count: { $sum: 1 },
          also: { $count: {} },
          least: { $min: '$quantity' },
          most: { $max: '$quantity' },
          first: { $first: '$_id' },
          last: { $last: '$_id' },
          all: { $push: '$quantity' },
          prices: { $addToSet: '$price' },
          tags: { $first: '$missing' },
        },
      },
      { $sort: { _id: 1 } },
    ];
    expect(run(pipeline)).toStrictEqual(
      stored([
        {
          _id: 'abc',
          total: 120,
          average: double(6),
          count: 2,
          also: 2,
          least: 2,
          most: 10,
          first: 1,
          last: 5,
          all: [2, 10],
          prices: [10],
          tags: null,
        },
        {
          _id: 'jkl',
          total: 20,
          average: double(1),
          count: 1,
          also: 1,
          least: 1,
          most: 1,
          first: 2,
          last: 2,
          all: [1],
          prices: [20],
          tags: null,
        },
        {
          _id: 'xyz',
          total: 150,
          average: double(15),
          count: 2,
          also: 2,
          least: 10,
          most: 20,
          first: 3,
          last: 4,
          all: [10, 20],
          prices: [5],
          tags: null,
        },
      ]),
    );
  });

  it('groups by value, whatever the type of a number, and null with what is missing', () => {
    const documents = [{ a: 1 }, { a: double(1) }, { a: long(1) }, {}, { a: null }, { a: [1] }];
    expect(run([{ $group: { _id: '$a', n: { $sum: 1 } } }], documents)).toStrictEqual(
      stored([
        { _id: 1, n: 3 },
        { _id: null, n: 2 },
        { _id: [1], n: 1 },
      ]),
    );
    expect(run([{ $group: { _id: { x: '$a' }, n: { $sum: 1 } } }], documents).map(({ _id }) => _id)).toStrictEqual(
      stored([{ a: [{ x: 1 }, {}, { x: null }, { x: [1] }] }])[0]!['a'],
    );
  });

  it('sums keep the widest type, and lose nothing', () => {
    const sum = (...values: unknown[]) =>
      run(
        [{ $group: { _id: null, s: { $sum: '$v' } } }],
        values.map((v) => ({ v })),
      )[0]!['s'];
    expect(sum(1, 2)).toStrictEqual(stored([{ a: 3 }])[0]!['a']);
    expect(sum(2147483647, 1)).toStrictEqual(long(2147483648));
    expect(sum(1, double(2))).toStrictEqual(double(3));
    expect(sum(...Array.from({ length: 10 }, () => 0.1))).toStrictEqual(double(1));
    expect(sum(1, Decimal128.fromString('0.10'))).toStrictEqual(Decimal128.fromString('1.10'));
    expect(sum(Long.MAX_VALUE, 1)).toStrictEqual(double(2 ** 63));
    expect(sum('x', null, 4)).toStrictEqual(stored([{ a: 4 }])[0]!['a']);
  });

  it('has the accumulators that take several', () => {
    const pipeline = [
      {
        $group: {
          _id: null,
          firstN: { $firstN: { input: '$_id', n: 2 } },
          lastN: { $lastN: { input: '$_id', n: 2 } },
          minN: { $minN: { input: '$quantity', n: 2 } },
          maxN: { $maxN: { input: '$quantity', n: 2 } },
          top: { $top: { sortBy: { quantity: -1 }, output: ['$item', '$quantity'] } },
          bottom: { $bottom: { sortBy: { quantity: -1 }, output: '$item' } },
          topN: { $topN: { n: 2, sortBy: { quantity: -1, _id: 1 }, output: '$_id' } },
          bottomN: { $bottomN: { n: 2, sortBy: { quantity: -1, _id: 1 }, output: '$_id' } },
          median: { $median: { input: '$quantity', method: 'approximate' } },
          p: { $percentile: { input: '$quantity', p: [0.9], method: 'approximate' } },
          merged: { $mergeObjects: { item: '$item' } },
          population: { $stdDevPop: '$price' },
          sample: { $stdDevSamp: '$price' },
        },
      },
    ];
    expect(run(pipeline)).toStrictEqual(
      stored([
        {
          _id: null,
          firstN: [1, 2],
          lastN: [4, 5],
          minN: [1, 2],
          maxN: [20, 10],
          top: ['xyz', 20],
          bottom: 'jkl',
          topN: [4, 3],
          bottomN: [1, 2],
          median: double(10),
          p: [double(20)],
          merged: { item: 'abc' },
          population: double(Math.sqrt(30)),
          sample: double(Math.sqrt(37.5)),
        },
      ]),
    );
  });
});

describe('$bucket, $bucketAuto, $sortByCount and $facet', () => {
  it('group by ranges', () => {
    const bucket = {
      groupBy: '$quantity',
      boundaries: [0, 5, 15],
      default: 'more',
      output: { n: { $sum: 1 }, ids: { $push: '$_id' } },
    };
    expect(run([{ $bucket: bucket }])).toStrictEqual(
      stored([
        { _id: 0, n: 2, ids: [1, 2] },
        { _id: 5, n: 2, ids: [3, 5] },
        { _id: 'more', n: 1, ids: [4] },
      ]),
    );
    expect(run([{ $bucketAuto: { groupBy: '$quantity', buckets: 2 } }])).toStrictEqual(
      stored([
        { _id: { min: 1, max: 20 }, count: 4 },
        { _id: { min: 20, max: 20 }, count: 1 },
      ]),
    );
    expect(run([{ $sortByCount: '$price' }]).map(({ count }) => Number(count))).toEqual([2, 2, 1]);
  });

  it('run several pipelines on the same documents', () => {
    const pipeline = [
      { $facet: { cheap: [{ $match: { price: { $lt: 10 } } }, { $project: { _id: 1 } }], count: [{ $count: 'n' }] } },
    ];
    expect(run(pipeline)).toStrictEqual(stored([{ cheap: [{ _id: 3 }, { _id: 4 }], count: [{ n: 5 }] }]));
  });
});

describe('$unwind', () => {
  const documents = [{ _id: 1, a: ['x', 'y'] }, { _id: 2, a: [] }, { _id: 3, a: null }, { _id: 4 }, { _id: 5, a: 'z' }];

  it('makes a document of each element', () => {
    expect(run([{ $unwind: '$a' }], documents)).toStrictEqual(
      stored([
        { _id: 1, a: 'x' },
        { _id: 1, a: 'y' },
        { _id: 5, a: 'z' },
      ]),
    );
  });

  it('keeps the others when told so, and tells the positions', () => {
    const stage = { $unwind: { path: '$a', includeArrayIndex: 'i', preserveNullAndEmptyArrays: true } };
    expect(run([stage], documents)).toStrictEqual(
      stored([
        { _id: 1, a: 'x', i: long(0) },
        { _id: 1, a: 'y', i: long(1) },
        { _id: 2, i: null },
        { _id: 3, a: null, i: null },
        { _id: 4, i: null },
        { _id: 5, a: 'z', i: null },
      ]),
    );
  });

  it('goes into documents', () => {
    expect(run([{ $unwind: '$a.b' }], [{ a: { b: [1, 2], c: 3 } }])).toStrictEqual(
      stored([{ a: { b: 1, c: 3 } }, { a: { b: 2, c: 3 } }]),
    );
  });
});

describe('$lookup, $unionWith and $graphLookup', () => {
  it('joins by equality, null with what is missing', () => {
    const pipeline = [
      { $lookup: { from: 'inventory', localField: 'item', foreignField: 'sku', as: 'found' } },
      { $project: { found: '$found._id' } },
    ];
    expect(
      run(pipeline, [
        { _id: 1, item: 'abc' },
        { _id: 2, item: 'pear' },
        { _id: 3 },
        { _id: 4, item: ['jkl', 'xyz'] },
        { _id: 5, item: [] },
      ]),
    ).toStrictEqual(
      stored([
        { _id: 1, found: [1, 5] },
        { _id: 2, found: [] },
        { _id: 3, found: [3, 4] },
        { _id: 4, found: [2, 5] },
        { _id: 5, found: [3, 4] },
      ]),
    );
  });

  it('runs a pipeline with variables of the document', () => {
    const lookup = {
      from: 'inventory',
      let: { wanted: '$item', least: '$quantity' },
      pipeline: [
        { $match: { $expr: { $and: [{ $eq: ['$sku', '$$wanted'] }, { $gte: ['$instock', '$$least'] }] } } },
        { $project: { _id: 0, left: { $subtract: ['$instock', '$$least'] } } },
      ],
      as: 'stock',
    };
    expect(run([{ $limit: 2 }, { $lookup: lookup }, { $project: { stock: 1 } }])).toStrictEqual(
      stored([
        { _id: 1, stock: [{ left: 118 }] },
        { _id: 2, stock: [{ left: 59 }] },
      ]),
    );
  });

  it('joins by equality, then runs a pipeline', () => {
    const lookup = {
      from: 'inventory',
      localField: 'item',
      foreignField: 'sku',
      pipeline: [{ $match: { instock: { $gt: 50 } } }, { $project: { _id: 1 } }],
      as: 'a.b',
    };
    expect(run([{ $match: { _id: 1 } }, { $lookup: lookup }, { $project: { a: 1 } }])).toStrictEqual(
      stored([{ _id: 1, a: { b: [{ _id: 1 }] } }]),
    );
  });

  it('joins in the pipeline of a join, with the variables around both', () => {
    const inner = {
      from: 'inventory',
      let: { i: '$_id' },
      pipeline: [{ $match: { $expr: { $eq: ['$_id', { $add: ['$$i', '$$o'] }] } } }, { $project: { _id: 1 } }],
      as: 'inner',
    };
    const outer = {
      from: 'inventory',
      let: { o: '$_id' },
      pipeline: [{ $limit: 1 }, { $lookup: inner }, { $project: { inner: 1 } }],
      as: 'outer',
    };
    expect(run([{ $match: { _id: { $lte: 2 } } }, { $lookup: outer }, { $project: { outer: 1 } }])).toStrictEqual(
      stored([
        { _id: 1, outer: [{ _id: 1, inner: [{ _id: 2 }] }] },
        { _id: 2, outer: [{ _id: 1, inner: [{ _id: 3 }] }] },
      ]),
    );
  });

  it('adds the documents of another collection', () => {
    expect(
      ids(
        run([
          { $match: { _id: 1 } },
          { $unionWith: { coll: 'inventory', pipeline: [{ $match: { instock: { $gt: 50 } } }] } },
        ]),
      ),
    ).toBe('1 1 2');
    expect(ids(run([{ $match: { _id: 1 } }, { $unionWith: 'employees' }]))).toBe('1 1 2 3 4 5');
    expect(ids(run([{ $match: { _id: 1 } }, { $unionWith: { pipeline: [{ $documents: [{ _id: 7 }] }] } }]))).toBe(
      '1 7',
    );
  });

  it('follows references', () => {
    const graph = {
      from: 'employees',
      startWith: '$reportsTo',
      connectFromField: 'reportsTo',
      connectToField: 'name',
      as: 'chain',
      depthField: 'depth',
    };
    const [asya] = run([{ $match: { name: 'Asya' } }, { $graphLookup: graph }], collections['employees']);
    expect(asya!['chain']).toStrictEqual(
      stored([
        {
          a: [
            { _id: 3, name: 'Ron', reportsTo: 'Eliot', depth: long(0) },
            { _id: 2, name: 'Eliot', reportsTo: 'Dev', depth: long(1) },
            { _id: 1, name: 'Dev', depth: long(2) },
          ],
        },
      ])[0]!['a'],
    );
    const [short] = run(
      [{ $match: { name: 'Asya' } }, { $graphLookup: { ...graph, maxDepth: 0 } }],
      collections['employees'],
    );
    expect(short!['chain']).toHaveLength(1);
  });
});

describe('$redact and $documents', () => {
  it('$redact cuts documents out at any depth', () => {
    const document = { _id: 1, level: 1, a: { level: 5, x: 1 }, b: [{ level: 1, y: 2 }, { level: 9 }], c: 3 };
    const stage = { $redact: { $cond: [{ $gt: ['$level', 3] }, '$$PRUNE', '$$DESCEND'] } };
    expect(run([stage], [document])).toStrictEqual(stored([{ _id: 1, level: 1, b: [{ level: 1, y: 2 }], c: 3 }]));
  });

  it('$documents are read in the place of a collection', () => {
    const pipeline = [{ $documents: [{ a: 1 }, { a: { $add: [1, 1] } }] }, { $match: { a: 2 } }];
    expect(run(pipeline, [])).toStrictEqual(stored([{ a: 2 }]));
    expect(compilePipeline(pipeline, options).readsCollection).toBe(false);
  });
});

describe('$setWindowFields', () => {
  const cakes = [
    { _id: 1, state: 'CA', n: 1, quantity: 10 },
    { _id: 2, state: 'CA', n: 2, quantity: 20 },
    { _id: 3, state: 'CA', n: 4, quantity: 20 },
    { _id: 4, state: 'WA', n: 1, quantity: 5 },
  ];
  const columns = (
    output: BsonDocument,
    more: BsonDocument = { partitionBy: '$state', sortBy: { n: 1 } },
    documents = cakes,
  ) => run([{ $setWindowFields: { ...more, output } }], documents);
  const column = (output: BsonDocument, more?: BsonDocument) =>
    columns({ x: output }, more).map(({ x }) => (x === null ? null : Number(x)));

  it.each<[BsonDocument, (number | null)[]]>([
    [{ $sum: '$quantity', window: { documents: ['unbounded', 'current'] } }, [10, 30, 50, 5]],
    [{ $sum: '$quantity' }, [50, 50, 50, 5]],
    [{ $sum: '$quantity', window: { documents: [-1, 0] } }, [10, 30, 40, 5]],
    [{ $max: '$quantity', window: { documents: [1, 'unbounded'] } }, [20, 20, null, null]],
    [{ $sum: '$quantity', window: { range: [-1, 'current'] } }, [10, 30, 20, 5]],
    [{ $count: {}, window: { range: [-2, 2] } }, [2, 3, 2, 1]],
    [{ $documentNumber: {} }, [1, 2, 3, 1]],
    [{ $shift: { output: '$quantity', by: 1, default: 0 } }, [20, 20, 0, 0]],
    [{ $shift: { output: '$quantity', by: -1 } }, [null, 10, 20, null]],
    [{ $derivative: { input: '$quantity' }, window: { documents: [-1, 0] } }, [null, 10, 0, null]],
    [{ $integral: { input: '$quantity' }, window: { documents: ['unbounded', 'current'] } }, [0, 15, 55, 0]],
    [{ $expMovingAvg: { input: '$quantity', N: 3 } }, [10, 15, 17.5, 5]],
    [{ $covariancePop: ['$n', '$quantity'] }, [4.444444444444444, 4.444444444444444, 4.444444444444444, 0]],
  ])('%j', (output, values) => {
    expect(column(output)).toEqual(values);
  });

  it('ranks', () => {
    const more = { sortBy: { quantity: -1 } };
    expect(
      columns({ r: { $rank: {} }, d: { $denseRank: {} } }, more).map(({ _id, r, d }) => [_id, r, d].map(Number)),
    ).toEqual([
      [2, 1, 1],
      [3, 1, 1],
      [1, 3, 2],
      [4, 4, 3],
    ]);
  });

  it('takes ranges of time', () => {
    const output = { x: { $sum: '$quantity', window: { range: [-1, 0], unit: 'day' } } };
    expect(columns(output, { sortBy: { date: 1 } }, sales as never).map(({ x }) => Number(x))).toEqual([
      2, 3, 10, 20, 30,
    ]);
  });

  it('gives each document an array of its own', () => {
    const result = columns({ x: { $push: '$_id', window: { documents: ['unbounded', 'current'] } } });
    expect(result.map(({ x }) => (x as unknown[]).map(Number))).toEqual([[1], [1, 2], [1, 2, 3], [4]]);
  });
});

describe('$fill and $densify', () => {
  it('$fill carries forward, draws lines, or takes a value', () => {
    const documents = [
      { n: 1, a: 1, b: 1 },
      { n: 2, c: 5 },
      { n: 5, a: null, b: 9 },
    ];
    const fill = { sortBy: { n: 1 }, output: { a: { method: 'locf' }, b: { method: 'linear' }, c: { value: '$n' } } };
    expect(run([{ $fill: fill }], documents)).toStrictEqual(
      stored([
        { n: 1, a: 1, b: 1, c: 1 },
        { n: 2, c: 5, a: 1, b: double(3) },
        { n: 5, a: 1, b: 9, c: 5 },
      ]),
    );
  });

  it('$densify makes the documents that are missing', () => {
    const numbers = (range: BsonDocument, documents: BsonDocument[]) =>
      run([{ $densify: { field: 'n', partitionByFields: ['p'], range } }], documents)
        .map(({ p, n }) => `${String(p)}${String(n)}`)
        .join(' ');
    const documents = [
      { p: 'a', n: 1 },
      { p: 'a', n: 4 },
      { p: 'b', n: 2 },
    ];
    expect(numbers({ step: 1, bounds: 'partition' }, documents)).toBe('a1 a2 a3 a4 b2');
    expect(numbers({ step: 1, bounds: 'full' }, documents)).toBe('a1 a2 a3 a4 b1 b2 b3 b4');
    expect(numbers({ step: 2, bounds: [0, 5] }, documents)).toBe('a0 a1 a2 a4 b0 b2 b4');
    const days = [{ d: new Date('2024-01-31T00:00:00Z') }, { d: new Date('2024-03-31T00:00:00Z') }];
    expect(
      run([{ $densify: { field: 'd', range: { step: 1, unit: 'month', bounds: 'full' } } }], days).map(({ d }) =>
        (d as Date).toISOString().slice(0, 10),
      ),
    ).toEqual(['2024-01-31', '2024-02-29', '2024-03-31']);
  });
});

describe('a pipeline', () => {
  it('tells what it begins with, what it reads and where it writes', () => {
    const pipeline = compilePipeline(
      [
        { $match: { a: 1 } },
        { $match: { b: 2 } },
        { $limit: 5 },
        { $lookup: { from: 'x', localField: 'a', foreignField: 'b', as: 'c' } },
        { $unionWith: 'y' },
        { $out: 'z' },
      ],
      options,
    );
    expect(pipeline).toMatchObject({
      match: { $and: [{ a: 1 }, { b: 2 }] },
      limit: 5,
      readsCollection: true,
      collections: ['x', 'y'],
      output: { stage: '$out', operand: 'z' },
    });
  });

  it('takes what the server tells of itself', () => {
    const sources = { $collStats: () => [{ count: 5 }] };
    const pipeline = compilePipeline([{ $collStats: { count: {} } }, { $match: { count: 5 } }], {
      ...options,
      sources,
    });
    expect(pipeline.readsCollection).toBe(false);
    expect([...pipeline.run([])]).toEqual([{ count: 5 }]);
  });

  it('takes the variables of the command', () => {
    expect(
      ids(run([{ $match: { $expr: { $eq: ['$item', '$$wanted'] } } }], sales, { variables: { wanted: 'jkl' } })),
    ).toBe('2');
  });

  it.each<[unknown, number, string]>([
    [[{ $foo: 1 }], 40324, "Unrecognized pipeline stage name: '$foo'"],
    [[{ $match: {}, $limit: 1 }], 40323, 'must contain exactly one field'],
    [[{}], 40323, 'must contain exactly one field'],
    [{}, 14, "'pipeline' option must be specified as an array"],
    [[5], 14, "Each element of the 'pipeline' array must be an object"],
    [[{ $out: 'x' }, { $match: {} }], 40601, '$out can only be the final stage in the pipeline'],
    [[{ $facet: { a: [{ $out: 'x' }] } }], 51047, '$out is not allowed'],
    [[{ $facet: { a: [{ $facet: {} }] } }], 40600, '$facet is not allowed to be used within a $facet stage'],
    [[{ $changeStream: {} }], 40573, 'The $changeStream stage is only supported on replica sets'],
    [[{ $geoNear: {} }], 238, '$geoNear is not supported by this server'],
    [[{ $limit: 0 }], 15958, 'the limit must be positive'],
    [[{ $sort: {} }], 15976, '$sort stage must have at least one sort key'],
    [[{ $sort: { a: 5 } }], 15975, '$sort key ordering must be 1'],
    [[{ $group: { n: { $sum: 1 } } }], 15955, 'a group specification must include an _id'],
    [[{ $group: { _id: 1, n: { $foo: 1 } } }], 15952, "unknown group operator '$foo'"],
    [[{ $group: { _id: 1, n: 5 } }], 40234, "The field 'n' must be an accumulator object"],
    [[{ $group: { _id: 1, n: { $accumulator: {} } } }], 238, '$accumulator is not supported'],
    [[{ $project: {} }], 51272, 'must have at least one field'],
    [[{ $project: { a: 1, b: 0 } }], 31254, 'Cannot do exclusion on field b in inclusion projection'],
    [[{ $project: { a: 0, b: 1 } }], 31253, 'Cannot do inclusion on field b in exclusion projection'],
    [[{ $project: { a: 1, 'a.b': 1 } }], 31249, 'Path collision at a.b'],
    [[{ $project: { a: { $foo: 1 } } }], 168, "Unrecognized expression '$foo'"],
    [[{ $unwind: 'a' }], 28818, "should be prefixed with a '$'"],
    [[{ $lookup: { from: 'x', as: 'y' } }], 9, '$lookup requires either pipeline'],
    [[{ $sortByCount: { a: '$price' } }], 40147, 'a $-prefixed path or an expression inside an object'],
    [[{ $sortByCount: {} }], 40147, 'a $-prefixed path or an expression inside an object'],
    [[{ $sortByCount: { $toUpper: '$a', $toLower: '$a' } }], 15983, 'exactly one field'],
    [[{ $sortByCount: 'price' }], 40148, 'a $-prefixed path or an expression inside an object'],
    [[{ $sortByCount: 5 }], 40149, 'as a string or as an object'],
    [[{ $count: '$x' }], 40158, 'the count field cannot be a $-prefixed path'],
    [[{ $match: 5 }], 15959, 'the match filter must be an expression in an object'],
    [[{ $match: {} }, { $documents: [] }], 40602, '$documents is only valid as the first stage in a pipeline'],
    [[{ $bucket: { groupBy: '$a', boundaries: [2, 1] } }], 40194, 'must be sorted'],
    [[{ $setWindowFields: { output: { x: { $rank: {} } } } }], 5371602, '$rank requires a sortBy'],
  ])('%j is refused with code %i', (pipeline, code, message) => {
    const compiled = () => compilePipeline(pipeline, options);
    expect(compiled).toThrow(MongoDBError);
    expect(thrown(compiled)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it.each<[unknown, number]>([
    [[{ $replaceWith: '$price' }], 40228],
    [[{ $bucket: { groupBy: '$price', boundaries: [0, 1] } }], 40066],
    [[{ $redact: 5 }], 17053],
  ])('%j fails on a document with code %i', (pipeline, code) => {
    expect(thrown(() => run(pipeline))).toMatchObject({ code });
  });

  it('takes a field for a field, whatever its name is', () => {
    const odd = JSON.parse('{ "_id": 1, "__proto__": { "a": 1 }, "constructor": 2 }') as BsonDocument;
    const stage = JSON.parse(
      '{ "$project": { "__proto__": 1, "constructor": 1, "x": { "__proto__": "$constructor" } } }',
    ) as BsonDocument;
    const [projected] = compilePipeline([stage], options).run([odd]);
    expect(JSON.stringify(projected)).toBe('{"_id":1,"__proto__":{"a":1},"constructor":2,"x":{"__proto__":2}}');
    expect(compileFilterOf('__proto__.a')(odd)).toBe(true);
    expect(compileFilterOf('toString')({})).toBe(false);
  });

  it('leaves the documents that it reads as they are', () => {
    const before = structuredClone(sales);
    run(
      [
        { $set: { 'tags.x': 1, n: { $reverseArray: '$tags' } } },
        { $unwind: '$n' },
        { $sort: { n: 1 } },
        { $unset: 'price' },
      ],
      sales.slice(0, 2),
    );
    expect(sales).toEqual(before);
  });
});
