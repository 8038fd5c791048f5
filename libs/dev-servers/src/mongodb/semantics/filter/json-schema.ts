import type { BoundedPattern } from '@gesta/core';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { bsonType, bsonTypes, type BsonTypeName } from '../bson-types.js';
import { remainder } from '../arithmetic.js';
import { equalValues } from '../compare.js';
import { encodeKey } from '../key-encoding.js';
import { MongoDBError } from '../mongodb-error.js';
import { type BsonNumber, compareNumbers, isNumber, toDouble } from '../numbers.js';
import { regularExpression } from './regular-expression.js';
import { own, type ValueTest } from './walk.js';

/**
 * A test of values by MongoDB's JSON schema: draft 4 with `bsonType`. What a keyword says nothing about passes.
 *
 * @throws {MongoDBError} 9 for a keyword that MongoDB does not take
 */
export function schemaTest(schema: unknown): ValueTest {
  if (!isDocument(schema)) throw new MongoDBError('TypeMismatch', '$jsonSchema must be an object');
  const tests = Object.entries(schema).flatMap(([keyword, operand]): ValueTest[] => {
    const make = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (make) return [make(operand, schema)];
    if (TITLES.has(keyword)) return [];
    const supported = UNSUPPORTED.has(keyword) ? 'is not currently supported' : 'is unknown';
    throw new MongoDBError('FailedToParse', `$jsonSchema keyword '${keyword}' ${supported}`);
  });
  return (value) => tests.every((test) => test(value));
}

const TITLES = new Set(['title', 'description']);
const UNSUPPORTED = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id']);

type Keyword = (operand: unknown, schema: BsonDocument) => ValueTest;

const keywords: Record<string, Keyword> = {
  bsonType: (operand) =>
    ofTypes(listOf('bsonType', operand), (name) => (name === 'number' ? NUMBERS : typeNamed(name))),
  type: (operand) => ofTypes(listOf('type', operand), jsonType),
  enum: (operand) => {
    const values = arrayOf('enum', operand);
    return (value) => values.some((each) => equalValues(each, value));
  },
  allOf: (operand) => combined('allOf', operand, (passed, all) => passed === all),
  anyOf: (operand) => combined('anyOf', operand, (passed) => passed > 0),
  oneOf: (operand) => combined('oneOf', operand, (passed) => passed === 1),
  not: (operand) => {
    const test = schemaTest(operand);
    return (value) => !test(value);
  },
  minimum: (operand, { exclusiveMinimum }) => {
    const least = numberOf('minimum', operand);
    return onNumbers((value) => compareNumbers(value, least) >= (exclusiveMinimum === true ? 1 : 0));
  },
  maximum: (operand, { exclusiveMaximum }) => {
    const most = numberOf('maximum', operand);
    return onNumbers((value) => compareNumbers(value, most) <= (exclusiveMaximum === true ? -1 : 0));
  },
  exclusiveMinimum: (operand, schema) => beside('exclusiveMinimum', 'minimum', operand, schema),
  exclusiveMaximum: (operand, schema) => beside('exclusiveMaximum', 'maximum', operand, schema),
  multipleOf: (operand) => {
    const divisor = numberOf('multipleOf', operand);
    if (!(toDouble(divisor) > 0))
      throw new MongoDBError('FailedToParse', "$jsonSchema keyword 'multipleOf' must have a positive value");
    return onNumbers((value) => toDouble(remainder(value, divisor)) === 0);
  },
  minLength: (operand) => sized('minLength', operand, lengthOf, (length, least) => length >= least),
  maxLength: (operand) => sized('maxLength', operand, lengthOf, (length, most) => length <= most),
  pattern: (operand) => {
    const pattern = regularExpression(stringOf('pattern', operand), '');
    return (value) => typeof value !== 'string' || pattern.test(value);
  },
  minItems: (operand) => sized('minItems', operand, itemsOf, (length, least) => length >= least),
  maxItems: (operand) => sized('maxItems', operand, itemsOf, (length, most) => length <= most),
  uniqueItems: (operand) => (value) =>
    operand !== true ||
    !Array.isArray(value) ||
    new Set(value.map((each) => encodeKey([each]).toString('latin1'))).size === value.length,
  items: (operand, { additionalItems }) => {
    if (!Array.isArray(operand)) {
      const test = schemaTest(operand);
      return onArrays((array) => array.every((each) => test(each)));
    }
    const tests = operand.map(schemaTest);
    const rest = additional(additionalItems);
    return onArrays((array) => array.every((each, index) => (tests[index] ?? rest)(each)));
  },
  additionalItems: (operand) => {
    additional(operand);
    return () => true;
  },
  required: (operand) => {
    const names = arrayOf('required', operand).map((each) => stringOf('required', each));
    return onDocuments((document) => names.every((name) => own(document, name) !== undefined));
  },
  minProperties: (operand) => sized('minProperties', operand, propertiesOf, (length, least) => length >= least),
  maxProperties: (operand) => sized('maxProperties', operand, propertiesOf, (length, most) => length <= most),
  properties: (operand) => {
    const tests = Object.entries(documentOf('properties', operand)).map(
      ([name, each]) => [name, schemaTest(each)] as const,
    );
    return onDocuments((document) =>
      tests.every(([name, test]) => {
        const value = own(document, name);
        return value === undefined || test(value);
      }),
    );
  },
  patternProperties: (operand) => {
    const tests = patternTests(operand);
    return onDocuments((document) =>
      Object.entries(document).every(([name, value]) =>
        tests.every(([pattern, test]) => !pattern.test(name) || test(value)),
      ),
    );
  },
  additionalProperties: (operand, { properties = {}, patternProperties = {} }) => {
    const known = documentOf('properties', properties);
    const patterns = patternTests(patternProperties);
    const test = additional(operand);
    return onDocuments((document) =>
      Object.entries(document).every(
        ([name, value]) =>
          Object.hasOwn(known, name) || patterns.some(([pattern]) => pattern.test(name)) || test(value),
      ),
    );
  },
  dependencies: (operand) => {
    const tests = Object.entries(documentOf('dependencies', operand)).map(
      ([name, each]) => [name, Array.isArray(each) ? schemaTest({ required: each }) : schemaTest(each)] as const,
    );
    return onDocuments((document) =>
      tests.every(([name, test]) => own(document, name) === undefined || test(document)),
    );
  },
};

