import type { BsonDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Command } from './command.js';

/**
 * Refuses what only a replica set can do, with the words of a MongoDB that stands alone.
 * @throws {MongoDBError}
 */
export function refuseTransactions({ txnNumber, autocommit, startTransaction }: BsonDocument): void {
  if (txnNumber !== undefined || autocommit !== undefined || startTransaction !== undefined) {
    throw new MongoDBError(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    );
  }
}

/** For `commitTransaction` and `abortTransaction`, which come without a number only from who has none. */
export const endTransaction: Command = ({ name }) => {
  throw new MongoDBError('IllegalOperation', `${name} is only supported on replica sets, this server stands alone`);
};
