import type { EventHeaders, EventToAppend } from '@gesta/core';
import type Database from 'better-sqlite3';
import { LINE_ADDED, PLACED } from '../domain/order-events.js';

/** The types of events that there are; the floor stores their numbers, as ours does. */
const TYPES = [PLACED, LINE_ADDED];

/** A row as it is read: an array, which better-sqlite3 makes faster than an object. */
export type FloorRow = readonly [
  position: number,
  type: number,
  recordedAt: number,
  version: number,
  revision: number,
  stream: string,
  id: string,
  commandId: string | null,
  headers: string,
  data: string,
];

/** An event of a stream, as a loader by hand would give it. */
export interface FloorEvent<T> {
  readonly type: string;
  readonly revision: number;
  readonly id: string;
  readonly headers: EventHeaders;
  readonly data: T;
}

const COLUMNS = 'position, type, recorded_at, version, revision, stream, id, command_id, headers, data';
/** Rows read at once; more made it no faster. */
const PAGE = 1_000;

/**
 * An event log as one would write it by hand for one application, straight on better-sqlite3: prepared statements and
 * the same columns as ours, no checks but the unique index, no promises.
 */
export class FloorLog {
  private readonly insert: Database.Statement<unknown[]>;
  private readonly begin: Database.Statement<[]>;
  private readonly commit: Database.Statement<[]>;
  private readonly stream: Database.Statement<[string], FloorRow>;
  private readonly page: Database.Statement<[number, number], FloorRow>;

  constructor(private readonly db: Database.Database) {
    db.exec(`
      CREATE TABLE IF NOT EXISTS event (
        position    INTEGER PRIMARY KEY,
        type        INTEGER NOT NULL,
        category    INTEGER NOT NULL,
        recorded_at INTEGER NOT NULL,
        version     INTEGER NOT NULL,
        revision    INTEGER NOT NULL,
        stream      TEXT NOT NULL,
        id          TEXT NOT NULL,
        command_id  TEXT,
        headers     TEXT NOT NULL,
        data        TEXT NOT NULL
      );
      CREATE UNIQUE INDEX IF NOT EXISTS event_of_stream ON event (stream, revision);
    `);
    this.insert = db.prepare(
      `INSERT INTO event (type, category, recorded_at, version, revision, stream, id, command_id, headers, data)
       VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.begin = db.prepare('BEGIN IMMEDIATE');
    this.commit = db.prepare('COMMIT');
    this.stream = db
      .prepare<[string], FloorRow>(`SELECT ${COLUMNS} FROM event WHERE stream = ? ORDER BY revision`)
      .raw();
    this.page = db
      .prepare<[number, number], FloorRow>(`SELECT ${COLUMNS} FROM event WHERE position > ? ORDER BY position LIMIT ?`)
      .raw();
  }

  /** One event: a transaction of its own, unless one is open. @returns its position */
  append(stream: string, revision: number, { id, type, version, commandId, headers, data }: EventToAppend): number {
    const { lastInsertRowid } = this.insert.run(
      TYPES.indexOf(type),
      Date.now(),
      version,
      revision,
      stream,
      id,
      commandId ?? null,
      JSON.stringify(headers),
      JSON.stringify(data),
    );
    return Number(lastInsertRowid);
  }

  /** Whatever is appended by the work is committed at once. */
  together(work: () => void): void {
    this.begin.run();
    work();
    this.commit.run();
  }

  /** The events of a stream, with all that is known of them. */
  events<T>(stream: string): FloorEvent<T>[] {
    return this.stream.all(stream).map((row) => ({
      type: TYPES[row[1]]!,
      revision: row[4],
      id: row[6],
      headers: JSON.parse(row[8]) as EventHeaders,
      data: JSON.parse(row[9]) as T,
    }));
  }

  /** Hands over every event of a stream: what a fold needs, and no more. @returns the stream's last revision */
  readStream(stream: string, take: (type: string, data: unknown) => void): number {
    const rows = this.stream.all(stream);
    for (const row of rows) take(TYPES[row[1]]!, JSON.parse(row[9]));
    return rows.length - 1;
  }

  /** Hands over every event of the log, in order: what a fold needs, and no more. */
  readAll(take: (type: string, data: unknown, stream: string, position: number) => void): void {
    for (let after = 0; ;) {
      const rows = this.page.all(after, PAGE);
      for (const row of rows) take(TYPES[row[1]]!, JSON.parse(row[9]), row[5], row[0]);
      if (rows.length < PAGE) return;
      after = rows.at(-1)![0];
    }
  }

  close(): void {
    this.db.close();
  }
}
