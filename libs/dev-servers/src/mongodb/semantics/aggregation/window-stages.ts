import { type BsonDocument, isDocument } from '../bson-document.js';
import { isNullish, stageFields } from '../expression/arguments.js';
import type { Compiler, Evaluate } from '../expression/compiler.js';
import { compileSortKey } from '../sort.js';
import { MongoDBError } from '../mongodb-error.js';
import { densify } from './windows/densify.js';
import { outputPath, valueThroughDocuments, withValueAt } from './paths.js';
import type { CompileStage } from './stage.js';
import { partitions } from './windows/partition.js';
import { carriedForward, type Column, compileWindowFunction, interpolated } from './windows/window-functions.js';

/** The stages that see documents beside their neighbours. */
export const windowStages: Record<string, CompileStage> = {
  $setWindowFields: (operand, { expressions }, name) => {
    const { partitionBy, sortBy, output } = stageFields(operand, name, ['output'], ['partitionBy', 'sortBy'], 9);
    const sort = sortOf(sortBy, name);
    if (!isDocument(output)) throw new MongoDBError('FailedToParse', "'output' of $setWindowFields must be an object");
    const columns = Object.entries(output).map(
      ([field, each]) => [outputPath(field, name), compileWindowFunction(each, expressions, sort)] as const,
    );
    return withColumns(partitionBy === undefined ? undefined : expressions.compile(partitionBy), sort, columns);
  },
  $fill: (operand, { expressions }, name) => {
    const optional = ['partitionBy', 'partitionByFields', 'sortBy'];
    const { partitionBy, partitionByFields, sortBy, output } = stageFields(operand, name, ['output'], optional, 9);
    const sort = sortOf(sortBy, name);
    if (!isDocument(output) || Object.keys(output).length === 0) {
      throw new MongoDBError('FailedToParse', "'output' of $fill must be an object with at least one field");
    }
    const columns = Object.entries(output).map(
      ([field, each]) => [outputPath(field, name), filling(field, each, expressions, sort)] as const,
    );
    return withColumns(partitionOf(partitionBy, partitionByFields, expressions), sort, columns);
  },
  $densify: densify,
};

function withColumns(
  partitionBy: Evaluate | undefined,
  sort: BsonDocument | undefined,
  columns: readonly (readonly [string[], Column])[],
): ReturnType<CompileStage> {
  return function* (input, around) {
    for (const partition of partitions(input, around, partitionBy, sort)) {
      const values = columns.map(([path, column]) => [path, column(partition)] as const);
      for (const [index, document] of partition.documents.entries()) {
        yield values.reduce((result, [path, column]) => withValueAt(result, path, column[index]), document);
      }
    }
  };
}

function sortOf(sortBy: unknown, name: string): BsonDocument | undefined {
  if (sortBy === undefined) return undefined;
  if (!isDocument(sortBy)) throw new MongoDBError('FailedToParse', `'sortBy' of ${name} must be an object`);
  compileSortKey(sortBy);
  return sortBy;
}

function partitionOf(by: unknown, fields: unknown, expressions: Compiler): Evaluate | undefined {
  if (by !== undefined && fields !== undefined) {
    throw new MongoDBError(6050204, "Cannot specify both 'partitionBy' and 'partitionByFields'");
  }
  if (by !== undefined) return expressions.compile(by);
  if (fields === undefined) return undefined;
  const paths = (Array.isArray(fields) ? fields : [fields]).map((path) => outputPath(path, '$fill'));
  return ({ root }) => paths.map((path) => valueThroughDocuments(root as BsonDocument, path) ?? null);
}

/** Fills in what is null or missing. */
function filling(field: string, output: unknown, expressions: Compiler, sort: BsonDocument | undefined): Column {
  const path = outputPath(field, '$fill');
  const current: Evaluate = ({ root }) => valueThroughDocuments(root as BsonDocument, path);
  const [name, ...others] = isDocument(output) ? Object.keys(output) : [];
  if (others.length === 0 && name === 'value') {
    const value = expressions.compile((output as BsonDocument)['value']);
    return ({ scopes }) =>
      scopes.map((scope) => {
        const own = current(scope);
        return isNullish(own) ? (value(scope) ?? null) : own;
      });
  }
  const method = others.length === 0 && name === 'method' ? (output as BsonDocument)['method'] : undefined;
  if (method === 'locf') return carriedForward(current);
  if (method === 'linear') {
    const [by, ...more] = Object.keys(sort ?? {});
    if (by === undefined || more.length > 0) {
      throw new MongoDBError(6050202, "$fill with method 'linear' requires a sortBy of a single field");
    }
    return interpolated(current, by.split('.'));
  }
  throw new MongoDBError(
    'FailedToParse',
    "Each output of $fill is to be { value: … } or { method: 'linear' or 'locf' }",
  );
}
