import { type BsonDocument, isDocument } from '../bson-document.js';
import type { Compiler } from '../expression/compiler.js';
import { isTruthy } from '../expression/arguments.js';
import { fieldPath } from '../field-path.js';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber } from '../numbers.js';
import { type Field, FieldTree } from './field-tree.js';

/** What a projection says of one path. */
interface Entry {
  readonly path: readonly string[];
  readonly field: Field;
}

/**
 * Operators that stand for a field in a projection of `find`.
 * @returns undefined when the value is to be taken for an expression
 */
export type FindOperators = (path: string, value: unknown) => Field | undefined;

const NONE: FindOperators = () => undefined;

/**
 * A projection: the fields to keep, or those to leave out, and those to compute.
 *
 * @throws {MongoDBError} 31253 or 31254 when it keeps some and leaves out others; 31249 or 31250 when two of its paths
 * touch
 */
export function projectionTree(projection: BsonDocument, compiler: Compiler, find: FindOperators = NONE): FieldTree {
  const entries = entriesOf(projection, [], compiler, find);
  const inclusive = isInclusive(entries);
  const tree = new FieldTree(!inclusive);
  for (const { path, field } of entries) {
    checkKind(path, field, inclusive);
    tree.set(path, field);
  }
  if (inclusive && !tree.has('_id')) tree.set(['_id'], { kind: 'kept' });
  return tree;
}

/** Fields to set, whose values are expressions; the others are kept. */
export function addedFields(fields: BsonDocument, compiler: Compiler): FieldTree {
  const tree = new FieldTree(true);
  const add = (path: readonly string[], value: unknown): void => {
    if (
      isDocument(value) &&
      Object.keys(value).length > 0 &&
      !Object.keys(value).some((name) => name.startsWith('$'))
    ) {
      for (const [name, each] of Object.entries(value)) add([...path, ...fieldPath(name)], each);
    } else {
      tree.set(path, { kind: 'computed', evaluate: compiler.compile(value) });
    }
  };
  for (const [name, value] of Object.entries(fields)) add(fieldPath(name), value);
  return tree;
}

/** The paths to leave out; the others are kept. */
export function removedFields(paths: readonly string[]): FieldTree {
  const tree = new FieldTree(true);
  for (const path of paths) tree.set(fieldPath(path), { kind: 'dropped' });
  return tree;
}

function entriesOf(fields: BsonDocument, above: readonly string[], compiler: Compiler, find: FindOperators): Entry[] {
  return Object.entries(fields).flatMap(([name, value]): Entry[] => {
    const special = find([...above, name].join('.'), value);
    if (special)
      return [{ path: [...above, ...fieldPath(name.endsWith('.$') ? name.slice(0, -2) : name)], field: special }];
    const path = [...above, ...fieldPath(name)];
    if (isNumber(value) || typeof value === 'boolean') {
      return [{ path, field: { kind: isTruthy(value) ? 'kept' : 'dropped' } }];
    }
    if (isDocument(value) && !Object.keys(value).some((each) => each.startsWith('$'))) {
      if (Object.keys(value).length === 0) {
        throw new MongoDBError(51270, 'An empty sub-projection is not a valid value. Found empty object at path');
      }
      return entriesOf(value, path, compiler, find);
    }
    return [{ path, field: { kind: 'computed', evaluate: compiler.compile(value) } }];
  });
}

const isId = (path: readonly string[]) => path.length === 1 && path[0] === '_id';

/** What is computed, or picked out, makes the projection one that keeps. */
function isInclusive(entries: readonly Entry[]): boolean {
  const telling = entries.find(({ path, field }) => !isId(path) && field.kind !== 'transformed');
  if (telling) return telling.field.kind !== 'dropped';
  // A `$slice` alone picks nothing out; nor does it beside `_id`, which is there anyway.
  return entries.every(({ field }) => field.kind !== 'transformed' && field.kind !== 'dropped');
}

function checkKind(path: readonly string[], { kind }: Field, inclusive: boolean): void {
  if (isId(path)) return;
  if (inclusive && kind === 'dropped') {
    throw new MongoDBError(31254, `Cannot do exclusion on field ${path.join('.')} in inclusion projection`);
  }
  if (!inclusive && kind !== 'dropped' && kind !== 'transformed') {
    throw new MongoDBError(31253, `Cannot do inclusion on field ${path.join('.')} in exclusion projection`);
  }
}
