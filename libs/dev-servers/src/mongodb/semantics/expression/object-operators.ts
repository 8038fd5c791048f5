import { calculateObjectSize } from 'bson';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { binaryOf } from '../compare.js';
import { own } from '../filter/walk.js';
import { MongoDBError } from '../mongodb-error.js';
import { bsonType } from '../bson-types.js';
import { fieldsOf, isNullish, typeName, unary } from './arguments.js';
import type { Compiler, Evaluate, Operator } from './compiler.js';

export const objectOperators: Record<string, Operator> = {
  $objectToArray: unary((value) => {
    if (isNullish(value)) return null;
    return Object.entries(
      documentOf(value, 40390, `$objectToArray requires a document input, found: ${typeName(value)}`),
    ).map(([k, v]) => ({ k, v }));
  }),
  $arrayToObject: unary((value) => {
    if (isNullish(value)) return null;
    if (!Array.isArray(value)) {
      throw new MongoDBError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`);
    }
    return Object.fromEntries(value.map(pairOf));
  }),
  $getField: (operand, compiler, name) => {
    const plain = !isDocument(operand) || !('field' in operand);
    const { field, input } = plain
      ? { field: operand, input: undefined }
      : fieldsOf(operand, name, ['field'], ['input']);
    const read = fieldName(field, compiler, name);
    const from: Evaluate = input === undefined ? (scope) => scope.current : compiler.compile(input);
    return (scope) => {
      const document = from(scope);
      if (document === null) return null;
      return isDocument(document) ? own(document, read) : undefined;
    };
  },
  $setField: (operand, compiler, name) => {
    const { field, input, value } = fieldsOf(operand, name, ['field', 'input', 'value'], []);
    return settingField(fieldName(field, compiler, name), compiler.compile(input), compiler.compile(value));
  },
  $unsetField: (operand, compiler, name) => {
    const { field, input } = fieldsOf(operand, name, ['field', 'input'], []);
    return settingField(fieldName(field, compiler, name), compiler.compile(input), () => undefined);
  },
  $bsonSize: unary((value) => {
    if (isNullish(value)) return null;
    return calculateObjectSize(
      documentOf(value, 31393, `$bsonSize requires a document input, found: ${typeName(value)}`),
    );
  }),
  $binarySize: unary((value) => {
    if (isNullish(value)) return null;
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (bsonType(value) === 'binData') return binaryOf(value as Uint8Array).bytes.length;
    throw new MongoDBError(51276, `$binarySize requires a string or BinData argument, found: ${typeName(value)}`);
  }),
};

function documentOf(value: unknown, code: number, message: string): BsonDocument {
  if (isDocument(value)) return value;
  throw new MongoDBError(code, message);
}

/** Either `[name, value]` or `{ k: name, v: value }`. */
function pairOf(pair: unknown): [string, unknown] {
  const [name, value, ...others] = Array.isArray(pair)
    ? (pair as unknown[])
    : isDocument(pair) && 'k' in pair && 'v' in pair && Object.keys(pair).length === 2
      ? [pair['k'], pair['v']]
      : [undefined, undefined];
  if (typeof name === 'string' && others.length === 0) return [name, value];
  throw new MongoDBError(
    40392,
    'Unrecognised input type format for $arrayToObject: Each entry in the array must be either a 2-element array or an object with only the fields k and v',
  );
}

/** The name is a constant, and may hold dots and dollar signs. */
function fieldName(field: unknown, compiler: Compiler, name: string): string {
  if (typeof field === 'string' && !field.startsWith('$')) return field;
  const value = typeof field === 'string' ? undefined : literal(field);
  if (typeof value === 'string') return value;
  compiler.compile(field);
  throw new MongoDBError(4161108, `${name} requires 'field' to evaluate to a constant`);
}

function literal(field: unknown): unknown {
  return isDocument(field) ? (field['$literal'] ?? field['$const']) : undefined;
}

function settingField(name: string, input: Evaluate, value: Evaluate): Evaluate {
  return (scope) => {
    const document = input(scope);
    if (isNullish(document)) return null;
    if (!isDocument(document)) {
      throw new MongoDBError(
        4161105,
        `$setField requires 'input' to evaluate to type Object, but got ${typeName(document)}`,
      );
    }
    const next = value(scope);
    if (next !== undefined) return { ...document, [name]: next };
    const { [name]: _, ...rest } = document;
    return rest;
  };
}
