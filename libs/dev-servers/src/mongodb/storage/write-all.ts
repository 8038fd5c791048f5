import { placesOfMatches } from './document-search.js';
import type { Collection } from './collection.js';
import type { DocumentTable } from './document-table.js';
import type { Query } from './query.js';
import type { Storage } from './storage.js';
import type { BsonDocument } from '../semantics/bson-document.js';

/** How long, in milliseconds, one transaction works. */
const PORTION_MS = 8;

/** What is done to one document. */
export type DocumentWrite = (table: DocumentTable, id: number, document: BsonDocument) => void;

/**
 * Does something to every document that matches, each atomically, in as many transactions as it takes.
 * @param write may be called again for the same document when a transaction has to be repeated
 * @returns how many there were
 */
export async function writeAll(
  storage: Storage,
  { database, name }: Pick<Collection, 'database' | 'name'>,
  query: Query,
  write: DocumentWrite,
): Promise<number> {
  const places = await placesOfMatches(storage, database, name, query);
  let written = 0;
  for (let next = 0; next < places.length;) {
    const done = await storage.write((tables) => {
      const collection = tables.catalog.find(database, name);
      if (!collection) return { next: places.length, written: 0 };
      const table = tables.documents(collection);
      const end = performance.now() + PORTION_MS;
      let count = 0;
      let at = next;
      while (at < places.length && (at === next || performance.now() < end)) {
        const row = table.at(places[at++]!);
        const document = row && query.matching(row.body);
        if (!document) continue; // somebody else was here meanwhile
        write(table, row.id, document);
        count++;
      }
      return { next: at, written: count };
    });
    next = done.next;
    written += done.written;
  }
  return written;
}
