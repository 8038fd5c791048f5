import { type Decimal128, Double, type Int32, type Long } from 'bson';
import { type Decimal, doubleOf, rounded, scaled, writeDecimal } from './decimal.js';
import { type BsonNumber, integer, numberType, type NumberType, toBigInt, toDecimal, toDouble } from './numbers.js';

/** A number that says its type, as arithmetic returns it. */
export type TypedNumber = Int32 | Long | Double | Decimal128;

const width: Record<NumberType, number> = { int: 0, long: 1, double: 2, decimal: 3 };

/** The type of what two numbers make: the wider of the two. */
export function widest(a: BsonNumber, b: BsonNumber): NumberType {
  const left = numberType(a);
  const right = numberType(b);
  return width[left] >= width[right] ? left : right;
}

/**
 * The sum, in the wider type of the two: ints past 32 bits make a long, longs past 64 bits a double.
 */
export function add(a: BsonNumber, b: BsonNumber): TypedNumber {
  return combined(
    a,
    b,
    (left, right) => left + right,
    addDecimals,
    (left, right) => left + right,
  );
}

/** The difference, typed like a sum. */
export function subtract(a: BsonNumber, b: BsonNumber): TypedNumber {
  return combined(
    a,
    b,
    (left, right) => left - right,
    (left, right) => addDecimals(left, { ...right, coefficient: -right.coefficient }),
    (left, right) => left - right,
  );
}

/** The product, typed like a sum. */
export function multiply(a: BsonNumber, b: BsonNumber): TypedNumber {
  return combined(
    a,
    b,
    (left, right) => left * right,
    (left, right) => ({
      coefficient: left.coefficient * right.coefficient,
      exponent: left.exponent + right.exponent,
    }),
    (left, right) => left * right,
  );
}

/** The quotient: a decimal if one of them is, else a double. The divisor must not be zero. */
export function divide(a: BsonNumber, b: BsonNumber): Double | Decimal128 {
  if (widest(a, b) !== 'decimal') return new Double(toDouble(a) / toDouble(b));
  const left = toDecimal(a);
  const right = toDecimal(b);
  if (typeof left === 'number' || typeof right === 'number') return writeDecimal(asDouble(left) / asDouble(right));
  return writeDecimal(divideDecimals(left, right));
}

/** The remainder with the sign of the dividend. The divisor must not be zero. */
export function remainder(a: BsonNumber, b: BsonNumber): TypedNumber {
  return combined(
    a,
    b,
    (left, right) => left % right,
    (left, right) => {
      const exponent = Math.min(left.exponent, right.exponent);
      return { coefficient: scaled(left, exponent).coefficient % scaled(right, exponent).coefficient, exponent };
    },
    (left, right) => left % right,
  );
}

function combined(
  a: BsonNumber,
  b: BsonNumber,
  whole: (left: bigint, right: bigint) => bigint,
  decimal: (left: Decimal, right: Decimal) => Decimal,
  double: (left: number, right: number) => number,
): TypedNumber {
  const type = widest(a, b);
  if (type === 'double') return new Double(double(toDouble(a), toDouble(b)));
  if (type !== 'decimal') {
    return integer(whole(toBigInt(a), toBigInt(b)), type) ?? new Double(double(toDouble(a), toDouble(b)));
  }
  const left = toDecimal(a);
  const right = toDecimal(b);
  if (typeof left === 'number' || typeof right === 'number')
    return writeDecimal(double(asDouble(left), asDouble(right)));
  return writeDecimal(decimal(left, right));
}

const asDouble = (value: Decimal | number) => (typeof value === 'number' ? value : doubleOf(value));

function addDecimals(left: Decimal, right: Decimal): Decimal {
  // Numbers too far apart to touch within 34 digits need not be brought to one exponent digit by digit.
  const exponent = Math.max(Math.min(left.exponent, right.exponent), Math.max(left.exponent, right.exponent) - 80);
  return { coefficient: scaled(left, exponent).coefficient + scaled(right, exponent).coefficient, exponent };
}

function divideDecimals(left: Decimal, right: Decimal): Decimal {
  const ideal = left.exponent - right.exponent;
  const digits = BigInt(70);
  const quotient = (left.coefficient * 10n ** digits) / right.coefficient;
  let result = rounded({ coefficient: quotient, exponent: ideal - Number(digits) }, 34);
  while (result.exponent < ideal && result.coefficient !== 0n && result.coefficient % 10n === 0n) {
    result = { coefficient: result.coefficient / 10n, exponent: result.exponent + 1 };
  }
  return result.coefficient === 0n ? { coefficient: 0n, exponent: ideal } : result;
}
