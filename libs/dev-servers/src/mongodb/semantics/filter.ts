import type { BSONRegExp } from 'bson';
import { compileCondition, type ExpressionOptions } from './expression.js';
import { isDocument, type BsonDocument } from './bson-document.js';
import { bsonType } from './bson-types.js';
import { bitTest } from './filter/bit-mask.js';
import { schemaTest } from './filter/json-schema.js';
import { compared, divided, equalTo, isOperators, matching, oneOf, ofSize, ofType } from './filter/value-tests.js';
import { atPath, type DocumentTest, type Match, type ValueTest } from './filter/walk.js';
import { MongoDBError } from './mongodb-error.js';
import { isNumber, toDouble } from './numbers.js';

export interface FilterOptions extends ExpressionOptions {
  /** Makes the expression of a `$expr` ready, where the options of a whole command will not do. */
  readonly condition?: (expression: unknown) => (document: BsonDocument) => boolean;
}

/** A filter made ready; {@link position} tells where it met an array. */
export interface Filter {
  (document: BsonDocument): boolean;
  /**
   * The position of the array element by which the document matches: what `$` stands for in an update or a projection.
   * Undefined when it does not match, or not by an array.
   */
  readonly position: (document: BsonDocument) => number | undefined;
}

/**
 * What tells whether a document matches, in MongoDB's sense of it.
 *
 * @throws {MongoDBError} `BadValue` for what MongoDB refuses too; `NotImplemented` for `$where`, `$text` and the geospatial
 * operators
 */
export function compileFilter(filter: BsonDocument, options: FilterOptions = {}): Filter {
  const test = all(clauses(filter, options, 0));
  return Object.assign((document: BsonDocument) => test(document), {
    position: (document: BsonDocument) => {
      const match: Match = {};
      return test(document, match) ? match.position : undefined;
    },
  });
}

/** Deeper than MongoDB lets a filter be. */
const MAX_DEPTH = 100;

/** Stands, instead of a path, for the very value that is tested: an element under `$elemMatch`. */
const ITSELF = Symbol('the value itself');

type Place = string | typeof ITSELF;

const REFUSED_AT_TOP = new Set(['$where', '$text']);

function clauses(filter: unknown, options: FilterOptions, depth: number): DocumentTest[] {
  if (!isDocument(filter)) throw new MongoDBError('BadValue', 'the match filter must be an expression in an object');
  checkDepth(depth);
  return Object.entries(filter).flatMap(([name, value]) =>
    name.startsWith('$') ? topLevel(name, value, options, depth) : field(name, value, options, depth),
  );
}

function topLevel(name: string, value: unknown, options: FilterOptions, depth: number): DocumentTest[] {
  switch (name) {
    case '$and':
      return list(name, value, options, depth);
    case '$or': {
      const tests = list(name, value, options, depth);
      return [(document, match) => tests.some((test) => test(document, match))];
    }
    case '$nor': {
      const tests = list(name, value, options, depth);
      return [(document) => !tests.some((test) => test(document))];
    }
    case '$expr':
      if (depth < 0)
        throw new MongoDBError('QueryFeatureNotAllowed', '$expr can only be applied to the top-level document');
      return [options.condition?.(value) ?? compileCondition(value, options)];
    case '$jsonSchema': {
      const test = schemaTest(value);
      return [(document) => test(document)];
    }
    case '$sampleRate': {
      const rate = isNumber(value) ? toDouble(value) : NaN;
      if (!(rate >= 0 && rate <= 1))
        throw new MongoDBError('BadValue', 'argument to $sampleRate must be a number between 0 and 1');
      return [() => Math.random() < rate];
    }
    case '$comment':
      return [];
    case '$alwaysTrue':
    case '$alwaysFalse':
      return [() => name === '$alwaysTrue'];
  }
  if (REFUSED_AT_TOP.has(name)) throw refused(name);
  throw new MongoDBError(
    'BadValue',
    `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
  );
}

function list(name: string, value: unknown, options: FilterOptions, depth: number): DocumentTest[] {
  if (!Array.isArray(value)) throw new MongoDBError('BadValue', `${name} must be an array`);
  if (value.length === 0) throw new MongoDBError('BadValue', `${name} must be a nonempty array`);
  return value.map((each) => {
    if (!isDocument(each)) throw new MongoDBError('BadValue', `${name} argument's entries must be objects`);
    return all(clauses(each, options, depth + 1));
  });
}

function field(place: Place, value: unknown, options: FilterOptions, depth: number): DocumentTest[] {
  if (bsonType(value) === 'regex') return [elements(place, matching(value as BSONRegExp))];
  if (isOperators(value)) return fieldClauses(place, value as BsonDocument, options, depth);
  return [elements(place, equalTo(value))];
}

function fieldClauses(place: Place, operators: BsonDocument, options: FilterOptions, depth: number): DocumentTest[] {
  checkDepth(depth);
  return Object.entries(operators).flatMap(([operator, operand]) => {
    if (operator === '$options') {
      if (!Object.hasOwn(operators, '$regex')) throw new MongoDBError('BadValue', '$options needs a $regex');
      return [];
    }
    if (operator === '$regex') return [elements(place, matching(pattern(operand, operators['$options'])))];
    return fieldClause(place, operator, operand, options, depth);
  });
}

