import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { DocumentTables, NO_TOMBSTONE } from './document-tables.js';
import { indexedValueSql, type IndexedValue } from './indexed-value.js';
import { behind, compareSegments, countSql, rowsSql, scannedRow, type AccessPath, type Segment } from './index-scan.js';

const VALUES = [undefined, null, 1, 2, 'x', 'y', true, { b: 1 }, [1]];
const INDEXED: IndexedValue[] = [null, 1, 2, 'x', 'y', Buffer.from([2]), Buffer.from([3]), Buffer.from([4])];

const direction = fc.constantFrom(1 as const, -1 as const);
const bounds = fc.record({
  value: fc.constantFrom(...(INDEXED.slice(1) as Exclude<IndexedValue, null>[])),
  inclusive: fc.boolean(),
});
const segment: fc.Arbitrary<Segment> = fc.oneof(
  fc.constant({ equals: [] }),
  fc.record({ equals: fc.constant([]), from: bounds, to: bounds }, { requiredKeys: ['equals'] }),
  fc.record({ equals: fc.tuple(fc.constantFrom(...INDEXED)), notNull: fc.boolean() }),
  fc.record({ equals: fc.tuple(fc.constantFrom(...INDEXED)), from: bounds, to: bounds }, { requiredKeys: ['equals'] }),
  fc.record({ equals: fc.tuple(fc.constantFrom(...INDEXED), fc.constantFrom(...INDEXED)) }),
);

describe('scanning an index', () => {
  let database: SqliteDatabase;
  let tables: DocumentTables;
  beforeAll(async () => {
    database = await SqliteDatabase.open('sqlite::memory:');
    tables = await DocumentTables.open(database.documents);
  });
  afterAll(() => database.release());

  const read = (path: AccessPath, from: Segment, most: number) => {
    const { sql, parameters } = rowsSql(path, from, most);
    const rows = database.documents.db
      .prepare(sql)
      .safeIntegers()
      .raw()
      .all(...parameters) as unknown[][];
    return rows.map((row) => scannedRow(path, row));
  };

  const paths = (table: string, directions: readonly (1 | -1)[], flip: number): AccessPath[] => [
    {
      table,
      index: tables.indexes(table)[0]!.name,
      condition: NO_TOMBSTONE,
      columns: [indexedValueSql('a'), indexedValueSql('b'), 'key'],
      directions: directions.map((each) => (each * flip) as 1 | -1),
    },
    { table, columns: ['key'], directions: [flip as 1 | -1] },
    { table, columns: ['rowid'], directions: [flip as 1 | -1] },
  ];

  const withTable = (bodies: unknown[], [first, second]: readonly (1 | -1)[], test: (table: string) => void) => {
    const { db } = database.documents;
    const table = tables.create('scanned', [{ a: first!, b: second! }]);
    const put = db.prepare(`INSERT INTO ${table} (key, version, body) VALUES (?, 1, ?)`);
    bodies.forEach((body, index) => put.run(`key-${index}`, JSON.stringify(body)));
    try {
      test(table);
    } finally {
      tables.drop('scanned');
    }
  };

  it('gives, in portions of any size, the rows that it gives at once', () => {
    const body = fc.record({ a: fc.constantFrom(...VALUES), b: fc.constantFrom(...VALUES) });
    fc.assert(
      fc.property(
        fc.array(body, { maxLength: 25, size: 'medium' }),
        fc.tuple(direction, direction),
        direction,
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 4 }),
        (bodies, [first, second], flip, segments, most) => {
          withTable(bodies, [first, second], (table) => {
            for (const path of paths(table, [first, second, second], flip)) {
              for (const each of path.index ? segments : [{ equals: [] }]) {
                const left = [each];
                const portions: string[] = [];
                while (left.length > 0) {
                  const next = left.shift()!;
                  const rows = read(path, next, most);
                  portions.push(...rows.map(({ key }) => key));
                  if (rows.length === most) left.unshift(...behind(path, next, rows.at(-1)!.place));
                }
                const whole = read(path, each, 1_000);
                expect(portions).toEqual(whole.map(({ key }) => key));
                const { sql, parameters } = countSql(path, each);
                expect(
                  database.documents.db
                    .prepare(sql)
                    .pluck()
                    .get(...parameters),
                ).toBe(whole.length);
              }
            }
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('meets segments in the order that their comparison says', () => {
    const values = fc.constantFrom<IndexedValue>(null, 1, 2, 'x');
    const next = fc.constantFrom(
      { equals: [] as IndexedValue[] },
      { equals: [2] },
      { equals: [], from: { value: 2, inclusive: false } },
      { equals: [null] },
      { equals: [], to: { value: 2, inclusive: false } },
    );
    const some = fc.array(
      fc.tuple(values, next).map(([value, { equals, ...rest }]): Segment => ({ equals: [value, ...equals], ...rest })),
      { minLength: 2, maxLength: 6 },
    );
    const bodies = [null, 1, 2, 'x'].flatMap((a) => [null, 1, 2, 'x'].map((b) => ({ a, b })));
    fc.assert(
      fc.property(some, fc.tuple(direction, direction), direction, (segments, [first, second], flip) => {
        withTable(bodies, [first, second], (table) => {
          const [path] = paths(table, [first, second, second], flip) as [AccessPath];
          const order = read(path, { equals: [] }, 1_000).map(({ key }) => key);
          const filled = segments.map((each) => ({ each, keys: read(path, each, 1_000).map(({ key }) => key) }));
          for (const one of filled) {
            for (const other of filled) {
              const apart = one.keys.every((key) => !other.keys.includes(key));
              if (!apart || one.keys.length === 0 || other.keys.length === 0) continue;
              const before = order.indexOf(one.keys[0]!) < order.indexOf(other.keys[0]!);
              expect(compareSegments(path, one.each, other.each) < 0).toBe(before);
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });
});
