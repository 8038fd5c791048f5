import type { BsonDocument } from '../semantics/bson-document.js';
import { readDocument } from '../semantics/bson-document.js';
import type { Collection } from './collection.js';
import { DocumentScan } from './document-scan.js';
import type { Query } from './query.js';
import type { Storage, Tables } from './storage.js';

/** A document that matches, and its place. */
export interface Match {
  readonly id: number;
  readonly document: BsonDocument;
}

/** The first document that matches, in the query's order. Belongs inside a read or a write of the storage. */
export function firstMatch({ statements }: Tables, collection: Collection, query: Query): Match | undefined {
  const path = query.pathIn(collection);
  const scan = new DocumentScan(collection.id, path);
  const { sortKey } = query;
  let first: (Match & { key?: Buffer }) | undefined;
  scan.read(statements, ({ id, body }) => {
    const document = path.exact ? readDocument(body) : query.matching(body);
    if (!document) return true;
    if (path.sorted || !sortKey) {
      first = { id, document };
      return false;
    }
    const key = sortKey(document);
    if (!first || Buffer.compare(key, first.key!) < 0) first = { id, document, key };
    return true;
  });
  return first;
}

/**
 * The places of all documents that match now, found in turns. Whoever goes to them looks again whether they match.
 * @returns nothing when there is no such collection
 */
export async function placesOfMatches(
  storage: Storage,
  database: string,
  name: string,
  query: Query,
): Promise<number[]> {
  // prettier-ignore
  const places: number[] = [];
  const scan = await storage.read(({ catalog }) => {
    const collection = catalog.find(database, name);
    return collection && { collection, scan: new DocumentScan(collection.id, query.pathIn(collection)) };
  });
  if (!scan) return places;
  await storage.readInTurns(({ catalog, statements }, turnEnds) => {
    if (catalog.find(database, name)?.id !== scan.collection.id) return true;
    scan.scan.read(statements, ({ id, body }) => {
      if (query.matching(body)) places.push(id);
      return performance.now() < turnEnds;
    });
    return scan.scan.ended;
  });
  return places;
}
