import { type BsonDocument, isDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { checkLength } from '../field-path.js';
import { isOperators } from '../filter/value-tests.js';
import { MongoDBError } from '../mongodb-error.js';

/**
 * The document that an upsert begins with: what the filter says by equality, through `$and`, `$eq`, `$all`, and lists of
 * one in `$or` and `$in`.
 *
 * @throws {MongoDBError} 54 when the filter says two things of one path
 */
export function upsertSeed(filter: BsonDocument): BsonDocument {
  const equalities = new Map<string, unknown>();
  collect(filter, equalities);
  checkDistinct([...equalities.keys()]);
  let seed: BsonDocument = {};
  for (const [path, value] of equalities) {
    const names = path.split('.');
    checkLength(names);
    seed = withValue(seed, names, value);
  }
  return seed;
}

/**
 * What a replacement takes over of the filter where nothing matched: the `_id`, if the filter says it.
 *
 * @throws {MongoDBError} 54 when the filter says two, 111 when it says a part of it only
 */
export function upsertId(filter: BsonDocument): BsonDocument {
  const equalities = new Map<string, unknown>();
  collect(filter, equalities, (path) => path === '_id' || path.startsWith('_id.'));
  const part = [...equalities.keys()].find((path) => path !== '_id');
  if (part === undefined) return Object.fromEntries(equalities);
  throw new MongoDBError(111, `field at '_id' must be exactly specified, field at sub-path '${part}' found`);
}

function collect(filter: unknown, into: Map<string, unknown>, wanted: (path: string) => boolean = () => true): void {
  if (!isDocument(filter)) return;
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' || (path === '$or' && Array.isArray(condition) && condition.length === 1)) {
      for (const each of condition as unknown[]) collect(each, into, wanted);
    } else if (!path.startsWith('$') && wanted(path)) {
      for (const value of equalValues(condition)) {
        if (into.has(path)) {
          throw new MongoDBError(
            'NotSingleValueField',
            `cannot infer query fields to set, path '${path}' is matched twice`,
          );
        }
        into.set(path, value);
      }
    }
  }
}

function equalValues(condition: unknown): unknown[] {
  if (bsonType(condition) === 'regex') return [];
  if (!isOperators(condition)) return [condition];
  return Object.entries(condition as BsonDocument).flatMap(([operator, operand]) => {
    if (operator === '$eq') return [operand];
    if (!Array.isArray(operand)) return [];
    if (operator === '$all' || (operator === '$in' && operand.length === 1)) {
      return operand.filter((each) => !isOperators(each) && bsonType(each) !== 'regex');
    }
    return [];
  });
}

function checkDistinct(paths: readonly string[]): void {
  for (const path of paths) {
    const under = paths.find((other) => other.startsWith(`${path}.`));
    if (under !== undefined) {
      throw new MongoDBError(
        'NotSingleValueField',
        `cannot infer query fields to set, both paths '${under}' and '${path}' are matched`,
      );
    }
  }
}

function withValue(document: BsonDocument, [name, ...rest]: readonly string[], value: unknown): BsonDocument {
  if (name === undefined) return document;
  if (rest.length === 0) return { ...document, [name]: value };
  const inner = document[name];
  return { ...document, [name]: withValue(isDocument(inner) ? inner : {}, rest, value) };
}
