import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The version of this package. */
export function cliVersion(): string {
  return versionIn(new URL('../../package.json', import.meta.url));
}

/** The version of `@gesta/core` that this package works with. */
export function coreVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@gesta/core');
  return versionIn(new URL('../package.json', `file://${entry}`));
}

/**
 * The version of SQLite that the application's `@gesta/sqlite` brings along.
 * @param file of the application, from where its packages are found
 * @returns `undefined` when it has none
 */
export function sqliteVersion(file: string): string | undefined {
  try {
    const adapter = createRequire(file).resolve('@gesta/sqlite');
    const Database = createRequire(adapter)('better-sqlite3') as new (path: string) => Driver;
    const database = new Database(':memory:');
    const version = database.prepare('SELECT sqlite_version()').pluck().get();
    database.close();
    return version;
  } catch {
    return undefined;
  }
}

/** What is used of `better-sqlite3`, which is the application's dependency and not this package's. */
interface Driver {
  prepare(sql: string): { pluck(): { get(): string } };
  close(): void;
}

function versionIn(packageFile: URL): string {
  return (JSON.parse(readFileSync(fileURLToPath(packageFile), 'utf8')) as { version: string }).version;
}
