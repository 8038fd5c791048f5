import { BSONError, deserialize } from 'bson';
import { type BsonDocument, readDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { RawCommand } from './client-connection.js';

/** Documents that are stored as they came, byte by byte, are not taken apart with the command. */
const KEPT_RAW = 'documents';

/**
 * The command as a document, with the arguments that came beside it. The documents of an insert are left in BSON.
 * @throws {MongoDBError} InvalidBSON
 */
export function readCommand({ body, sequences, database }: RawCommand): BsonDocument {
  try {
    const command = isInsert(body) ? readInsert(body) : readDocument(body);
    for (const [name, documents] of sequences) {
      command[name] = isInsert(body) && name === KEPT_RAW ? documents : documents.map(readDocument);
    }
    return database === undefined ? command : { ...command, $db: database };
  } catch (error) {
    throw invalidBson(error);
  }
}

/** Reads a document that a user sent. @throws {MongoDBError} InvalidBSON */
export function readUserDocument(bytes: Uint8Array): BsonDocument {
  try {
    return readDocument(bytes);
  } catch (error) {
    throw invalidBson(error);
  }
}

function isInsert(body: Buffer): boolean {
  return body.toString('latin1', 5, 12) === 'insert\0';
}

function readInsert(body: Buffer): BsonDocument {
  return deserialize(body, {
    promoteValues: false,
    promoteLongs: false,
    promoteBuffers: false,
    bsonRegExp: true,
    fieldsAsRaw: { [KEPT_RAW]: true },
  });
}

function invalidBson(error: unknown): unknown {
  // Documents nested beyond all reason overflow the stack.
  if (error instanceof BSONError || error instanceof RangeError) return new MongoDBError('InvalidBSON', error.message);
  return error;
}
