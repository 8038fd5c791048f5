import { describe, expect, it } from '@jest/globals';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { compareValues } from './compare.js';
import { type Direction, encodeKey } from './key-encoding.js';

/** Values of all types in MongoDB's order; those in one list are equal. */
const inOrder: readonly (readonly unknown[])[] = [
  [new MinKey()],
  [undefined],
  [null],
  [NaN, new Double(NaN), Decimal128.fromString('NaN')],
  [-Infinity, Decimal128.fromString('-Infinity')],
  [Decimal128.fromString('-1E400')],
  [new Double(-Number.MAX_VALUE)],
  [Long.MIN_VALUE, new Double(-(2 ** 63)), Decimal128.fromString('-9223372036854775808')],
  [Long.fromString('-9007199254740993')],
  [Long.fromString('-9007199254740992')],
  [-1.5, Decimal128.fromString('-1.5')],
  [new Int32(-1), Long.fromNumber(-1)],
  [new Double(-Number.MIN_VALUE)],
  [Decimal128.fromString('-1E-6000')],
  [0, new Double(-0), new Int32(0), Long.ZERO, Decimal128.fromString('0'), Decimal128.fromString('-0E+3')],
  [Decimal128.fromString('1E-6000')],
  [Decimal128.fromString('2E-6000')],
  [Decimal128.fromString('0.1')],
  [0.1],
  [Decimal128.fromString('0.3')],
  [0.1 + 0.2],
  [new Int32(1), 1, Long.ONE, new Double(1), Decimal128.fromString('1.00')],
  [Decimal128.fromString('1.000000000000000000000000000000001')],
  [1.5],
  [2],
  [10],
  [2 ** 53],
  [Long.fromString('9007199254740993')],
  [Long.MAX_VALUE],
  [new Double(2 ** 63)],
  [1e300],
  [Number.MAX_VALUE],
  [Decimal128.fromString('1E400')],
  [Decimal128.fromString('2E400')],
  [Infinity],
  [''],
  ['\0'],
  ['\0\0'],
  ['\u0001'],
  ['a'],
  ['a\0'],
  ['a\0b'],
  ['a\u0001'],
  ['ab', new BSONSymbol('ab')],
  ['b'],
  ['\uffff'],
  ['\u{10000}'],
  [{}],
  [{ a: null }],
  [{ a: 1 }],
  [{ a: 1, b: 1 }],
  [{ a: 2 }],
  [{ b: 0 }],
  [{ a: 'x' }],
  [[]],
  [[1]],
  [[1, 2]],
  [[2]],
  [[[]]],
  [new Binary(Buffer.from('b'))],
  [new Binary(Buffer.from('a'), 4)],
  [new Binary(Buffer.from('aa')), Buffer.from('aa')],
  [new ObjectId('507f1f77bcf86cd799439011')],
  [new ObjectId('507f1f77bcf86cd799439012')],
  [false],
  [true],
  [new Date(NaN)],
  [new Date(-1)],
  [new Date(0)],
  [new Date(1)],
  [new Timestamp({ t: 1, i: 2 })],
  [new Timestamp({ t: 2, i: 1 })],
  [new Timestamp({ t: 0xffffffff, i: 0 })],
  [new BSONRegExp('a', 'i'), /a/i],
  [new BSONRegExp('a', 'm')],
  [new BSONRegExp('b')],
  [new Code('f')],
  [new Code('f', { a: 1 })],
  [new MaxKey()],
];

const sign = (number: number) => Math.sign(number);

const all = inOrder.flatMap((values, place) => values.map((value) => ({ value, place })));

/** The pairs that are not in the order in which they stand above. */
function misplaced(compare: (a: unknown, b: unknown) => number): unknown[] {
  return all.flatMap((a) =>
    all.filter((b) => sign(compare(a.value, b.value)) !== sign(a.place - b.place)).map((b) => [a.value, b.value]),
  );
}

describe('the order of values', () => {
  it('is that of the types, and within a type that of the values', () => {
    expect(misplaced(compareValues)).toEqual([]);
  });

  it('is the order of the bytes of keys', () => {
    const keys = new Map(all.map(({ value }) => [value, encodeKey([value])]));
    expect(misplaced((a, b) => Buffer.compare(keys.get(a)!, keys.get(b)!))).toEqual([]);
  });
});

const number = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.integer({ min: -20, max: 20 }).map((value) => Long.fromBigInt(2n ** 60n + BigInt(value))),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }), fc.integer({ min: -400, max: 330 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.integer({ min: -30, max: 30 }).map((value) => Decimal128.fromString(String(value / 4))),
  fc.constantFrom(0, -0, 1, 2, 0.5).map((value) => new Double(value)),
);

const scalar = fc.oneof(
  { weight: 4, arbitrary: number },
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001', '\u00ff'), maxLength: 4 }),
  fc.constantFrom(null, undefined, true, false, new MinKey(), new MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => new Binary(bytes, bytes.length % 2)),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'a\u0001'), tie('value'), { maxKeys: 3 }),
  ),
}));

const directions = fc.tuple(fc.constantFrom<Direction>(1, -1), fc.constantFrom<Direction>(1, -1));

describe('the keys of several values', () => {
  it('come in the order of the first values that differ, each in its direction', () => {
    fc.assert(
      fc.property(fc.tuple(value, value), fc.tuple(value, value), directions, (a, b, ways) => {
        const order = compareValues(a[0], b[0]) * ways[0] || compareValues(a[1], b[1]) * ways[1];
        expect(Buffer.compare(encodeKey(a, ways), encodeKey(b, ways))).toBe(sign(order) || 0);
      }),
      { numRuns: 1500 },
    );
  });

  it('begin with the key of the first value, which begins no other key', () => {
    fc.assert(
      fc.property(value, value, value, fc.constantFrom<Direction>(1, -1), (a, b, rest, way) => {
        const whole = encodeKey([a, rest], [way]);
        const begin = encodeKey([b], [way]);
        expect(whole.subarray(0, begin.length).equals(begin)).toBe(compareValues(a, b) === 0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('compareValues', () => {
  it('orders any three values without contradiction', () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(sign(compareValues(a, b))).toBe(-sign(compareValues(b, a)) || 0);
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) expect(compareValues(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 700 },
    );
  });

  it('orders strings as their UTF-8 bytes are ordered', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(sign(compareValues(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
