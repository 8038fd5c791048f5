import { Decimal128, Double, Int32, Long } from 'bson';
import { bsonRank, isInt32, rankOf } from './bson-types.js';
import { compareDecimals, type Decimal, decimalOfDouble, doubleOf, exactDecimal, readDecimal } from './decimal.js';

/** BSON's numbers; see `BsonDocument` for what a plain one counts as. */
export type BsonNumber = Int32 | Double | Long | Decimal128 | number | bigint;

export type NumberType = 'int' | 'long' | 'double' | 'decimal';

export const isNumber = (value: unknown): value is BsonNumber => rankOf(value) === bsonRank.int;

/** The nearest JavaScript number. */
export function toDouble(value: BsonNumber): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  switch (value._bsontype) {
    case 'Int32':
    case 'Double':
      return value.value;
    case 'Long':
      return value.toNumber();
    case 'Decimal128': {
      const decimal = readDecimal(value);
      return typeof decimal === 'number' ? decimal : doubleOf(decimal);
    }
  }
}

/** The JavaScript number of an int, long or double that is exactly representable; else undefined. */
function exactDouble(value: BsonNumber): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return undefined;
  if (value._bsontype === 'Int32' || value._bsontype === 'Double') return value.value;
  if (value._bsontype !== 'Long') return undefined;
  const double = value.toNumber();
  return Number.isSafeInteger(double) ? double : undefined;
}

/** The exact value. */
export function toExactDecimal(value: BsonNumber): Decimal | number {
  if (typeof value === 'bigint') return { coefficient: value, exponent: 0 };
  if (typeof value === 'object' && value._bsontype === 'Decimal128') return readDecimal(value);
  if (typeof value === 'object' && value._bsontype === 'Long') return { coefficient: value.toBigInt(), exponent: 0 };
  const double = toDouble(value);
  return Number.isFinite(double) ? exactDecimal(double) : double;
}

/** Compares by value, whatever the types; NaN comes before all others and equals itself. */
export function compareNumbers(a: BsonNumber, b: BsonNumber): number {
  const left = exactDouble(a);
  const right = exactDouble(b);
  if (left !== undefined && right !== undefined) return compareDoubles(left, right);
  const exactLeft = toExactDecimal(a);
  const exactRight = toExactDecimal(b);
  if (typeof exactLeft === 'number') {
    return compareDoubles(exactLeft, typeof exactRight === 'number' ? exactRight : 0);
  }
  if (typeof exactRight === 'number') return compareDoubles(0, exactRight);
  return compareDecimals(exactLeft, exactRight);
}

function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}

export function numberType(value: BsonNumber): NumberType {
  if (typeof value === 'number') return isInt32(value) ? 'int' : 'double';
  if (typeof value === 'bigint') return 'long';
  return ({ Int32: 'int', Double: 'double', Long: 'long', Decimal128: 'decimal' } as const)[value._bsontype];
}

/** A whole number as a JavaScript bigint; for doubles and decimals, the fraction is cut off. */
export function toBigInt(value: BsonNumber): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'object' && value._bsontype === 'Long') return value.toBigInt();
  const decimal = toExactDecimal(value);
  if (typeof decimal === 'number') throw new RangeError(`${decimal} is no whole number`);
  const { coefficient, exponent } = decimal;
  return exponent >= 0 ? coefficient * 10n ** BigInt(exponent) : coefficient / 10n ** BigInt(-exponent);
}

/** What decimal arithmetic takes the number for. */
export function toDecimal(value: BsonNumber): Decimal | number {
  return numberType(value) === 'double' ? decimalOfDouble(toDouble(value)) : toExactDecimal(value);
}

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/** An int if it fits and no operand was a long, else a long; undefined past 64 bits. */
export function integer(value: bigint, atLeast: 'int' | 'long'): Int32 | Long | undefined {
  if (atLeast === 'int' && value >= -0x80000000n && value <= 0x7fffffffn) return new Int32(Number(value));
  return value >= MIN_LONG && value <= MAX_LONG ? Long.fromBigInt(value) : undefined;
}
