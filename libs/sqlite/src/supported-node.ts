/**
 * Refuses a Node on which the native part of better-sqlite3 would end the process without a word.
 * @param version Node's, such as `24.11.1`
 * @throws {Error} when it is older than 22.22
 */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 22)) {
    throw new Error(`@gesta/sqlite needs Node 22.22 or newer; this is ${version}`);
  }
}

// At import, since whoever has loaded this package may open a database of better-sqlite3 by itself.
checkNodeVersion(process.versions.node);
