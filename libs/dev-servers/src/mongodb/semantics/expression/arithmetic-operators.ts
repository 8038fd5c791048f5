import { Decimal128, Double } from 'bson';
import { add, divide, multiply, remainder, subtract } from '../arithmetic.js';
import { rounded, scaled, truncated, writeDecimal } from '../decimal.js';
import { MongoDBError } from '../mongodb-error.js';
import { type BsonNumber, integer, isNumber, numberType, toBigInt, toDouble, toExactDecimal } from '../numbers.js';
import { binary, isNullish, operator, typeName, unary, variadic, wholeNumber } from './arguments.js';
import type { Operator } from './compiler.js';

/** Numbers and dates. What is null or missing makes the result null. */
export const arithmeticOperators: Record<string, Operator> = {
  $add: variadic(sum),
  $subtract: binary(difference),
  $multiply: variadic((values) => {
    let product: BsonNumber = 1;
    for (const value of values) {
      if (isNullish(value)) return null;
      product = multiply(product, numeric(value, '$multiply'));
    }
    return product;
  }),
  $divide: binary((left, right) => {
    if (isNullish(left) || isNullish(right)) return null;
    if (!isNumber(left) || !isNumber(right)) {
      throw new MongoDBError(
        'TypeMismatch',
        `$divide only supports numeric types, not ${typeName(left)} and ${typeName(right)}`,
      );
    }
    if (toDouble(right) === 0) throw new MongoDBError('BadValue', "can't $divide by zero");
    return divide(left, right);
  }),
  $mod: binary((left, right) => {
    if (isNullish(left) || isNullish(right)) return null;
    if (!isNumber(left) || !isNumber(right)) {
      throw new MongoDBError(16611, `$mod only supports numeric types, not ${typeName(left)} and ${typeName(right)}`);
    }
    if (toDouble(right) === 0) throw new MongoDBError(16610, "can't $mod by zero");
    return remainder(left, right);
  }),
  $abs: unary((value, name) => {
    if (isNullish(value)) return null;
    const number = numeric(value, name, 28765);
    return toDouble(number) < 0 ? subtract(zeroLike(number), number) : number;
  }),
  $ceil: unary((value, name) => rounding(value, name, Math.ceil)),
  $floor: unary((value, name) => rounding(value, name, Math.floor)),
  $round: operator(1, 2, (value, place) => toPlace(value, place, '$round')),
  $trunc: operator(1, 2, (value, place) => toPlace(value, place, '$trunc')),
  $pow: binary(power),
  $sqrt: real((value) => {
    if (value < 0) throw new MongoDBError(28714, "$sqrt's argument must be greater than or equal to 0");
    return Math.sqrt(value);
  }),
  $exp: real(Math.exp),
  $ln: real((value) => Math.log(positive(value, '$ln', 28766))),
  $log10: real((value) => Math.log10(positive(value, '$log10', 28761))),
  $log: binary((value, base) => {
    if (isNullish(value) || isNullish(base)) return null;
    const number = toDouble(numeric(value, '$log', 28756));
    const of = toDouble(numeric(base, '$log', 28757));
    positive(number, '$log', 28758);
    if (!(of > 0) || of === 1) {
      throw new MongoDBError(28759, `$log's base must be a positive number not equal to 1, but is ${of}`);
    }
    return new Double(Math.log(number) / Math.log(of));
  }),
  $sigmoid: real((value) => 1 / (1 + Math.exp(-value))),
  $sin: real(Math.sin),
  $cos: real(Math.cos),
  $tan: real(Math.tan),
  $asin: real((value) => within(value, '$asin', -1, 1, Math.asin)),
  $acos: real((value) => within(value, '$acos', -1, 1, Math.acos)),
  $atan: real(Math.atan),
  $atan2: binary((left, right) => {
    if (isNullish(left) || isNullish(right)) return null;
    return new Double(Math.atan2(toDouble(numeric(left, '$atan2', 51044)), toDouble(numeric(right, '$atan2', 51045))));
  }),
  $sinh: real(Math.sinh),
  $cosh: real(Math.cosh),
  $tanh: real(Math.tanh),
  $asinh: real(Math.asinh),
  $acosh: real((value) => within(value, '$acosh', 1, Infinity, Math.acosh)),
  $atanh: real((value) => within(value, '$atanh', -1, 1, Math.atanh)),
  $degreesToRadians: real((value) => (value * Math.PI) / 180),
  $radiansToDegrees: real((value) => (value * 180) / Math.PI),
  $bitAnd: bits('$bitAnd', -1n, (left, right) => left & right),
  $bitOr: bits('$bitOr', 0n, (left, right) => left | right),
  $bitXor: bits('$bitXor', 0n, (left, right) => left ^ right),
  $bitNot: unary((value, name) => (isNullish(value) ? null : integer(~whole(value, name), wholeType(value)))),
  $rand: (operand, compiler, name) =>
    operator(0, 1, () => new Double(Math.random()))(operand === undefined ? [] : operand, compiler, name),
};

function numeric(value: unknown, name: string, code: number | 'TypeMismatch' = 'TypeMismatch'): BsonNumber {
  if (isNumber(value)) return value;
  throw new MongoDBError(code, `${name} only supports numeric types, not ${typeName(value)}`);
}

/** Sums are of numbers, and of one date at most. */
function sum(values: readonly unknown[]): unknown {
  let total: BsonNumber = 0;
  let date = false;
  for (const value of values) {
    if (isNullish(value)) return null;
    if (value instanceof Date) {
      if (date) throw new MongoDBError(16612, 'only one date allowed in an $add expression');
      date = true;
      total = add(total, BigInt(value.getTime()));
    } else if (isNumber(value)) {
      total = add(total, value);
    } else {
      throw new MongoDBError('TypeMismatch', `$add only supports numeric or date types, not ${typeName(value)}`);
    }
  }
  return date ? new Date(Math.round(toDouble(total))) : total;
}

