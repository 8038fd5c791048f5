import { Int32 } from 'bson';
import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { bsonType } from '../semantics/bson-types.js';
import { equalValues } from '../semantics/compare.js';
import { compileFilter } from '../semantics/filter.js';
import type { Direction } from '../semantics/key-encoding.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Index } from './collection.js';

/** An index as somebody wants it. */
export interface IndexSpecification {
  readonly name: string;
  readonly key: BsonDocument;
  /** As `listIndexes` gives it. */
  readonly document: BsonDocument;
}

const OPTIONS = new Set(['v', 'key', 'name', 'unique', 'sparse', 'hidden', 'background', 'expireAfterSeconds', 'partialFilterExpression', 'collation', 'ns', 'comment']); // prettier-ignore
const REFUSED =
  /^(weights|default_language|language_override|textIndexVersion|2dsphereIndexVersion|bits|min|max|wildcardProjection|storageEngine|clustered|prepareUnique|bucketSize)$/;
const MAX_EXPIRY_SECONDS = 0x7fffffff;
/** The options by which two indexes of one key differ. */
const DISTINCTIVE = ['unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression', 'hidden'] as const;

/** The index that every collection has. */
export const ID_INDEX: BsonDocument = { v: new Int32(2), key: { _id: new Int32(1) }, name: '_id_' };

/** @throws {MongoDBError} for what MongoDB refuses, and for kinds of index that this server has not */
export function indexSpecification(wanted: unknown): IndexSpecification {
  if (!isDocument(wanted)) throw new MongoDBError('TypeMismatch', 'The indexes are to be documents');
  for (const option of Object.keys(wanted)) checkOption(option);
  const { key, name = nameOf(key), unique, sparse, hidden, expireAfterSeconds, partialFilterExpression } = wanted;
  checkKey(key);
  if (typeof name !== 'string' || name === '') {
    throw new MongoDBError('CannotCreateIndex', 'The name of an index is a string and not empty');
  }
  if (name === '*') throw new MongoDBError('BadValue', "An index cannot be named '*'");
  if (isSet('sparse', sparse) && partialFilterExpression !== undefined) {
    throw new MongoDBError('CannotCreateIndex', 'cannot mix "partialFilterExpression" and "sparse" options');
  }
  checkCollation(wanted.collation);
  checkExpiry(expireAfterSeconds, key);
  checkPartialFilter(partialFilterExpression);
  const document: BsonDocument = {
    v: new Int32(2),
    key,
    name,
    ...(isSet('unique', unique) && { unique: true }),
    ...(isSet('sparse', sparse) && { sparse: true }),
    ...(isSet('hidden', hidden) && { hidden: true }),
    ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
    ...(partialFilterExpression !== undefined && { partialFilterExpression }),
  };
  return { name, key, document };
}

/** Whether the specification is that of the index that a collection has anyway. */
export function isIdIndex({ key }: Pick<IndexSpecification, 'key'>): boolean {
  return Object.keys(key).join() === '_id' && Number(key._id) > 0;
}

/**
 * The index among those there are that makes the wanted one superfluous.
 * @throws {MongoDBError} when there is one of its name or key that differs
 */
