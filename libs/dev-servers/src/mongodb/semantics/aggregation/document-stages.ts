import { type BsonDocument, isDocument } from '../bson-document.js';
import { typeName } from '../expression/arguments.js';
import type { Compiler } from '../expression/compiler.js';
import { type Scope, scopeOf } from '../expression/scope.js';
import { MongoDBError } from '../mongodb-error.js';
import type { FieldTree } from '../projection/field-tree.js';
import { addedFields, projectionTree, removedFields } from '../projection/projection-fields.js';

/** Makes of one document another one. */
export type DocumentStage = (document: BsonDocument, scope: Pick<Scope, 'now' | 'bindings'>) => BsonDocument;

/** The stages that treat every document by itself, by their names. */
export const documentStages: Record<string, (operand: unknown, compiler: Compiler, name: string) => DocumentStage> = {
  $set: adding,
  $addFields: adding,
  $project: (operand, compiler) => {
    if (!isDocument(operand)) throw new MongoDBError(15969, '$project specification must be an object');
    if (Object.keys(operand).length === 0) {
      throw new MongoDBError(
        51272,
        'Invalid $project :: caused by :: projection specification must have at least one field',
      );
    }
    return applying(projectionTree(operand, compiler));
  },
  $unset: (operand) => {
    const paths = Array.isArray(operand) ? operand : [operand];
    if (!paths.every((path) => typeof path === 'string')) {
      throw new MongoDBError(31002, '$unset specification must be a string or an array of strings');
    }
    if (paths.length === 0)
      throw new MongoDBError(31119, '$unset specification must be a string or an array with at least one field');
    return applying(removedFields(paths));
  },
  $replaceRoot: (operand, compiler, name) => {
    if (!isDocument(operand) || !Object.hasOwn(operand, 'newRoot')) {
      throw new MongoDBError(40231, 'no newRoot specified for the $replaceRoot stage');
    }
    return replacing(operand['newRoot'], compiler, name);
  },
  $replaceWith: replacing,
};

function adding(operand: unknown, compiler: Compiler, name: string): DocumentStage {
  if (!isDocument(operand)) {
    throw new MongoDBError(40272, `${name} specification stage must be an object, got ${typeName(operand)}`);
  }
  if (Object.keys(operand).length === 0) {
    throw new MongoDBError(40177, `Invalid ${name} :: caused by :: specification must have at least one field`);
  }
  return applying(addedFields(operand, compiler));
}

const applying =
  (tree: FieldTree): DocumentStage =>
  (document, scope) =>
    tree.apply(document, scopeOf(document, scope));

function replacing(expression: unknown, compiler: Compiler, name: string): DocumentStage {
  const evaluate = compiler.compile(expression);
  return (document, scope) => {
    const root = evaluate(scopeOf(document, scope));
    if (isDocument(root)) return root;
    throw new MongoDBError(
      40228,
      `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(root)} (${name})`,
    );
  };
}
