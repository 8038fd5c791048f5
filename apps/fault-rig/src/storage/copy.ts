import Database from 'better-sqlite3';

/** Copies a database, also while others work on it, as it is at one moment. */
export function copyDatabase(from: string, to: string): void {
  const db = new Database(from, { timeout: 20_000 });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
}
