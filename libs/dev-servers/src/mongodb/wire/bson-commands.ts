import { BSONError, deserialize } from 'bson';
import { type BsonDocument, isDeeperThan, readDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { RawCommand } from './client-connection.js';

/** Documents that are stored as they came, byte by byte, are not taken apart with the command. */
const KEPT_RAW = 'documents';

/** How deeply a command may be nested: what runs it may recurse. */
const MAX_DEPTH = 200;

/**
 * The command as a document, with the arguments that came beside it. The documents of an insert are left in BSON.
 * @throws {MongoDBError} InvalidBSON, or Overflow when it is nested too deeply
 */
export function readCommand({ body, sequences, database }: RawCommand): BsonDocument {
  try {
    const command = isInsert(body) ? readInsert(body) : readDocument(body);
    for (const [name, documents] of sequences) {
      command[name] = isInsert(body) && name === KEPT_RAW ? documents : documents.map(readDocument);
    }
    if (isDeeperThan(command, MAX_DEPTH)) {
      throw new MongoDBError('Overflow', `BSONObj exceeded maximum nested object depth: ${MAX_DEPTH}`);
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