const NUMBERS: BsonTypeName[] = ['int', 'long', 'double', 'decimal'];

function ofTypes(names: readonly unknown[], types: (name: string) => BsonTypeName[]): ValueTest {
  const wanted = new Set(names.flatMap((name) => types(stringOf('type', name))));
  return (value) => wanted.has(bsonType(value));
}

function typeNamed(name: string): BsonTypeName[] {
  if (Object.hasOwn(bsonTypes, name)) return [name as BsonTypeName];
  throw new MongoDBError('BadValue', `Unknown type name alias: ${name}`);
}

function jsonType(name: string): BsonTypeName[] {
  if (name === 'number') return NUMBERS;
  if (name === 'boolean') return ['bool'];
  if (['object', 'array', 'string', 'null'].includes(name)) return typeNamed(name);
  throw new MongoDBError('FailedToParse', `$jsonSchema type '${name}' is not currently supported.`);
}

function combined(name: string, operand: unknown, holds: (passed: number, all: number) => boolean): ValueTest {
  const tests = arrayOf(name, operand).map(schemaTest);
  return (value) => holds(tests.filter((test) => test(value)).length, tests.length);
}

/** In draft 4, the bounds are made exclusive by a boolean beside them. */
function beside(name: string, other: string, operand: unknown, schema: BsonDocument): ValueTest {
  if (typeof operand !== 'boolean') {
    throw new MongoDBError('TypeMismatch', `$jsonSchema keyword '${name}' must be a boolean`);
  }
  if (Object.hasOwn(schema, other)) return () => true;
  throw new MongoDBError('FailedToParse', `$jsonSchema keyword '${other}' must be a present if ${name} is present`);
}

/** What is not named: allowed, forbidden, or of a schema. */
function additional(operand: unknown): ValueTest {
  if (operand === undefined || typeof operand === 'boolean') return () => operand !== false;
  return schemaTest(operand);
}

function patternTests(operand: unknown): (readonly [BoundedPattern, ValueTest])[] {
  return Object.entries(documentOf('patternProperties', operand)).map(
    ([pattern, schema]) => [regularExpression(pattern, ''), schemaTest(schema)] as const,
  );
}

const onNumbers =
  (test: (value: BsonNumber) => boolean): ValueTest =>
  (value) =>
    !isNumber(value) || test(value);

const onArrays =
  (test: (array: readonly unknown[]) => boolean): ValueTest =>
  (value) =>
    !Array.isArray(value) || test(value);

const onDocuments =
  (test: (document: BsonDocument) => boolean): ValueTest =>
  (value) =>
    !isDocument(value) || test(value);

const lengthOf = (value: unknown) => (typeof value === 'string' ? [...value].length : undefined);
const itemsOf = (value: unknown) => (Array.isArray(value) ? value.length : undefined);
const propertiesOf = (value: unknown) => (isDocument(value) ? Object.keys(value).length : undefined);

function sized(
  name: string,
  operand: unknown,
  size: (value: unknown) => number | undefined,
  holds: (size: number, bound: number) => boolean,
): ValueTest {
  const bound = toDouble(numberOf(name, operand));
  if (!Number.isInteger(bound) || bound < 0) {
    throw new MongoDBError('FailedToParse', `$jsonSchema keyword '${name}' must be a non-negative integer`);
  }
  return (value) => {
    const given = size(value);
    return given === undefined || holds(given, bound);
  };
}

function mismatch(name: string, wanted: string): MongoDBError {
  return new MongoDBError('TypeMismatch', `$jsonSchema keyword '${name}' must be ${wanted}`);
}

function numberOf(name: string, value: unknown): BsonNumber {
  if (isNumber(value)) return value;
  throw mismatch(name, 'a number');
}

function stringOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw mismatch(name, 'a string');
}

function documentOf(name: string, value: unknown): BsonDocument {
  if (isDocument(value)) return value;
  throw mismatch(name, 'an object');
}

function arrayOf(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw mismatch(name, 'an array');
  if (value.length > 0) return value;
  throw new MongoDBError('FailedToParse', `$jsonSchema keyword '${name}' cannot be an empty array`);
}

function listOf(name: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? arrayOf(name, value) : [value];
}
