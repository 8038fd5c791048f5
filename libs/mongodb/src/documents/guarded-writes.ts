import { DocumentRefused, StoreUnavailable } from '@gesta/core';
import { BSON, MongoBulkWriteError, type Collection, type WriteError } from 'mongodb';
import type { MongoConnection } from '../connection/mongodb-connection.js';
import { isRefusal, serverCode } from '../connection/mongodb-errors.js';
import { versionOf, type DocumentToWrite, type ReadModelDocument } from './read-model-document.js';

const DUPLICATE_KEY = 11_000;
/** Something is nested too deeply: at some depth MongoDB does not read the write at all, and names no document. */
const OVERFLOW = 15;

/** What MongoDB takes in one document, in bytes. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** @throws {DocumentRefused} when a document is too large, naming it */
export function checkSizes(collection: string, writes: readonly DocumentToWrite[]): void {
  for (const { document, bytes } of writes) {
    if (bytes < MAX_DOCUMENT_BYTES) continue; // and that is an estimate that is never too small
    const size = BSON.calculateObjectSize(document);
    // The server would take it, but the driver counts what goes with it.
    if (size + 3 * document._id.length + 200 < MAX_DOCUMENT_BYTES) continue;
    throw new DocumentRefused(
      document._id,
      `${collection}: the document ${document._id} takes ${size} bytes, and MongoDB holds fewer than ${MAX_DOCUMENT_BYTES}; split it`,
    );
  }
}

/**
 * Stores each document where what is stored is older, or nothing is.
 * @returns the keys where it is not older
 * @throws {StoreUnavailable} when it is not known which were stored
 * @throws {DocumentRefused} when MongoDB refuses a document; others may have been stored or not
 */
export async function writeGuarded(
  collection: Collection<ReadModelDocument>,
  documents: readonly ReadModelDocument[],
  connection: Pick<MongoConnection, 'call' | 'read'>,
): Promise<string[]> {
  const refused: string[] = [];
  for (let waiting = documents; waiting.length > 0;) {
    // Whose key is there may be behind it, or ahead: another writer may have put it just now, at a smaller version.
    const there = await connection.call(() => upsert(collection, waiting));
    const looking = () => connection.call(() => behindWhatIsStored(collection, there));
    const isBehind = there.length > 0 ? await connection.read(looking) : () => true;
    refused.push(...there.filter(isBehind).map(({ _id }) => _id));
    waiting = there.filter((document) => !isBehind(document));
  }
  return refused;
}

/** What tells whether a document is at most as new as what is stored, or what is stored is not Gesta's. */
async function behindWhatIsStored(
  collection: Collection<ReadModelDocument>,
  documents: readonly ReadModelDocument[],
): Promise<(document: ReadModelDocument) => boolean> {
  const stored = await collection
    .find(
      { _id: { $in: documents.map(({ _id }) => _id) } },
      // Of what a majority has, and no primary can lose: whoever is told that he is behind moves his checkpoint on. The
      // write that met it was acknowledged by a majority, which by then had what was in its way.
      { projection: { _gesta: 1 }, batchSize: documents.length + 1, readConcern: { level: 'majority' } },
    )
    .toArray();
  const versions = new Map(stored.map(({ _id, _gesta }) => [_id, _gesta?.version]));
  return ({ _id, _gesta }) => {
    if (!versions.has(_id)) return false; // dropped meanwhile
    const version = versions.get(_id);
    return version === undefined || versionOf(version) >= versionOf(_gesta.version);
  };
}

/** @returns those whose key is there but at no smaller version */
async function upsert(
  collection: Collection<ReadModelDocument>,
  documents: readonly ReadModelDocument[],
): Promise<ReadModelDocument[]> {
  try {
    await collection.bulkWrite(
      documents.map((replacement) => ({
        replaceOne: {
          filter: { _id: replacement._id, '_gesta.version': { $lt: replacement._gesta.version } },
          replacement,
          upsert: true,
        },
      })),
      { ordered: false },
    );
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const writeErrors = [error.writeErrors].flat();
    if (writeErrors.length === 0 && serverCode(error) === OVERFLOW) return upsertApart(collection, documents, error);
    if (writeErrors.length === 0 || error.result.getWriteConcernError()) throw error;
    const others = writeErrors.filter((each) => !isDuplicateKey(each, collection.namespace));
    if (others.length > 0) throw failure(collection.collectionName, documents, others, error);
    return writeErrors.map(({ index }) => documents[index]!);
  }
}

/** Whether the document's own key is taken. Any other unique index is none of Gesta's. */
function isDuplicateKey({ code, errmsg = '' }: WriteError, namespace: string): boolean {
  if (code !== DUPLICATE_KEY) return false;
  const start = errmsg.indexOf(namespace);
  return / index: _id_ /.test(start < 0 ? errmsg : errmsg.slice(start + namespace.length));
}

/** Finds the document because of which MongoDB does not read the write. */
async function upsertApart(
  collection: Collection<ReadModelDocument>,
  documents: readonly ReadModelDocument[],
  error: Error,
): Promise<ReadModelDocument[]> {
  if (documents.length === 1) throw refused(collection.collectionName, documents[0]!, error.message, error);
  const middle = documents.length >> 1;
  const there = await upsert(collection, documents.slice(0, middle));
  return [...there, ...(await upsert(collection, documents.slice(middle)))];
}

function failure(name: string, documents: readonly ReadModelDocument[], errors: readonly WriteError[], cause: Error) {
  const refusal = errors.find(({ code }) => isRefusal(code));
  if (!refusal) return new StoreUnavailable(`${name}: ${errors[0]!.errmsg}`, { cause });
  return refused(name, documents[refusal.index]!, refusal.errmsg, cause);
}

function refused(name: string, { _id }: ReadModelDocument, reason = '', cause: Error): DocumentRefused {
  return new DocumentRefused(_id, `${name}: the document ${_id} is refused: ${reason}`, { cause });
}
