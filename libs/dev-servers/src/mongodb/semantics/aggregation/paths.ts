import { type BsonDocument, isDocument } from '../bson-document.js';
import { fieldPath } from '../field-path.js';
import { own } from '../filter/walk.js';
import { MongoDBError } from '../mongodb-error.js';

/** The document with a value at a path; documents on the way are made where there are none. */
export function withValueAt(document: BsonDocument, path: readonly string[], value: unknown): BsonDocument {
  const [name, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) return { ...document, [name]: value };
  const inner = own(document, name);
  if (Array.isArray(inner)) {
    return { ...document, [name]: inner.map((each) => withValueAt(isDocument(each) ? each : {}, rest, value)) };
  }
  return { ...document, [name]: withValueAt(isDocument(inner) ? inner : {}, rest, value) };
}

/** The document without what is at a path through documents. */
export function withoutValueAt(document: BsonDocument, path: readonly string[]): BsonDocument {
  const [name, ...rest] = path as [string, ...string[]];
  const inner = own(document, name);
  if (rest.length > 0) return isDocument(inner) ? { ...document, [name]: withoutValueAt(inner, rest) } : document;
  const { [name]: _, ...others } = document;
  return others;
}

/** What is at a path through documents; arrays end it. */
export function valueThroughDocuments(document: BsonDocument, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of path) {
    if (!isDocument(value)) return undefined;
    value = own(value, name);
  }
  return value;
}

/** The parts of a path that begins with a dollar sign. */
export function prefixedPath(path: unknown, code: number, stage: string): string[] {
  if (typeof path === 'string' && path.startsWith('$')) return fieldPath(path.slice(1));
  throw new MongoDBError(code, `path option to ${stage} stage should be prefixed with a '$': ${String(path)}`);
}

/** The parts of the name of a field to be made. */
export function outputPath(path: unknown, stage: string): string[] {
  if (typeof path === 'string') return fieldPath(path);
  throw new MongoDBError('FailedToParse', `${stage} argument must be a string naming a field`);
}
