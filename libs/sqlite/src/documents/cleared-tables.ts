import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { SqliteConnection } from '../database/sqlite-connection.js';
import type { DocumentTables } from './document-tables.js';

/** How long one portion should take, in milliseconds; it decides how many rows the next one removes. */
const PORTION_MS = 4;
const FIRST_PORTION = 50;
const LARGEST_PORTION = 2_000;

/**
 * Clears away the tables of dropped collections, a portion in each write; others have as much time in between. What an
 * end leaves, by a crash as well, is cleared away by whoever opens the file next. Several may do it at once.
 * @param isOpen whether to go on
 */
export async function clearDropped(
  connection: SqliteConnection,
  tables: DocumentTables,
  isOpen: () => boolean,
): Promise<void> {
  let most = FIRST_PORTION;
  try {
    while (isOpen() && (await connection.read(() => tables.hasDropped()))) {
      const ms = await connection.write(() => {
        const began = performance.now();
        tables.clear(most);
        return performance.now() - began;
      });
      most = Math.max(1, Math.min(LARGEST_PORTION, 2 * most, Math.round((most * PORTION_MS) / Math.max(ms, 0.01))));
      await delay(ms);
    }
  } catch {
    // Nobody sees what is left, and nobody waits for it: it is cleared away after the next opening.
  }
}