export function sameIndex(existing: readonly Index[], wanted: IndexSpecification): Index | undefined {
  for (const index of existing) {
    const sameName = index.name === wanted.name;
    const sameKey = equalValues(index.specification.key, wanted.key) && sameOrder(index.specification.key, wanted.key);
    const sameFilter = equalValues(
      index.specification.partialFilterExpression,
      wanted.document.partialFilterExpression,
    );
    const sameOptions = DISTINCTIVE.every((option) =>
      equalValues(index.specification[option], wanted.document[option]),
    );
    if (sameName && sameKey && sameOptions) return index;
    if (sameName) {
      throw new MongoDBError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${wanted.name}, existing index: ${index.name}`,
      );
    }
    if (sameKey && sameFilter) {
      const [code, reason] = sameOptions
        ? (['IndexOptionsConflict', `Index already exists with a different name: ${index.name}`] as const)
        : (['IndexOptionsConflict', `An equivalent index already exists with the same key and other options: ${index.name}`] as const); // prettier-ignore
      throw new MongoDBError(code, reason);
    }
  }
  return undefined;
}

/** The index behind a specification that was stored. */
export function toIndex(id: number, specification: BsonDocument, multikey: boolean): Index {
  const { name, key, unique, sparse, expireAfterSeconds, partialFilterExpression } = specification;
  return {
    id,
    name: name as string,
    fields: Object.entries(key as BsonDocument).map(([path, direction]) => ({
      path,
      direction: (Number(direction) < 0 ? -1 : 1) as Direction,
    })),
    specification,
    unique: unique === true,
    sparse: sparse === true,
    ...(expireAfterSeconds !== undefined && { expireAfterSeconds: Number(expireAfterSeconds) }),
    ...(partialFilterExpression !== undefined && { partialFilter: partialFilterExpression as BsonDocument }),
    covers: partialFilterExpression ? compileFilter(partialFilterExpression as BsonDocument) : () => true,
    multikey,
  };
}

function checkOption(option: string): void {
  if (OPTIONS.has(option)) return;
  if (REFUSED.test(option)) throw new MongoDBError('NotImplemented', `Indexes with ${option} are not supported here`);
  throw new MongoDBError(
    'InvalidIndexSpecificationOption',
    `The field '${option}' is not valid for an index specification`,
  );
}

function nameOf(key: unknown): string {
  if (!isDocument(key)) return '';
  return Object.entries(key).map(([path, direction]) => `${path}_${String(direction)}`).join('_'); // prettier-ignore
}

function checkKey(key: unknown): asserts key is BsonDocument {
  if (!isDocument(key)) throw new MongoDBError('FailedToParse', "The 'key' field is a required property of an index specification"); // prettier-ignore
  const fields = Object.entries(key);
  if (fields.length === 0) throw new MongoDBError('CannotCreateIndex', 'Index keys cannot be empty.');
  for (const [path, direction] of fields) {
    if (path.includes('$**')) throw new MongoDBError('NotImplemented', 'Wildcard indexes are not supported here');
    if (path === '' || path.split('.').some((part) => part === '' || part.startsWith('$'))) {
      throw new MongoDBError('CannotCreateIndex', `Index keys cannot be an empty field or begin with '$': '${path}'`);
    }
    if (typeof direction === 'string') {
      throw new MongoDBError(
        direction === '' ? 'CannotCreateIndex' : 'NotImplemented',
        `Indexes of the kind '${direction}' are not supported here`,
      );
    }
    const value = Number(direction);
    if (!/^(int|long|double|decimal)$/.test(bsonType(direction)) || !value) {
      throw new MongoDBError(
        'CannotCreateIndex',
        `Values in v:2 index key pattern cannot be ${value === 0 ? '0' : `of type ${bsonType(direction)}`}. Only numbers > 0, numbers < 0, and strings are allowed.`,
      );
    }
  }
  if (fields.length === 1 && fields[0]![0] === '_id' && Number(key._id) === -1) {
    throw new MongoDBError('BadValue', "The field 'key' for an _id index must be {_id: 1}, but got { _id: -1 }");
  }
}

function isSet(option: string, value: unknown): boolean {
  if (value === undefined || value === false || value === null) return false;
  if (value === true) return true;
  if (/^(int|long|double|decimal)$/.test(bsonType(value))) return Number(value) !== 0;
  throw new MongoDBError('TypeMismatch', `The field '${option}' has value of type ${bsonType(value)}, it is to be a boolean`); // prettier-ignore
}

function checkCollation(collation: unknown): void {
  if (collation === undefined) return;
  if (isDocument(collation) && collation.locale === 'simple') return;
  throw new MongoDBError('NotImplemented', 'Indexes with a collation are not supported here');
}

function checkExpiry(seconds: unknown, key: BsonDocument): void {
  if (seconds === undefined) return;
  if (!/^(int|long|double|decimal)$/.test(bsonType(seconds))) {
    throw new MongoDBError('TypeMismatch', "TTL index 'expireAfterSeconds' option must be numeric");
  }
  const value = Number(seconds);
  if (!(value >= 0 && value <= MAX_EXPIRY_SECONDS)) {
    throw new MongoDBError('CannotCreateIndex', `TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different number than ${value}`); // prettier-ignore
  }
  if (Object.keys(key).length > 1) {
    throw new MongoDBError('CannotCreateIndex', 'TTL indexes are single-field indexes, compound indexes do not support TTL'); // prettier-ignore
  }
}

/** MongoDB takes a part of its language only. */
function checkPartialFilter(filter: unknown): void {
  if (filter === undefined) return;
  if (!isDocument(filter)) throw new MongoDBError('TypeMismatch', 'partialFilterExpression is to be a document');
  checkConditions(filter);
  compileFilter(filter);
}

function checkConditions(filter: BsonDocument): void {
  for (const [field, condition] of Object.entries(filter)) {
    if (/^\$(and|or)$/.test(field) && Array.isArray(condition)) condition.filter(isDocument).forEach(checkConditions);
    else if (field.startsWith('$')) refusePartial(field);
    else if (bsonType(condition) === 'regex') refusePartial('a pattern');
    else if (isDocument(condition)) {
      for (const [operator, operand] of Object.entries(condition)) {
        const supported =
          /^\$(eq|gt|gte|lt|lte|type|in)$/.test(operator) || (operator === '$exists' && operand === true);
        if (operator.startsWith('$') && !supported) refusePartial(operator);
      }
    }
  }
}

function refusePartial(what: string): never {
  throw new MongoDBError('CannotCreateIndex', `Expression not supported in partial index: ${what}`);
}

const sameOrder = (a: unknown, b: unknown) => Object.keys(a as object).join() === Object.keys(b as object).join();
