import { type BsonDocument, isDocument } from './bson-document.js';
import { type ExpressionOptions, expressions } from './expression.js';
import { isTruthy } from './expression/arguments.js';
import { scopeOf } from './expression/scope.js';
import { compileFilter } from './filter.js';
import { MongoDBError } from './mongodb-error.js';
import { isNumber, toDouble } from './numbers.js';
import type { Field } from './projection/field-tree.js';
import { projectionTree } from './projection/projection-fields.js';

export interface ProjectionOptions extends ExpressionOptions {
  /** The filter of the query, which tells what `$` picks. */
  readonly filter?: BsonDocument;
}

/**
 * A projection of `find` and `findAndModify` made ready: fields kept or left out, `$slice`, `$elemMatch`, the positional
 * `$`, and computed fields. The empty one gives the document itself.
 *
 * @throws {MongoDBError} for a projection that mixes keeping and leaving out, or says two things of one path
 */
export function compileProjection(
  projection: BsonDocument,
  options: ProjectionOptions = {},
): (document: BsonDocument) => BsonDocument {
  if (Object.keys(projection).length === 0) return (document) => document;
  const { compiler, scope } = expressions(options);
  const position = onlyPosition(projection, options);
  const tree = projectionTree(projection, compiler, (path, value) => findOperator(path, value, position));
  return (document) => tree.apply(document, scopeOf(document, scope));
}

type Position = (document: BsonDocument) => number | undefined;

/** The position that `$` stands for, which one path at most may end in. */
function onlyPosition(projection: BsonDocument, options: ProjectionOptions): Position {
  const paths = Object.keys(projection).filter((path) => path.endsWith('.$'));
  if (paths.length > 1) {
    throw new MongoDBError(31276, 'Cannot specify more than one positional projection per query.');
  }
  return paths.length === 1 ? compileFilter(options.filter ?? {}, options).position : () => undefined;
}

function findOperator(path: string, value: unknown, position: Position): Field | undefined {
  if (path.endsWith('.$')) return positional(value, position);
  if (!isDocument(value)) return undefined;
  const names = Object.keys(value);
  if (names[0] === '$slice' && names.length === 1) return slice(value['$slice']);
  if (names[0] === '$elemMatch' && names.length === 1) return elementMatch(path, value['$elemMatch']);
  if (names[0] === '$meta') throw new MongoDBError('NotImplemented', '$meta is not supported by this server');
  return undefined;
}

function positional(value: unknown, position: Position): Field {
  if (!isTruthy(value)) {
    throw new MongoDBError(31395, 'positional projection cannot be used with exclusion');
  }
  return {
    kind: 'picked',
    transform: (array, scope) => {
      if (!Array.isArray(array)) return array;
      const at = position(scope.root as BsonDocument);
      if (at !== undefined && at < array.length) return [array[at]];
      throw new MongoDBError(
        51246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
      );
    },
  };
}

/** `$slice` with numbers; with a field, it is the expression of that name. */
function slice(operand: unknown): Field | undefined {
  const numbers = Array.isArray(operand) ? operand : [operand];
  if (!numbers.every((each) => isNumber(each))) {
    if (Array.isArray(operand)) return undefined;
    throw new MongoDBError(28667, 'Invalid $slice syntax. The given syntax did not match the find() syntax.');
  }
  const [first = 0, count] = numbers.map((each) => Math.trunc(toDouble(each)));
  if (count !== undefined && count <= 0) throw new MongoDBError(28724, '$slice limit must be positive');
  return {
    kind: 'transformed',
    transform: (array) => {
      if (!Array.isArray(array)) return array;
      if (count === undefined) return first < 0 ? array.slice(first) : array.slice(0, first);
      const start = first < 0 ? Math.max(0, array.length + first) : first;
      return array.slice(start, start + count);
    },
  };
}

function elementMatch(path: string, operand: unknown): Field {
  if (path.includes('.')) throw new MongoDBError(31275, 'Cannot use $elemMatch projection on a nested field.');
  if (!isDocument(operand)) throw new MongoDBError(31274, 'elemMatch: Invalid argument, object required');
  const matches = compileFilter({ [path]: { $elemMatch: operand } });
  return {
    kind: 'computed',
    evaluate: (scope) => {
      const document = scope.root as BsonDocument;
      const position = matches.position(document);
      return position === undefined ? undefined : [(document[path] as unknown[])[position]];
    },
  };
}
