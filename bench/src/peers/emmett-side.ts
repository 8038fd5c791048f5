import type { EventToAppend } from '@gesta/core';
import { join } from 'node:path';
import { LINE_ADDED, PLACED, type LineAdded, type OrderPlaced } from '../domain/order-events.js';
import { Order } from '../domain/order.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { requirePeer } from './peer-packages.js';
import type { Side } from './side.js';

/** The parts of `@event-driven-io/emmett-sqlite` that are used here. */
interface EmmettSqlite {
  sqliteConnection(options: { fileName: string }): Connection;
  getSQLiteEventStore(options: {
    fileName: string;
    connectionOptions: { singleton: true; connection: Connection };
  }): EmmettStore;
}

interface Connection {
  command(sql: string, values?: unknown[]): Promise<unknown>;
  query<T>(sql: string, values?: unknown[]): Promise<T[]>;
  querySingle<T>(sql: string, values?: unknown[]): Promise<T | null>;
  close(): void;
}

interface EmmettEvent {
  readonly type: string;
  readonly data: object;
  readonly metadata?: object;
}

interface RecordedByEmmett extends EmmettEvent {
  readonly metadata: { readonly streamName: string; readonly globalPosition: bigint };
}

interface EmmettStore {
  schema: { migrate(): Promise<void> };
  appendToStream(
    stream: string,
    events: EmmettEvent[],
    options: { expectedStreamVersion: bigint },
  ): Promise<{ nextExpectedStreamVersion: bigint }>;
  aggregateStream<S>(stream: string, fold: Fold<S>): Promise<{ state: S }>;
  consumer(options: { pulling: { batchSize: number; pullingFrequencyInMs: number } }): {
    processor(options: { startFrom: 'BEGINNING'; projection: ReturnType<typeof summariesInto> }): unknown;
    start(): Promise<void>;
    stop(): Promise<void>;
    close(): Promise<void>;
  };
}

interface Fold<S> {
  evolve: (state: S, event: EmmettEvent) => S;
  initialState: () => S;
}

/** Of `@event-driven-io/emmett`. */
interface Emmett {
  CommandHandler<S>(
    fold: Fold<S>,
  ): (store: EmmettStore, stream: string, handle: (state: S) => EmmettEvent) => Promise<unknown>;
}

/** Events that it reads at once for a projection; 100 as it comes, and slower. */
const BATCH = 1_000;

/**
 * Emmett on SQLite. As it comes it opens a connection for every call, which costs several times what the call does; it is
 * given one to keep. Appends that overlap on it would get into each other's transactions, so they do not.
 */
export async function open(folder: string): Promise<Side> {
  const { getSQLiteEventStore, sqliteConnection } = requirePeer('@event-driven-io/emmett-sqlite') as EmmettSqlite;
  const { CommandHandler } = requirePeer('@event-driven-io/emmett') as Emmett;
  const fileName = join(folder, 'emmett.db');
  const connection = sqliteConnection({ fileName });
  // It asks for this itself, but does not wait for it, and where the tables are made first it comes to nothing.
  await connection.command('PRAGMA journal_mode = WAL');
  const store = getSQLiteEventStore({ fileName, connectionOptions: { singleton: true, connection } });
  await store.schema.migrate();
  await connection.command('CREATE TABLE document (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID');
  const handle = CommandHandler(fold);

  return {
    overlaps: false,
    append: (n, revision, events) =>
      store.appendToStream(orderStreamOf(n), events.map(asTheirs), { expectedStreamVersion: BigInt(revision) }),
    load: async (n) => (await store.aggregateStream(orderStreamOf(n), fold)).state.lines,
    addLine: (n, number) =>
      handle(store, orderStreamOf(n), (order) => {
        const { type, data } = order.addLine(orderIdOf(n), number);
        return { type, data };
      }),
    async project(events) {
      const consumer = store.consumer({ pulling: { batchSize: BATCH, pullingFrequencyInMs: 0 } });
      await new Promise<void>((done) => {
        let left = events;
        consumer.processor({ startFrom: 'BEGINNING', projection: summariesInto(connection, () => --left || done()) });
        void consumer.start();
      });
      await consumer.stop();
    },
    async projectedLines() {
      const documents = await connection.query<{ body: string }>('SELECT body FROM document');
      return documents.reduce((sum, { body }) => sum + (JSON.parse(body) as OrderSummary).lines, 0);
    },
    async settings() {
      const one = async (sql: string) => Object.values((await connection.querySingle<object>(sql))!)[0] as unknown;
      return {
        sqlite: (await one('SELECT sqlite_version()')) as string,
        journal: (await one('PRAGMA journal_mode')) as string,
        synchronous: (await one('PRAGMA synchronous')) as number,
      };
    },
    close: async () => connection.close(),
  };
}

const asTheirs = ({ type, data, headers }: EventToAppend): EmmettEvent => ({ type, data, metadata: headers });

const fold: Fold<Order> = {
  initialState: () => new Order(),
  evolve(order, { type, data }) {
    if (type === PLACED) order.placed(data as OrderPlaced);
    else order.lineAdded(data as LineAdded);
    return order;
  },
};

/** Reads the document, folds the event and stores the document, on the connection that it is given, in its transaction. */
function summariesInto(connection: Connection, folded: () => void) {
  const summaries = new OrderSummaries();
  return {
    name: 'order-summaries',
    canHandle: [PLACED, LINE_ADDED],
    async handle(events: RecordedByEmmett[]): Promise<void> {
      for (const { type, data, metadata } of events) {
        const key = metadata.streamName;
        const stored = await connection.querySingle<{ body: string }>('SELECT body FROM document WHERE key = ?', [key]);
        const before = stored ? (JSON.parse(stored.body) as OrderSummary) : undefined;
        const after =
          type === PLACED ? summaries.placed(data as OrderPlaced) : summaries.lineAdded(data as LineAdded, before);
        await connection.command('INSERT OR REPLACE INTO document (key, body) VALUES (?, ?)', [
          key,
          JSON.stringify(after),
        ]);
        folded();
      }
    },
  };
}
