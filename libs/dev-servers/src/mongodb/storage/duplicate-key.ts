import type { BsonDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { shown } from '../semantics/shown-value.js';

/** Another document has the values already that an index wants to be unique. */
export class DuplicateKey extends MongoDBError {
  /** @param keyValue the values by the paths of the index */
  constructor(
    namespace: string,
    index: string,
    readonly keyPattern: BsonDocument,
    readonly keyValue: BsonDocument,
  ) {
    super('DuplicateKey', `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: ${shown(keyValue)}`); // prettier-ignore
  }
}
