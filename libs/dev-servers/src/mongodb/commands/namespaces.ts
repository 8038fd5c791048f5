import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Request } from './command.js';

const MAX_NAMESPACE_BYTES = 255;
const MAX_DATABASE_BYTES = 63;

/** @throws {MongoDBError} InvalidNamespace */
export function checkDatabase(name: string): void {
  if (name === '' || Buffer.byteLength(name) > MAX_DATABASE_BYTES || /[/\\. "$\0]/.test(name)) {
    throw new MongoDBError('InvalidNamespace', `Invalid database name: '${name}'`);
  }
}

/**
 * The name of the collection that a command is about: the value of its first field.
 * @throws {MongoDBError} InvalidNamespace
 */
export function collectionOf({ name, database, body }: Request): string {
  const collection = body[name];
  if (typeof collection !== 'string') {
    throw new MongoDBError('InvalidNamespace', `collection name has invalid type: ${name} needs a string`);
  }
  checkCollection(database, collection);
  return collection;
}

/** @throws {MongoDBError} InvalidNamespace */
export function checkCollection(database: string, collection: string): void {
  const namespace = `${database}.${collection}`;
  if (collection === '' || collection.startsWith('.') || collection.endsWith('.') || /[\0$]/.test(collection)) {
    throw new MongoDBError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  }
  if (Buffer.byteLength(namespace) > MAX_NAMESPACE_BYTES) {
    throw new MongoDBError('InvalidNamespace', `Fully qualified namespace is too long. Namespace: ${namespace} Max: ${MAX_NAMESPACE_BYTES}`); // prettier-ignore
  }
}

/** @throws {MongoDBError} InvalidNamespace for collections that are the server's own */
export function checkWritable(database: string, collection: string): void {
  if (collection.startsWith('system.')) {
    throw new MongoDBError('InvalidNamespace', `cannot write to '${database}.${collection}'`);
  }
}
