import { describe, expect, it } from '@jest/globals';
import { Decimal128, Double, Int32, Long } from 'bson';
import fc from 'fast-check';
import { add, divide, multiply, remainder, subtract } from './arithmetic.js';
import { exactDecimal, readDecimal, writeDecimal } from './decimal.js';
import { compareNumbers, toBigInt, toDouble } from './numbers.js';

const decimal = (text: string) => Decimal128.fromString(text);

describe('decimals', () => {
  it.each([
    '0',
    '-0',
    '1.50',
    '-12E+10',
    '9.999999999999999999999999999999999E+6144',
    '1E-6176',
    'NaN',
    'Infinity',
    '-Infinity',
  ])('%s is read and written', (text) => {
    const written = writeDecimal(readDecimal(decimal(text)));
    expect(compareNumbers(written, decimal(text))).toBe(0);
  });

  it('are rounded half to even to 34 digits', () => {
    const digits = '1234567890123456789012345678901234';
    expect(writeDecimal({ coefficient: BigInt(`${digits}5`), exponent: 0 }).toString()).toBe(
      '1.234567890123456789012345678901234E+34',
    );
    expect(writeDecimal({ coefficient: BigInt(`${digits}51`), exponent: 0 }).toString()).toBe(
      '1.234567890123456789012345678901235E+35',
    );
    expect(writeDecimal({ coefficient: 1n, exponent: 7000 }).toString()).toBe('Infinity');
  });

  it('say exactly what a double is', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        const { coefficient, exponent } = exactDecimal(double);
        expect(Number(`${coefficient}e${exponent}`)).toBe(double === 0 ? 0 : double);
      }),
    );
  });

  it.each<[(a: Decimal128, b: Decimal128) => unknown, string, string, string]>([
    [add, '1.10', '2.205', '3.305'],
    [add, '1E+3000', '1', '1.000000000000000000000000000000000E+3000'],
    [subtract, '1', '0.9', '0.1'],
    [multiply, '1.10', '3', '3.30'],
    [divide, '1', '3', '0.3333333333333333333333333333333333'],
    [divide, '10', '4', '2.5'],
    [divide, '0', '4', '0'],
    [remainder, '-7.5', '2', '-1.5'],
    [add, 'Infinity', '1', 'Infinity'],
  ])('%o of %s and %s is %s', (operation, a, b, result) => {
    expect(String(operation(decimal(a), decimal(b)))).toBe(result);
  });
});

describe('whole numbers', () => {
  const int = fc.integer().map((value) => new Int32(value));
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value));

  it.each([
    ['sum', add, (a: bigint, b: bigint) => a + b],
    ['difference', subtract, (a: bigint, b: bigint) => a - b],
    ['product', multiply, (a: bigint, b: bigint) => a * b],
  ] as const)('their %s is exact, an int if it fits and both were', (_, operation, exact) => {
    fc.assert(
      fc.property(fc.oneof(int, long), fc.oneof(int, long), (a, b) => {
        const result = operation(a, b);
        const wanted = exact(toBigInt(a), toBigInt(b));
        if (wanted < -(2n ** 63n) || wanted >= 2n ** 63n) {
          expect(result).toBeInstanceOf(Double);
          return;
        }
        expect(toBigInt(result)).toBe(wanted);
        const fits = BigInt.asIntN(32, wanted) === wanted && a instanceof Int32 && b instanceof Int32;
        expect(result).toBeInstanceOf(fits ? Int32 : Long);
      }),
    );
  });
});

describe('numbers of several types', () => {
  it('make the wider one', () => {
    expect(add(new Int32(1), new Double(1))).toStrictEqual(new Double(2));
    expect(add(Long.ONE, new Double(0.5))).toStrictEqual(new Double(1.5));
    expect(String(add(new Double(0.1), decimal('0.2')))).toBe('0.300000000000000');
    expect(divide(new Int32(6), new Int32(3))).toStrictEqual(new Double(2));
    expect(toDouble(remainder(new Int32(-7), Long.fromNumber(3)))).toBe(-1);
  });
});
