import { StoreUnavailable } from '@gesta/core';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** A URL of the embedded store and the path in it; what is left of `sqlite::memory:` names no file. */
const FILE = /^sqlite:(?!\/\/|:memory:$)(.+)$/i;

/** The URL, where it names a database file with the file's whole path; so the command can be called in any folder. */
export function databaseUrl(url: string, folder: string): string {
  const path = FILE.exec(url)?.[1];
  return path === undefined ? url : `sqlite:${resolve(folder, path)}`;
}

/**
 * Refuses what would be opened empty: a database file that is not there, which the adapter would make, and a store in
 * memory, which is another process's.
 * @throws {StoreUnavailable}
 */
export function refuseEmpty(url: string): void {
  if (/^(memory:|sqlite::memory:$)/i.test(url)) {
    throw new StoreUnavailable(
      `What '${url}' holds is within the application's own process: it cannot be seen from here`,
    );
  }
  const path = FILE.exec(url)?.[1];
  if (path !== undefined && !existsSync(path)) {
    throw new StoreUnavailable(`There is no database ${path}: was the application started, and does it use this URL?`);
  }
}
