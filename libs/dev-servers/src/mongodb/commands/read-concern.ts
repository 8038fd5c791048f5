import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { bsonType } from '../semantics/bson-types.js';
import { MongoDBError } from '../semantics/mongodb-error.js';

const LEVELS = ['local', 'available', 'majority'];
const LEVELS_OF_REPLICA_SETS = ['linearizable', 'snapshot'];

/**
 * A server that stands alone gives what it has, whichever level is wanted.
 * @throws {MongoDBError} when it is no level, or one that only a replica set has
 */
export function checkReadConcern({ readConcern }: BsonDocument): void {
  const level = isDocument(readConcern) ? readConcern.level : undefined;
  if (level === undefined) return;
  if (typeof level !== 'string') {
    throw new MongoDBError('TypeMismatch', `"readConcern.level" had the wrong type. Expected string, found ${bsonType(level)}`); // prettier-ignore
  }
  if (LEVELS_OF_REPLICA_SETS.includes(level)) {
    throw new MongoDBError(
      'NotAReplicaSet',
      `node needs to be a replica set member to use read concern level ${level}`,
    );
  }
  if (LEVELS.includes(level)) return;
  throw new MongoDBError(
    'FailedToParse',
    `readConcern.level must be either 'local', 'majority', 'linearizable', 'available', or 'snapshot', not '${level}'`,
  );
}
