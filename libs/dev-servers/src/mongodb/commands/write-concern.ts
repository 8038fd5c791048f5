import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { bsonType } from '../semantics/bson-types.js';
import { MongoDBError } from '../semantics/mongodb-error.js';

/** What a writer waits for. */
export interface WriteConcern {
  /** It does not even want to hear of failures. */
  readonly unacknowledged: boolean;
  /** It wants the disk to have it. */
  readonly flushed: boolean;
}

/**
 * What the `writeConcern` of a command says, to a server that stands alone.
 * @throws {MongoDBError} for what such a server refuses
 */
export function writeConcernOf({ writeConcern }: BsonDocument): WriteConcern {
  if (writeConcern === undefined) return { unacknowledged: false, flushed: false };
  if (!isDocument(writeConcern)) {
    throw new MongoDBError('TypeMismatch', "BSON field 'writeConcern' is the wrong type, expected type 'object'");
  }
  const { w = 1, j = false } = writeConcern;
  const members = Number(w);
  if (w !== 'majority' && !(bsonType(w) !== 'string' && members >= 0)) {
    throw new MongoDBError('BadValue', `cannot use non-majority 'w' mode ${String(w)} when a host is not a member of a replica set`); // prettier-ignore
  }
  if (members > 1) throw new MongoDBError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  return { unacknowledged: members === 0 && j !== true, flushed: j === true || w === 'majority' };
}
