import { type BsonDocument, isDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { own } from '../filter/walk.js';
import { MongoDBError } from '../mongodb-error.js';
import { shown } from '../shown-value.js';
import { idOf } from './field-operators.js';
import { modified, REMOVED, type Walking } from './modify.js';
import { type Step, updatePath } from './update-path.js';

/** One field of a `$rename`. */
export interface Rename {
  readonly from: readonly Step[];
  readonly to: readonly Step[];
}

/** @throws {MongoDBError} 2 for what is no name, the same name, or a path with positions */
export function parseRename(from: string, to: unknown): Rename {
  if (typeof to !== 'string') {
    throw new MongoDBError('BadValue', `The 'to' field for $rename must be a string: ${from}: ${bsonType(to)}`);
  }
  const rename = { from: updatePath(from), to: updatePath(to) };
  if (from === to) {
    throw new MongoDBError('BadValue', `The source and target field for $rename must differ: ${from}: "${to}"`);
  }
  if (to.startsWith(`${from}.`) || from.startsWith(`${to}.`)) {
    throw new MongoDBError(
      'BadValue',
      `The source and target field for $rename must not be on the same path: ${from}: "${to}"`,
    );
  }
  checkStatic('source', from, rename.from);
  checkStatic('destination', to, rename.to);
  return rename;
}

function checkStatic(what: string, path: string, steps: readonly Step[]): void {
  if (steps.every(({ kind }) => kind === 'name')) return;
  throw new MongoDBError('BadValue', `The ${what} field for $rename may not be dynamic: ${path}`);
}

/** The document with the field at its new name; the same document if there is no such field. */
export function renamed(walking: Walking, { from, to }: Rename): BsonDocument {
  const value = valueAt(walking.document, from, 'source');
  if (value === undefined) return walking.document;
  valueAt(walking.document, to, 'destination');
  const without = modified(walking, from, () => REMOVED, 'viable');
  return modified({ ...walking, document: without }, to, () => value, 'made');
}

function valueAt(document: BsonDocument, path: readonly Step[], what: string): unknown {
  let value: unknown = document;
  for (const [index, { name }] of path.entries()) {
    if (Array.isArray(value)) {
      const field = path.map((step) => step.name).join('.');
      throw new MongoDBError(
        'BadValue',
        `The ${what} field cannot be an array element, '${field}' in doc with ${idOf(document)} has an array field called '${path[index - 1]!.name}'`,
      );
    }
    if (value === undefined) return undefined;
    if (!isDocument(value)) {
      throw new MongoDBError(
        'PathNotViable',
        `Cannot use the part (${name}) of (${path.map((step) => step.name).join('.')}) to traverse the element ({${path[index - 1]?.name}: ${shown(value)}})`,
      );
    }
    value = own(value, name);
  }
  return value;
}
