import { Decimal128, Double, Int32, ObjectId } from 'bson';
import { bsonType, bsonTypes, type BsonTypeName } from '../bson-types.js';
import { writeDecimal } from '../decimal.js';
import { MongoDBError } from '../mongodb-error.js';
import { type BsonNumber, integer, isNumber, toBigInt, toDecimal, toDouble } from '../numbers.js';
import { fieldsOf, isNullish, isTruthy, typeName, unary } from './arguments.js';
import type { Operator } from './compiler.js';
import { dateFrom } from './date-operators.js';
import { isoString, parseDate } from './date-text.js';

export const typeOperators: Record<string, Operator> = {
  $type: unary(typeName),
  $isNumber: unary((value) => isNumber(value)),
  $toBool: to('bool'),
  $toInt: to('int'),
  $toLong: to('long'),
  $toDouble: to('double'),
  $toDecimal: to('decimal'),
  $toString: to('string'),
  $toDate: to('date'),
  $toObjectId: to('objectId'),
  $convert: (operand, compiler, name) => {
    const given = fieldsOf(operand, name, ['input', 'to'], ['onError', 'onNull', 'format', 'base', 'byteOrder']);
    const input = compiler.compile(given['input']);
    const target = compiler.compile(given['to']);
    const onError = 'onError' in given ? compiler.compile(given['onError']) : undefined;
    const onNull = 'onNull' in given ? compiler.compile(given['onNull']) : undefined;
    for (const option of ['format', 'base', 'byteOrder']) {
      if (option in given)
        throw new MongoDBError('NotImplemented', `the '${option}' of $convert is not supported by this server`);
    }
    return (scope) => {
      const type = targetType(target(scope));
      const value = input(scope);
      if (isNullish(value)) return onNull ? onNull(scope) : null;
      if (type === null) return null;
      try {
        return converted(value, type);
      } catch (error) {
        if (onError && error instanceof MongoDBError && error.codeName === 'ConversionFailure') return onError(scope);
        throw error;
      }
    };
  },
};

function to(type: BsonTypeName): Operator {
  return unary((value) => (isNullish(value) ? null : converted(value, type)));
}

function targetType(value: unknown): BsonTypeName | null {
  if (isNullish(value)) return null;
  const type = isDocumentWithType(value) ? value.type : value;
  if (typeof type === 'string' && Object.hasOwn(bsonTypes, type)) return type as BsonTypeName;
  const found = isNumber(type) && Object.entries(bsonTypes).find(([, number]) => number === toDouble(type));
  if (found) return found[0] as BsonTypeName;
  throw new MongoDBError('BadValue', `Unknown type name: ${String(type)}`);
}

function isDocumentWithType(value: unknown): value is { type: unknown } {
  return bsonType(value) === 'object' && 'type' in (value as object);
}

function failure(value: unknown, type: BsonTypeName): MongoDBError {
  return new MongoDBError(
    'ConversionFailure',
    `Unsupported conversion from ${typeName(value)} to ${type} in $convert with no onError value`,
  );
}

function converted(value: unknown, type: BsonTypeName): unknown {
  switch (type) {
    case 'bool':
      return isTruthy(value);
    case 'string':
      return asString(value);
    case 'int':
    case 'long':
      return asInteger(value, type);
    case 'double':
      return new Double(asDouble(value));
    case 'decimal':
      return asDecimal(value);
    case 'date':
      return asDate(value);
    case 'objectId':
      if (value instanceof ObjectId) return value;
      if (typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)) return new ObjectId(value);
      throw typeof value === 'string' ? parseFailure(`Failed to parse objectId '${value}'`) : failure(value, type);
    default:
      throw failure(value, type);
  }
}

const parseFailure = (what: string) =>
  new MongoDBError('ConversionFailure', `${what} in $convert with no onError value`);

function asString(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return isoString(value);
  if (isNumber(value) || value instanceof ObjectId) return String(value);
  throw failure(value, 'string');
}

function asInteger(value: unknown, type: 'int' | 'long'): unknown {
  const whole = wholeOf(value, type);
  const result = type === 'long' ? integer(whole, 'long') : integer(whole, 'int');
  if (result && (type === 'long' || result instanceof Int32)) return result;
  throw parseFailure(`Conversion would overflow target type`);
}

function wholeOf(value: unknown, type: 'int' | 'long'): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value instanceof Date && type === 'long') return BigInt(value.getTime());
  if (typeof value === 'string') {
    if (/^[+-]?\d+$/.test(value)) return BigInt(value.replace('+', ''));
    throw parseFailure(`Failed to parse number '${value}'`);
  }
  if (!isNumber(value)) throw failure(value, type);
  if (!Number.isFinite(toDouble(value))) throw parseFailure('Attempt to convert NaN or infinity value to integer type');
  return toBigInt(value);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^[+-]?(?:Infinity|inf)$|^NaN$/i;

function asDouble(value: unknown): number {
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string') {
    if (!NUMBER.test(value)) throw parseFailure(`Failed to parse number '${value}'`);
    return Number(value.replace(/inf$/i, 'Infinity'));
  }
  if (isNumber(value)) return toDouble(value);
  throw failure(value, 'double');
}

function asDecimal(value: unknown): Decimal128 {
  if (value instanceof Decimal128) return value;
  if (typeof value === 'string') {
    if (!NUMBER.test(value)) throw parseFailure(`Failed to parse number '${value}'`);
    return Decimal128.fromStringWithRounding(value);
  }
  if (typeof value === 'boolean') return Decimal128.fromString(value ? '1' : '0');
  if (value instanceof Date) return Decimal128.fromString(String(value.getTime()));
  if (isNumber(value)) return writeDecimal(toDecimal(value));
  throw failure(value, 'decimal');
}

function asDate(value: unknown): Date {
  if (typeof value === 'string') return parseDate(value, undefined, undefined);
  const type = bsonType(value);
  if (type === 'date' || type === 'timestamp' || type === 'objectId') return dateFrom(value);
  if (type === 'double' || type === 'long' || type === 'decimal') {
    const moment = toDouble(value as BsonNumber);
    if (Number.isFinite(moment) && Math.abs(moment) <= 8.64e15) return new Date(Math.trunc(moment));
    throw parseFailure('Conversion would overflow target type');
  }
  throw failure(value, 'date');
}
