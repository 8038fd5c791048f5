import { Timestamp } from 'bson';
import { add, multiply, type TypedNumber } from '../arithmetic.js';
import { isDocument, type BsonDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { compareValues } from '../compare.js';
import { MongoDBError } from '../mongodb-error.js';
import { type BsonNumber, integer, isNumber, numberType, toBigInt } from '../numbers.js';
import { shown } from '../shown-value.js';
import { type Change, type Missing, type Place, REMOVED } from './modify.js';

/** An update operator's argument for one field, made ready. */
export interface FieldUpdate {
  readonly change: Change;
  readonly missing: Missing;
}

/** Makes an operator's argument for one field ready. */
export type UpdateOperator = (operand: unknown, path: string, now: Date) => FieldUpdate;

const creating = (change: Change): FieldUpdate => ({ change, missing: 'made' });

/** The update operators that treat a field as one value. */
export const fieldOperators: Record<string, UpdateOperator> = {
  $set: (operand) => creating(() => operand),
  $unset: () => ({ change: (value) => (value === undefined ? undefined : REMOVED), missing: 'ignored' }),
  $inc: (operand, path) => {
    const by = amount('increment', operand, path);
    return creating((value, place) => (value === undefined ? by : arithmetic('$inc', add, value, by, place)));
  },
  $mul: (operand, path) => {
    const by = amount('multiply', operand, path);
    return creating((value, place) =>
      value === undefined
        ? multiply(numberType(by) === 'int' ? 0 : zeroOf(by), by)
        : arithmetic('$mul', multiply, value, by, place),
    );
  },
  $min: (operand) => creating((value) => (value === undefined || compareValues(operand, value) < 0 ? operand : value)),
  $max: (operand) => creating((value) => (value === undefined || compareValues(operand, value) > 0 ? operand : value)),
  $currentDate: (operand, path, now) => {
    const type = currentDateType(operand, path);
    return creating(() => (type === 'date' ? now : new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 })));
  },
  $bit: (operand, path) => {
    const apply = bitwise(operand, path);
    return creating((value, { document, path: at }) => {
      if (value === undefined) return apply(0);
      if (isNumber(value) && isWhole(value)) return apply(value);
      throw new MongoDBError(
        'BadValue',
        `Cannot apply $bit to a value of non-integral type. ${idOf(document)} has the field ${at} of non-integer type ${bsonType(value)}`,
      );
    });
  },
};

/** How MongoDB's messages name a document. */
export const idOf = (document: BsonDocument) => `{_id: ${shown(document['_id'])}}`;

function amount(verb: string, operand: unknown, path: string): BsonNumber {
  if (isNumber(operand)) return operand;
  throw new MongoDBError('TypeMismatch', `Cannot ${verb} with non-numeric argument: {${path}: ${shown(operand)}}`);
}

/** A zero that makes products of the number's type. */
const zeroOf = (value: BsonNumber) => (numberType(value) === 'long' ? 0n : 0);

function arithmetic(
  name: string,
  apply: (a: BsonNumber, b: BsonNumber) => TypedNumber,
  value: unknown,
  by: BsonNumber,
  { document, path }: Place,
): TypedNumber {
  if (!isNumber(value)) {
    throw new MongoDBError(
      'TypeMismatch',
      `Cannot apply ${name} to a value of non-numeric type. ${idOf(document)} has the field '${path.split('.').at(-1)}' of non-numeric type ${bsonType(value)}`,
    );
  }
  const result = apply(value, by);
  if (isWhole(value) && isWhole(by) && numberType(result) === 'double') {
    throw new MongoDBError(
      'BadValue',
      `Failed to apply ${name} operations to current value (${shown(value)}) for document ${idOf(document)}`,
    );
  }
  return result;
}

const isWhole = (value: BsonNumber) => ['int', 'long'].includes(numberType(value));

function currentDateType(operand: unknown, path: string): 'date' | 'timestamp' {
  if (typeof operand === 'boolean') return 'date';
  if (isDocument(operand)) {
    const type = operand['$type'];
    if (Object.keys(operand).length === 1 && (type === 'date' || type === 'timestamp')) return type;
    throw new MongoDBError(
      'BadValue',
      `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {${path}: {$type: 'date'}}}`,
    );
  }
  throw new MongoDBError(
    'BadValue',
    `${bsonType(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  );
}

const bitOperations: Record<string, (left: bigint, right: bigint) => bigint> = {
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  xor: (left, right) => left ^ right,
};

function bitwise(operand: unknown, path: string): (value: BsonNumber) => unknown {
  if (!isDocument(operand) || Object.keys(operand).length === 0) {
    throw new MongoDBError(
      'BadValue',
      `The $bit modifier is not compatible with a ${bsonType(operand)}. You must pass in an embedded document: {$bit: {${path}: {and/or/xor: #}}}`,
    );
  }
  const steps = Object.entries(operand).map(([name, by]) => {
    const apply = Object.hasOwn(bitOperations, name) ? bitOperations[name] : undefined;
    if (!apply) {
      throw new MongoDBError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator`,
      );
    }
    if (isNumber(by) && isWhole(by)) return { apply, by };
    throw new MongoDBError(
      'BadValue',
      `The $bit modifier field must be an Integer(32/64 bit); a '${bsonType(by)}' is not supported here`,
    );
  });
  return (value) =>
    steps.reduce<BsonNumber>((result, { apply, by }) => {
      const type = [result, by].some((each) => numberType(each) === 'long') ? 'long' : 'int';
      return integer(apply(toBigInt(result), toBigInt(by)), type)!;
    }, value);
}
