import type { BSONRegExp } from 'bson';
import { bsonRank, bsonType, bsonTypes, type BsonTypeName, rankOf } from '../bson-types.js';
import { compareValues, equalValues } from '../compare.js';
import { encodeKey } from '../key-encoding.js';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber, toBigInt, toDouble } from '../numbers.js';
import { compiledPattern } from './regular-expression.js';
import type { ValueTest } from './walk.js';

export const isNull: ValueTest = (value) => value === null || value === undefined;

export function equalTo(operand: unknown): ValueTest {
  if (isNull(operand)) return isNull;
  if (typeof operand === 'string')
    return (value) => value === operand || (isSymbol(value) && equalValues(value, operand));
  const rank = rankOf(operand);
  return (value) => rankOf(value) === rank && compareValues(value, operand) === 0;
}

const isSymbol = (value: unknown) => typeof value === 'object' && bsonType(value) === 'symbol';

export type Comparison = '$gt' | '$gte' | '$lt' | '$lte';

/** Only values of the operand's own type compare with it, but for the ends of the order. */
export function compared(operator: Comparison, operand: unknown): ValueTest {
  const orEqual = operator.endsWith('e');
  const greater = operator.startsWith('$g');
  if (isNull(operand)) return orEqual ? isNull : () => false;
  const type = bsonType(operand);
  const rank = bsonRank[type];
  const end = type === (greater ? 'minKey' : 'maxKey');
  const nothing = isNumber(operand) && Number.isNaN(toDouble(operand));
  return (value) => {
    if (rankOf(value) !== rank) return end;
    if (nothing || (isNumber(value) && Number.isNaN(toDouble(value)))) return orEqual && equalValues(value, operand);
    const difference = compareValues(value, operand);
    return (orEqual && difference === 0) || (greater ? difference > 0 : difference < 0);
  };
}

/** Long lists are looked up by key, so that a value costs the same however many there are. */
const LONG_LIST = 12;

export function oneOf(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw new MongoDBError('BadValue', '$in needs an array');
  for (const each of operand) if (isOperators(each)) throw new MongoDBError('BadValue', 'cannot nest $ under $in');
  const patterns = operand.filter((each) => bsonType(each) === 'regex').map((each) => matching(each as BSONRegExp));
  const values = operand.filter((each) => bsonType(each) !== 'regex');
  const equal = values.length > LONG_LIST ? amongMany(values) : some(values.map(equalTo));
  return patterns.length === 0 ? equal : some([equal, ...patterns]);
}

export const some =
  (tests: readonly ValueTest[]): ValueTest =>
  (value) =>
    tests.some((test) => test(value));

function amongMany(values: readonly unknown[]): ValueTest {
  const keys = new Set(values.map(keyOf));
  return (value) => keys.has(keyOf(value));
}

const keyOf = (value: unknown) => encodeKey([value ?? null]).toString('latin1');

/** Strings that the pattern is found in, and the pattern itself as a value. */
export function matching(operand: BSONRegExp | RegExp): ValueTest {
  const pattern = compiledPattern(operand);
  return (value) => {
    if (typeof value === 'string') return pattern.test(value);
    if (typeof value !== 'object' || value === null) return false;
    if (isSymbol(value)) return pattern.test(String(value));
    return bsonType(value) === 'regex' && equalValues(value, operand);
  };
}

export function ofType(operand: unknown): ValueTest {
  const wanted = (Array.isArray(operand) ? operand : [operand]).flatMap(typesFrom);
  if (wanted.length === 0) throw new MongoDBError('FailedToParse', '$type must match at least one type');
  const types = new Set(wanted);
  return (value) => value !== undefined && types.has(bsonType(value));
}

function typesFrom(operand: unknown): BsonTypeName[] {
  if (operand === 'number') return ['int', 'long', 'double', 'decimal'];
  if (typeof operand === 'string') {
    if (Object.hasOwn(bsonTypes, operand)) return [operand as BsonTypeName];
    throw new MongoDBError('BadValue', `Unknown type name alias: ${operand}`);
  }
  if (!isNumber(operand)) throw new MongoDBError('TypeMismatch', 'type must be represented as a number or a string');
  const number = toDouble(operand);
  const found = Object.entries(bsonTypes).find(([, each]) => each === number);
  if (!found) throw new MongoDBError('BadValue', `Invalid numerical type code: ${number}`);
  return [found[0] as BsonTypeName];
}

/** Fractions are cut off; what a 64-bit integer cannot hold never matches. */
export function divided(operand: unknown): ValueTest {
  if (!Array.isArray(operand)) throw new MongoDBError('BadValue', 'malformed mod, needs to be an array');
  if (operand.length < 2) throw new MongoDBError('BadValue', 'malformed mod, not enough elements');
  if (operand.length > 2) throw new MongoDBError('BadValue', 'malformed mod, too many elements');
  const [divisor, remainder] = operand.map(wholeOperand) as [bigint, bigint];
  if (divisor === 0n) throw new MongoDBError('BadValue', 'divisor cannot be 0');
  return (value) => isNumber(value) && Math.abs(toDouble(value)) < 2 ** 63 && toBigInt(value) % divisor === remainder;
}

function wholeOperand(value: unknown, index: number): bigint {
  if (isNumber(value) && Math.abs(toDouble(value)) < 2 ** 63) return toBigInt(value);
  throw new MongoDBError('BadValue', `malformed mod, ${index === 0 ? 'divisor' : 'remainder'} not a number`);
}

export function ofSize(operand: unknown): ValueTest {
  const size = isNumber(operand) ? toDouble(operand) : NaN;
  if (!Number.isInteger(size)) {
    throw new MongoDBError('BadValue', 'Failed to parse $size. Expected an integer');
  }
  if (size < 0) throw new MongoDBError('BadValue', 'Failed to parse $size. Expected a non-negative number');
  return (value) => Array.isArray(value) && value.length === size;
}

/** Whether the value is a document of operators: what `{ field: … }` means is told by its first name. */
export function isOperators(value: unknown): boolean {
  if (bsonType(value) !== 'object') return false;
  const first = Object.keys(value as object)[0];
  return first !== undefined && first.startsWith('$') && !REFERENCE_FIELDS.has(first);
}

/** A document that begins with one of these is a database reference to be found by equality. */
const REFERENCE_FIELDS = new Set(['$ref', '$id', '$db']);
