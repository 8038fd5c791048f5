import { Decimal128 } from 'bson';

/** A finite decimal number: coefficient times ten to the exponent. NaN and the infinities are JavaScript's. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const DIGITS = 34;
const LIMIT = 10n ** BigInt(DIGITS);
const EXPONENT_BIAS = 6176;
const MAX_EXPONENT = 6111;

/** What the 128 bits say. */
export function readDecimal(value: Decimal128): Decimal | number {
  const view = new DataView(value.bytes.buffer, value.bytes.byteOffset, 16);
  const high = view.getBigUint64(8, true);
  const sign = high >> 63n ? -1 : 1;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1f) return NaN;
  if (combination === 0x1e) return sign * Infinity;
  // Coefficients past 34 digits are no canonical ones: they count as zero.
  if (combination >> 3 === 3) return { coefficient: 0n, exponent: Number((high >> 47n) & 0x3fffn) - EXPONENT_BIAS };
  const digits = ((high & 0x1ffffffffffffn) << 64n) | view.getBigUint64(0, true);
  const coefficient = digits < LIMIT ? digits : 0n;
  return {
    coefficient: sign < 0 ? -coefficient : coefficient,
    exponent: Number((high >> 49n) & 0x3fffn) - EXPONENT_BIAS,
  };
}

/** The decimal rounded half to even to 34 digits, as a BSON value. */
export function writeDecimal(value: Decimal | number): Decimal128 {
  if (typeof value === 'number') return Decimal128.fromString(Number.isNaN(value) ? 'NaN' : String(value));
  const { coefficient, exponent } = rounded(value, DIGITS);
  if (coefficient !== 0n && exponent + digitsOf(coefficient) - 1 > MAX_EXPONENT + DIGITS - 1) {
    return Decimal128.fromString(coefficient < 0n ? '-Infinity' : 'Infinity');
  }
  return Decimal128.fromStringWithRounding(`${coefficient}E${exponent}`);
}

const digitsOf = (coefficient: bigint) => (coefficient < 0n ? -coefficient : coefficient).toString().length;

/** Rounds half to even to at most so many significant digits. */
export function rounded(value: Decimal, digits: number): Decimal {
  const excess = digitsOf(value.coefficient) - digits;
  return excess > 0 ? scaled(value, value.exponent + excess) : value;
}

/** The same number with a greater exponent, rounded half to even; with a smaller one exactly. */
export function scaled({ coefficient, exponent }: Decimal, to: number): Decimal {
  if (to <= exponent) return { coefficient: coefficient * 10n ** BigInt(exponent - to), exponent: to };
  const unit = 10n ** BigInt(to - exponent);
  const magnitude = coefficient < 0n ? -coefficient : coefficient;
  const remainder = (magnitude % unit) * 2n;
  let quotient = magnitude / unit;
  if (remainder > unit || (remainder === unit && quotient % 2n === 1n)) quotient += 1n;
  return { coefficient: coefficient < 0n ? -quotient : quotient, exponent: to };
}

/** The same number with a greater exponent, cut off towards zero. */
export function truncated({ coefficient, exponent }: Decimal, to: number): Decimal {
  if (to <= exponent) return { coefficient, exponent };
  return { coefficient: coefficient / 10n ** BigInt(to - exponent), exponent: to };
}

/** Every finite double is exactly a decimal, of up to 1,074 digits. */
export function exactDecimal(double: number): Decimal {
  if (Number.isInteger(double)) return { coefficient: BigInt(double), exponent: 0 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, double);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n;
  const halvings = 1075 - Math.max(biased, 1);
  const coefficient = mantissa * 5n ** BigInt(halvings);
  return { coefficient: bits >> 63n ? -coefficient : coefficient, exponent: -halvings };
}

/** What MongoDB takes a double for in decimal arithmetic: its first 15 digits, zeros at the end included. */
export function decimalOfDouble(double: number): Decimal | number {
  if (!Number.isFinite(double)) return double;
  if (double === 0) return { coefficient: 0n, exponent: 0 };
  const [digits = '0', power = '0'] = double.toExponential(14).split('e');
  return { coefficient: BigInt(digits.replace('.', '')), exponent: Number(power) - 14 };
}

/** The nearest double. */
export const doubleOf = ({ coefficient, exponent }: Decimal) => Number(`${coefficient}e${exponent}`);

/** Less than, equal to or greater than zero, as the first number is to the second. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signs = signOf(a) - signOf(b);
  if (signs !== 0) return signs;
  if (a.coefficient === 0n) return 0;
  // Their sizes first: bringing numbers of very different exponents to one exponent is dear.
  const size = digitsOf(a.coefficient) + a.exponent - digitsOf(b.coefficient) - b.exponent;
  if (size !== 0) return size * signOf(a);
  const exponent = Math.min(a.exponent, b.exponent);
  const left = scaled(a, exponent).coefficient;
  const right = scaled(b, exponent).coefficient;
  return left < right ? -1 : Number(left > right);
}

const signOf = ({ coefficient }: Decimal) => (coefficient > 0n ? 1 : coefficient < 0n ? -1 : 0);
