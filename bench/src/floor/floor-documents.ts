import type Database from 'better-sqlite3';

/** Documents as one would keep them by hand: a table of keys and JSON. */
export class FloorDocuments {
  private readonly put: Database.Statement<[string, number, string]>;
  private readonly one: Database.Statement<[string], string>;

  constructor(private readonly db: Database.Database) {
    db.exec(
      `CREATE TABLE IF NOT EXISTS document (
         key TEXT PRIMARY KEY, version INTEGER NOT NULL, body TEXT NOT NULL
       ) WITHOUT ROWID`,
    );
    this.put = db.prepare(
      `INSERT INTO document (key, version, body) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET version = excluded.version, body = excluded.body`,
    );
    this.one = db.prepare<[string], string>('SELECT body FROM document WHERE key = ?').pluck();
  }

  /** Stores the document: a transaction of its own, unless one is open. */
  upsert(key: string, version: number, body: object): void {
    this.put.run(key, version, JSON.stringify(body));
  }

  get<T>(key: string): T | undefined {
    const text = this.one.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  all<T>(): T[] {
    return this.db
      .prepare<[], string>('SELECT body FROM document')
      .pluck()
      .all()
      .map((text) => JSON.parse(text) as T);
  }

  /** Whatever is stored by the work is committed at once. */
  together(work: () => void): void {
    this.db.transaction(work).immediate();
  }

  clear(): void {
    this.db.exec('DELETE FROM document');
  }

  close(): void {
    this.db.close();
  }
}