function fieldClause(
  place: Place,
  operator: string,
  operand: unknown,
  options: FilterOptions,
  depth: number,
): DocumentTest[] {
  switch (operator) {
    case '$eq':
      return [elements(place, equalTo(operand))];
    case '$ne':
      if (bsonType(operand) === 'regex') throw new MongoDBError('BadValue', "Can't have regex as arg to $ne.");
      return [not(elements(place, equalTo(operand)))];
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (bsonType(operand) === 'regex') {
        throw new MongoDBError('BadValue', `Can't have RegEx as arg to predicate over field '${String(place)}'.`);
      }
      return [elements(place, compared(operator, operand))];
    case '$in':
      return [elements(place, oneOf(operand))];
    case '$nin':
      return [not(elements(place, oneOf(Array.isArray(operand) ? operand : failedToParse('$nin needs an array'))))];
    case '$exists': {
      const exists = elements(place, (value) => value !== undefined);
      return [isTrue(operand) ? exists : not(exists)];
    }
    case '$type':
      return [elements(place, ofType(operand))];
    case '$mod':
      return [elements(place, divided(operand))];
    case '$size':
      return [whole(place, ofSize(operand))];
    case '$all':
      return containsAll(place, operand, options, depth);
    case '$elemMatch':
      return [whole(place, elementMatch(operand, options, depth))];
    case '$not':
      return [not(all(negated(place, operand, options, depth)))];
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return [elements(place, bitTest(operator, operand))];
    case '$comment':
      return [];
  }
  if (REFUSED_UNDER_FIELDS.has(operator)) throw refused(operator);
  throw new MongoDBError('BadValue', `unknown operator: ${operator}`);
}

const REFUSED_UNDER_FIELDS = new Set([
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$maxDistance',
  '$minDistance',
]);

function refused(operator: string): MongoDBError {
  return new MongoDBError('NotImplemented', `${operator} is not supported by this server`);
}

function negated(place: Place, operand: unknown, options: FilterOptions, depth: number): DocumentTest[] {
  if (bsonType(operand) === 'regex') return field(place, operand, options, depth);
  if (!isDocument(operand)) throw new MongoDBError('BadValue', '$not needs a regex or a document');
  if (Object.keys(operand).length === 0) throw new MongoDBError('BadValue', '$not cannot be empty');
  return fieldClauses(place, operand, options, depth + 1);
}

/** Every one of the values, by one element or another; none at all match nothing. */
function containsAll(place: Place, operand: unknown, options: FilterOptions, depth: number): DocumentTest[] {
  if (!Array.isArray(operand)) throw new MongoDBError('BadValue', '$all needs an array');
  if (operand.length === 0) return [() => false];
  const matches = operand.filter((each) => isOperators(each));
  if (matches.length > 0 && matches.length < operand.length) {
    throw new MongoDBError('BadValue', '$all/$elemMatch has to be consistent');
  }
  return operand.flatMap((each) => {
    if (isOperators(each) && Object.keys(each as object)[0] !== '$elemMatch') {
      throw new MongoDBError('BadValue', 'no $ expressions in $all');
    }
    return field(place, each, options, depth + 1);
  });
}

/** With operators, the element itself is tested; with a filter, the document that it is, or the array by its positions. */
function elementMatch(operand: unknown, options: FilterOptions, depth: number): ValueTest {
  if (!isDocument(operand)) throw new MongoDBError('BadValue', '$elemMatch needs an Object');
  const first = Object.keys(operand)[0] ?? '';
  const onValue = first.startsWith('$') && !['$and', '$or', '$nor', '$where', '$expr'].includes(first);
  let element: ValueTest;
  if (onValue) {
    const test = all(fieldClauses(ITSELF, operand, options, depth + 1));
    element = (value) => test(value as BsonDocument);
  } else {
    if (first === '$expr') {
      throw new MongoDBError('QueryFeatureNotAllowed', '$expr can only be applied to the top-level document');
    }
    const test = all(clauses(operand, options, depth + 1));
    element = (value) => (Array.isArray(value) ? test({ ...value } as never) : isDocument(value) && test(value));
  }
  return (value, match) => {
    if (!Array.isArray(value)) return false;
    const index = value.findIndex((each) => element(each));
    if (index >= 0 && match) match.position = index;
    return index >= 0;
  };
}

function pattern(operand: unknown, options: unknown): BSONRegExp | RegExp {
  if (options !== undefined && typeof options !== 'string') {
    throw new MongoDBError('BadValue', '$options has to be a string');
  }
  if (typeof operand === 'string')
    return { _bsontype: 'BSONRegExp', pattern: operand, options: options ?? '' } as BSONRegExp;
  if (bsonType(operand) !== 'regex') throw new MongoDBError('BadValue', '$regex has to be a string');
  const given = operand as BSONRegExp;
  if (!options || given instanceof RegExp) return given;
  if (given.options) throw new MongoDBError(51075, 'options set in both $regex and $options');
  return { _bsontype: 'BSONRegExp', pattern: given.pattern, options } as BSONRegExp;
}

/** Any of the values at the place, the elements of an array included. */
function elements(place: Place, test: ValueTest): DocumentTest {
  return place === ITSELF ? (test as DocumentTest) : atPath(place, true, test);
}

/** The same, with an array as one value. */
function whole(place: Place, test: ValueTest): DocumentTest {
  return place === ITSELF ? (test as DocumentTest) : atPath(place, false, test);
}

/** What does not match has no position. */
const not =
  (test: DocumentTest): DocumentTest =>
  (document) =>
    !test(document);

function all(tests: readonly DocumentTest[]): DocumentTest {
  if (tests.length === 1) return tests[0]!;
  return (document, match) => {
    for (const test of tests) if (!test(document, match)) return false;
    return true;
  };
}

function isTrue(value: unknown): boolean {
  return isNumber(value) ? toDouble(value) !== 0 : value !== false && value !== null && value !== undefined;
}

function failedToParse(message: string): never {
  throw new MongoDBError('BadValue', message);
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new MongoDBError('BadValue', `exceeded maximum query tree depth of ${MAX_DEPTH}`);
}
