import { type BsonDocument, isDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { MongoDBError } from '../mongodb-error.js';
import { shown } from '../shown-value.js';
import { compileArrayFilters } from './array-filters.js';
import { arrayOperators } from './array-operators.js';
import { fieldOperators, type FieldUpdate, type UpdateOperator } from './field-operators.js';
import { modified, type Walking } from './modify.js';
import { parseRename, renamed, type Rename } from './rename.js';
import { checkConflicts, checkMeetings, comparePaths, type Step, updatePath } from './update-path.js';

const operators: ReadonlyMap<string, UpdateOperator> = new Map(
  Object.entries({ ...fieldOperators, ...arrayOperators }),
);

/** One operator at one path. */
interface Clause {
  readonly path: readonly Step[];
  readonly update: FieldUpdate | Rename;
  readonly onlyOnInsert: boolean;
}

/** Applies an update's operators to a document. */
export type ApplyOperators = (
  document: BsonDocument,
  matched: () => number | undefined,
  inserting: boolean,
) => BsonDocument;

/** @throws {MongoDBError} 9 for an unknown operator, 40 when two of them are at paths that touch */
export function compileOperators(
  update: BsonDocument,
  arrayFilters: readonly BsonDocument[],
  now: Date,
): ApplyOperators {
  const clauses = Object.entries(update).flatMap(([name, fields]) => parse(name, fields, now));
  const paths = clauses.flatMap(({ path, update: each }) => ('to' in each ? [each.from, path] : [path]));
  checkConflicts(paths);
  clauses.sort((a, b) => comparePaths(a.path, b.path));
  const filters = compileArrayFilters(arrayFilters, paths, update);
  const dynamic = paths.some((path) => path.some(({ kind }) => kind !== 'name'));
  return (document, matched, inserting) => {
    const visited: (readonly string[])[] = [];
    let result = document;
    for (const { path, update: each, onlyOnInsert } of clauses) {
      if (onlyOnInsert && !inserting) continue;
      const walking: Walking = {
        document: result,
        matched,
        arrayFilters: filters,
        visit: (at) => dynamic && visited.push(at),
      };
      result = 'to' in each ? renamed(walking, each) : modified(walking, path, each.change, each.missing);
    }
    if (dynamic) checkMeetings(visited);
    return result;
  };
}

function parse(name: string, fields: unknown, now: Date): Clause[] {
  const operator = operators.get(name === '$setOnInsert' ? '$set' : name);
  if (!operator && name !== '$rename') {
    throw new MongoDBError(
      'FailedToParse',
      `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isDocument(fields)) {
    throw new MongoDBError(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${bsonType(fields)} instead. For example: {$mod: {<field>: ...}} not {${name}: ${shown(fields)}}`,
    );
  }
  return Object.entries(fields).map(([path, operand]) => {
    const onlyOnInsert = name === '$setOnInsert';
    if (!operator) {
      const rename = parseRename(path, operand);
      return { path: rename.to, update: rename, onlyOnInsert };
    }
    return { path: updatePath(path), update: operator(operand, path, now), onlyOnInsert };
  });
}
