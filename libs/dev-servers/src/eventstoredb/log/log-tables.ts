import type { Database } from 'better-sqlite3';

/**
 * Makes the tables of the log, beside those that `@gesta/sqlite` keeps in the same file.
 *
 * `esdb_event` has every event once. Its `type_number` and `category_number` are its revisions in `$et-<type>` and
 * `$ce-<category>`: the link streams are views of this table, and stay numbered as they were.
 *
 * `esdb_stream` has a row for every stream that was written to or got metadata. `number` is its revision in `$streams`, given
 * with its first event. `settings` is its current metadata, when that is a JSON object.
 *
 * `esdb_name` has the names of event types and categories; the `last` numbers are kept here when a scavenge removes the
 * last event of a type or category, so that they are not given again.
 *
 * `esdb_place` has the places of the log where something begins that is no event, and up to where it was scavenged: of what
 * is before that, any place is taken.
 */
export function createLogTables(db: Database): void {
  db.exec(`
    CREATE TABLE IF NOT EXISTS esdb_event (
      position        INTEGER PRIMARY KEY,
      stream          INTEGER NOT NULL,
      revision        INTEGER NOT NULL,
      type            INTEGER NOT NULL,
      type_number     INTEGER NOT NULL,
      category        INTEGER,
      category_number INTEGER,
      created         INTEGER NOT NULL, -- microseconds since 1970
      json            INTEGER NOT NULL,
      id              TEXT NOT NULL,
      data            BLOB NOT NULL,
      metadata        BLOB NOT NULL
    );
    CREATE UNIQUE INDEX IF NOT EXISTS esdb_event_of_stream ON esdb_event (stream, revision);
    CREATE UNIQUE INDEX IF NOT EXISTS esdb_event_of_type ON esdb_event (type, type_number);
    CREATE UNIQUE INDEX IF NOT EXISTS esdb_event_of_category ON esdb_event (category, category_number)
      WHERE category IS NOT NULL;
    CREATE TABLE IF NOT EXISTS esdb_stream (
      id       INTEGER PRIMARY KEY,
      name     TEXT NOT NULL UNIQUE,
      category INTEGER,
      number   INTEGER UNIQUE,
      settings TEXT
    );
    CREATE TABLE IF NOT EXISTS esdb_name (
      id            INTEGER PRIMARY KEY,
      name          TEXT NOT NULL UNIQUE,
      last_type     INTEGER NOT NULL DEFAULT -1,
      last_category INTEGER NOT NULL DEFAULT -1
    );
    CREATE TABLE IF NOT EXISTS esdb_place (
      position  INTEGER PRIMARY KEY,
      scavenged INTEGER NOT NULL -- 1 where everything up to there is
    );
  `);
}
