/** What there is. Names of collections never become names in SQL. */
export const CATALOG_TABLES = `
  CREATE TABLE IF NOT EXISTS mongodb_collection (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    database TEXT NOT NULL,
    name TEXT NOT NULL,
    uuid BLOB NOT NULL,
    options BLOB NOT NULL,
    UNIQUE (database, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mongodb_index (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    specification BLOB NOT NULL,
    multikey INTEGER NOT NULL DEFAULT 0,
    UNIQUE (collection, name)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS mongodb_catalog (id INTEGER PRIMARY KEY CHECK (id = 1), mark TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS mongodb_flush (id INTEGER PRIMARY KEY CHECK (id = 1), flushes INTEGER NOT NULL) STRICT;
  INSERT OR IGNORE INTO mongodb_catalog VALUES (1, '');
  INSERT OR IGNORE INTO mongodb_flush VALUES (1, 0);
`;

/** The table of a collection's documents. */
export const documentsTable = (collection: number) => `mongodb_documents_${collection}`;

/** The table of an index's entries. */
export const entriesTable = (index: number) => `mongodb_entries_${index}`;

/** `id` is the natural order, `key` the order of `_id`; the body is the document in BSON. */
export const createDocumentsTable = (collection: number) =>
  `CREATE TABLE ${documentsTable(collection)} (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, body BLOB NOT NULL) STRICT`;

export const createEntriesTable = (index: number) =>
  `CREATE TABLE ${entriesTable(index)} (key BLOB NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (key, document)) STRICT, WITHOUT ROWID`;