function difference(left: unknown, right: unknown): unknown {
  if (isNullish(left) || isNullish(right)) return null;
  if (isNumber(left) && isNumber(right)) return subtract(left, right);
  if (left instanceof Date && right instanceof Date) return integer(BigInt(left.getTime() - right.getTime()), 'long');
  if (left instanceof Date && isNumber(right)) return new Date(left.getTime() - Math.round(toDouble(right)));
  throw new MongoDBError('TypeMismatch', `can't $subtract ${typeName(right)} from ${typeName(left)}`);
}

const zeroLike = (value: BsonNumber) => (numberType(value) === 'long' ? 0n : 0);

/** A function of real numbers: a decimal stays one, with the precision of a double. */
function real(apply: (value: number) => number): Operator {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    const number = numeric(value, name, 28765);
    const result = apply(toDouble(number));
    return numberType(number) === 'decimal' ? Decimal128.fromString(String(result)) : new Double(result);
  });
}

function positive(value: number, name: string, code: number): number {
  if (value > 0 || Number.isNaN(value)) return value;
  throw new MongoDBError(code, `${name}'s argument must be a positive number, but is ${value}`);
}

function within(value: number, name: string, least: number, most: number, apply: (value: number) => number): number {
  if (!(value < least || value > most)) return apply(value);
  throw new MongoDBError(50989, `cannot apply ${name} to ${value}, value must be in [${least},${most}]`);
}

function rounding(value: unknown, name: string, apply: (value: number) => number): unknown {
  if (isNullish(value)) return null;
  const number = numeric(value, name, 28765);
  const type = numberType(number);
  if (type === 'int' || type === 'long') return number;
  if (type === 'double') return new Double(apply(toDouble(number)));
  const decimal = toExactDecimal(number);
  if (typeof decimal === 'number' || decimal.exponent >= 0) return number;
  const cut = truncated(decimal, 0).coefficient;
  const fraction = decimal.coefficient - cut * 10n ** BigInt(-decimal.exponent);
  const away = apply === Math.ceil ? fraction > 0n : fraction < 0n;
  return writeDecimal({ coefficient: away ? cut + (apply === Math.ceil ? 1n : -1n) : cut, exponent: 0 });
}

/** `$round` rounds half to even, `$trunc` cuts off; the place is counted in digits behind the point. */
function toPlace(value: unknown, place: unknown, name: '$round' | '$trunc'): unknown {
  if (isNullish(value) || (place !== undefined && place === null)) return null;
  const number = numeric(value, name, 51081);
  const digits = isNullish(place)
    ? 0
    : wholeNumber(place, () => new MongoDBError(51082, `precision argument to ${name} must be a integral value`));
  if (digits < -20 || digits > 100) {
    throw new MongoDBError(51083, `cannot apply ${name} with precision value ${digits} value must be in [-20, 100]`);
  }
  const type = numberType(number);
  const exact = toExactDecimal(number);
  if (typeof exact === 'number') return number;
  if (exact.exponent >= -digits) return number;
  const result = name === '$round' ? scaled(exact, -digits) : truncated(exact, -digits);
  if (type === 'decimal') return writeDecimal(result);
  if (type === 'double') return new Double(Number(`${result.coefficient}e${result.exponent}`));
  const rest = toBigInt(writeDecimal(rounded(result, 34)));
  const fitting = integer(rest, type);
  if (fitting) return fitting;
  throw new MongoDBError(51080, `invalid conversion from Decimal128 result in ${name} resulting from arguments`);
}

function power(base: unknown, exponent: unknown): unknown {
  if (isNullish(base) || isNullish(exponent)) return null;
  if (!isNumber(base)) throw new MongoDBError(28762, `$pow's base must be numeric, not ${typeName(base)}`);
  if (!isNumber(exponent)) throw new MongoDBError(28763, `$pow's exponent must be numeric, not ${typeName(exponent)}`);
  if (toDouble(base) === 0 && toDouble(exponent) < 0) {
    throw new MongoDBError(28764, '$pow cannot take a base of 0 and a negative exponent');
  }
  const types = [numberType(base), numberType(exponent)];
  const result = toDouble(base) ** toDouble(exponent);
  if (types.includes('decimal')) return Decimal128.fromString(String(result));
  if (types.includes('double') || toDouble(exponent) < 0 || Math.abs(result) >= 2 ** 64) return new Double(result);
  const exact = toBigInt(base) ** toBigInt(exponent);
  return integer(exact, types.includes('long') ? 'long' : 'int') ?? new Double(result);
}

function bits(name: string, start: bigint, apply: (left: bigint, right: bigint) => bigint): Operator {
  return variadic((values) => {
    let result = start;
    let type: 'int' | 'long' = 'int';
    for (const value of values) {
      if (isNullish(value)) return null;
      result = apply(result, whole(value, name));
      if (wholeType(value) === 'long') type = 'long';
    }
    return integer(result, type);
  });
}

const wholeType = (value: unknown) => (numberType(value as BsonNumber) === 'long' ? 'long' : 'int');

function whole(value: unknown, name: string): bigint {
  if (isNumber(value) && ['int', 'long'].includes(numberType(value))) return toBigInt(value);
  throw new MongoDBError('TypeMismatch', `${name} only supports int and long operands, not ${typeName(value)}`);
}
