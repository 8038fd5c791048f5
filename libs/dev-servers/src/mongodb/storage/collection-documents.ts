import { type BsonDocument, readDocument } from '../semantics/bson-document.js';
import type { AccessPath } from './access-path.js';
import type { Collection } from './collection.js';
import { DocumentScan } from './document-scan.js';
import type { Tables } from './storage.js';

/** Documents that are read in one go, and the bytes that are enough for one. */
const AT_ONCE = 200;
const BYTES_AT_ONCE = 4_000_000;

/** The documents along an access path, read bit by bit as they are iterated inside reads of the storage. */
export function* documentsAlong(
  { catalog, statements }: Tables,
  { id, database, name }: Collection,
  path: AccessPath,
): Generator<BsonDocument> {
  const scan = new DocumentScan(id, path);
  while (!scan.ended && catalog.find(database, name)?.id === id) {
    const bodies: Buffer[] = [];
    let bytes = 0;
    scan.read(statements, ({ body }) => {
      bytes += body.length;
      return bodies.push(body) < AT_ONCE && bytes < BYTES_AT_ONCE;
    });
    for (const body of bodies) yield readDocument(body);
  }
}

/** All documents of a collection in their natural order. */
export function documentsOf(tables: Tables, collection: Collection): Generator<BsonDocument> {
  return documentsAlong(tables, collection, { by: 'natural', ranges: [], reversed: false, sorted: true, exact: true });
}
