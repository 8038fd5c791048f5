import { Binary } from 'bson';
import { binaryOf } from '../compare.js';
import { MongoDBError } from '../mongodb-error.js';
import { compareNumbers, isNumber, toBigInt, toDouble, toExactDecimal } from '../numbers.js';
import type { ValueTest } from './walk.js';

type BitOperator = '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';

/** Tests of the bits of whole numbers (as 64 bits, signed) and of binary data. */
export function bitTest(operator: BitOperator, operand: unknown): ValueTest {
  const positions = bitPositions(operator, operand);
  const wanted = operator.endsWith('Set');
  const all = operator.includes('All');
  return (value) => {
    const bit = bitsOf(value);
    if (!bit) return false;
    return all ? positions.every((at) => bit(at) === wanted) : positions.some((at) => bit(at) === wanted);
  };
}

function bitsOf(value: unknown): ((position: number) => boolean) | undefined {
  if (isNumber(value)) {
    const exact = toExactDecimal(value);
    if (typeof exact === 'number' || Math.abs(toDouble(value)) >= 2 ** 63) return undefined;
    const whole = toBigInt(value);
    if (compareNumbers(whole, value) !== 0) return undefined;
    return (position) => (whole >> BigInt(position)) % 2n !== 0n;
  }
  if (!(value instanceof Binary) && !(value instanceof Uint8Array)) return undefined;
  const { bytes } = binaryOf(value);
  return (position) => (((bytes[position >> 3] ?? 0) >> (position & 7)) & 1) === 1;
}

function bitPositions(operator: BitOperator, operand: unknown): number[] {
  if (Array.isArray(operand)) return operand.map((each) => position(operator, each));
  const bit = isNumber(operand) && toDouble(operand) < 0 ? undefined : bitsOf(operand);
  if (!bit) {
    throw new MongoDBError(
      'BadValue',
      `${operator} takes an Array, a number, or a BinData but received: ${String(operand)}`,
    );
  }
  const length = isNumber(operand) ? 63 : binaryOf(operand as Binary).bytes.length * 8;
  return Array.from({ length }, (_, at) => at).filter((at) => bit(at));
}

function position(operator: BitOperator, value: unknown): number {
  const at = isNumber(value) ? toDouble(value) : NaN;
  if (Number.isInteger(at) && at >= 0) return at;
  throw new MongoDBError('BadValue', `Failed to parse bit position. Expected a non-negative integer in: ${operator}`);
}
