import { serialize } from 'bson';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { prepareInsert } from '../semantics/insertable.js';
import type { StorableDocument } from '../storage/document-table.js';
import { readUserDocument } from '../wire/bson-commands.js';
import { MAX_DOCUMENT_BYTES, MAX_WRITE_BATCH } from '../wire/server-limits.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { documentValidation } from './document-validation.js';
import { checkWritable, collectionOf } from './namespaces.js';
import { writeConcernOf } from './write-concern.js';
import { runStatements, writeErrors, type WriteStatement } from './write-statements.js';

export const insert: Command = async (request, { storage }) => {
  const { database, body } = request;
  const collection = collectionOf(request);
  const args = Arguments.of(request);
  const documents = args.array('documents');
  const ordered = args.boolean('ordered', true);
  const validated = !args.boolean('bypassDocumentValidation');
  args.ignore('maxTimeMS');
  args.end();
  checkWritable(database, collection);
  checkBatch(documents.length);
  if (!documents.every((each) => each instanceof Uint8Array)) {
    throw new MongoDBError('TypeMismatch', "BSON field 'insert.documents' holds what is no document");
  }
  const { flushed } = writeConcernOf(body);
  const statements = documents.map((bytes): WriteStatement<number> => {
    let storable: StorableDocument | undefined;
    return {
      apply: (tables) => {
        storable ??= toStorable(bytes);
        const target = tables.catalog.findOrCreate(database, collection);
        if (validated) documentValidation(target)(storable.document);
        tables.documents(target).insert(storable);
        return 1;
      },
    };
  });
  const outcomes = await runStatements(storage, statements, ordered, flushed);
  const errors = writeErrors(outcomes);
  return { n: outcomes.filter((outcome) => outcome === 1).length, ...(errors && { writeErrors: errors }) };
};

/** @throws {MongoDBError} when there are none, or more than one command may have */
export function checkBatch(size: number): void {
  if (size >= 1 && size <= MAX_WRITE_BATCH) return;
  throw new MongoDBError('InvalidLength', `Write batch sizes must be between 1 and ${MAX_WRITE_BATCH}. Got ${size} operations.`); // prettier-ignore
}

/** The bytes are stored as they came unless the document lacks an `_id` in front. */
function toStorable(bytes: Uint8Array): StorableDocument {
  if (bytes.length > MAX_DOCUMENT_BYTES) {
    throw new MongoDBError('BSONObjectTooLarge', `object to insert too large. size in bytes: ${bytes.length}, max size: ${MAX_DOCUMENT_BYTES}`); // prettier-ignore
  }
  const document = prepareInsert(readUserDocument(bytes));
  return { document, body: Buffer.from(beginsWithId(bytes) ? bytes : serialize(document)) };
}

/** JavaScript puts names that are numbers in front, so the document that was read does not tell. */
function beginsWithId(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(5, 9), ID) === 0;
}

const ID = Buffer.from('_id\0');
