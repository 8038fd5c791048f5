import type { Output } from '../semantics/aggregate.js';
import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { checkCollection, checkDatabase, checkWritable } from './namespaces.js';

/** A collection to write to. */
export interface OutputTarget {
  readonly database: string;
  readonly name: string;
}

/** Takes documents one after the other; the next ones come when the promise is resolved. */
export type TakeDocuments = (documents: readonly BsonDocument[]) => Promise<void>;

/** @throws {MongoDBError} when no collection is named that can be written to */
export function outputTarget(source: OutputTarget, stage: Output['stage'], operand: unknown): OutputTarget {
  const { db = source.database, coll } = isDocument(operand) ? operand : { coll: operand };
  if (typeof db !== 'string' || typeof coll !== 'string') {
    throw new MongoDBError(16990, `${stage} only supports a string or an object with 'db' and 'coll' as its target`);
  }
  checkDatabase(db);
  checkCollection(db, coll);
  checkWritable(db, coll);
  return { database: db, name: coll };
}
