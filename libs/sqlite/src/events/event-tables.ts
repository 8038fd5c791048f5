import type { Database } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';

/**
 * Makes the tables of the event log.
 *
 * `event`: what a filter looks at stands first, so that looking needs no overflow page. `following` is the number of
 * events behind it in the same append, which tells a repeated append from a longer or shorter one. The one index serves
 * streams; the log is read in the order of the table itself, and its filters by scanning.
 *
 * A row of type 0 is no event. It holds the end of the log where the last event was deleted, so that its position is not
 * given again.
 *
 * `event_name`: the names of event types and categories. `event_stream`: the last revision of streams from which events
 * were removed, and of no others. `event_log`: what the log is called in its checkpoints.
 */
export function createEventTables(db: Database): void {
  db.exec(`
    CREATE TABLE event (
      position    INTEGER PRIMARY KEY,
      type        INTEGER NOT NULL,
      category    INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL, -- milliseconds since 1970
      version     INTEGER NOT NULL,
      revision    INTEGER NOT NULL,
      following   INTEGER NOT NULL,
      stream      TEXT NOT NULL,
      id          TEXT NOT NULL,
      command_id  TEXT,
      headers     TEXT NOT NULL,
      data        TEXT NOT NULL
    );
    CREATE UNIQUE INDEX event_of_stream ON event (stream, revision);
    CREATE TABLE event_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE event_stream (stream TEXT PRIMARY KEY, last_revision INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE event_log (id TEXT NOT NULL);
  `);
  db.prepare('INSERT INTO event_log (id) VALUES (?)').run(randomUUID().slice(0, 8));
}

/** The type of the row that is no event. */
export const NO_EVENT = 0;
