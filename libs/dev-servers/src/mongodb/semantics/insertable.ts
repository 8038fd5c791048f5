import { calculateObjectSize, ObjectId } from 'bson';
import { type BsonDocument, isDeeperThan, isDocument } from './bson-document.js';
import { bsonType } from './bson-types.js';
import { MongoDBError } from './mongodb-error.js';

/** The most bytes that a document may have: 16 MiB. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** How deeply documents and arrays may be nested. */
export const MAX_DEPTH = 180;

/**
 * A document as it is stored: with an `_id`, made up when there is none, as its first field.
 *
 * @throws {MongoDBError} for an `_id` that is an array, a regular expression, undefined or a document with operators; for
 * too large or too deep a document
 */
export function prepareInsert(document: BsonDocument): BsonDocument {
  const { _id = new ObjectId(), ...fields } = document;
  checkId(_id);
  const prepared = Object.keys(document)[0] === '_id' && document['_id'] !== undefined ? document : { _id, ...fields };
  checkStorable(prepared);
  return prepared;
}

/** Refuses what cannot be an `_id`. */
export function checkId(id: unknown): void {
  const type = bsonType(id);
  if (type === 'array' || type === 'regex' || type === 'undefined') {
    throw new MongoDBError('InvalidIdField', `The '_id' value cannot be of type ${type}`);
  }
  if (!isDocument(id)) return;
  const operator = Object.keys(id).find((name) => name.startsWith('$'));
  if (operator !== undefined) {
    throw new MongoDBError(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${operator} is not valid for storage.`,
    );
  }
}

/** Refuses what no document may be when it is stored: too large, nested too deeply. */
export function checkStorable(document: BsonDocument): void {
  if (isDeeperThan(document, MAX_DEPTH)) {
    throw new MongoDBError('Overflow', `Document exceeds maximum nested object depth of ${MAX_DEPTH}`);
  }
  const size = calculateObjectSize(document);
  if (size > MAX_DOCUMENT_BYTES) {
    throw new MongoDBError('BSONObjectTooLarge', `Size ${size} is larger than MaxDocumentSize ${MAX_DOCUMENT_BYTES}`);
  }
}
