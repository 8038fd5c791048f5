import { documentsTable } from './catalog-tables.js';
import { DocumentScan } from './document-scan.js';
import type { Query } from './query.js';
import type { Storage } from './storage.js';

/**
 * How many documents match, counted in turns.
 * @param most where to stop counting
 * @param check called in every turn; it throws when there is no more time
 */
export async function countMatches(
  storage: Storage,
  { database, name }: { readonly database: string; readonly name: string },
  query: Query,
  most: number,
  check: () => void,
): Promise<number> {
  let found = 0;
  const counting = await storage.read(({ catalog, statements }) => {
    const collection = catalog.find(database, name);
    if (!collection) return undefined;
    const path = query.pathIn(collection);
    if (path.by !== 'natural' || !path.exact) return { collection, path, scan: new DocumentScan(collection.id, path) };
    const sql = `SELECT count(*) AS count FROM ${documentsTable(collection.id)}`;
    found = statements.get<[], { count: number }>(sql).get()!.count;
    return undefined;
  });
  if (!counting) return Math.min(found, most);
  const { collection, path, scan } = counting;
  await storage.readInTurns(({ catalog, statements }, turnEnds) => {
    check();
    if (catalog.find(database, name)?.id !== collection.id) return true;
    scan.read(statements, ({ body }) => {
      if (path.exact || query.matching(body)) found++;
      return found < most && performance.now() < turnEnds;
    });
    return scan.ended || found >= most;
  });
  return found;
}
