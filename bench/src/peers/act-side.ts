import Database from 'better-sqlite3';
import { join } from 'node:path';
import { LINE_ADDED, PLACED, type LineAdded, type OrderPlaced } from '../domain/order-events.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderIdOf, orderLine, orderStreamOf } from '../domain/sample-events.js';
import { FloorDocuments } from '../floor/floor-documents.js';
import { requirePeer, workInPeersFolder } from './peer-packages.js';
import type { Side } from './side.js';

/** The parts of `@rotorsoft/act` that are used here. Its builders are typed by what they are given; here they are not. */
interface Act {
  state(entry: object): { init(first: () => OrderState): Builder };
  projection(target: string): Builder;
  act(): Builder;
  store(store: ActStore): ActStore;
  cache(): { invalidate(stream: string): Promise<void> };
}

interface Builder {
  emits(events: object): Builder;
  patch(patches: Record<string, (event: { data: never }, state: OrderState) => Partial<OrderState>>): Builder;
  on(entry: object): Builder;
  emit(decide: (action: object) => [string, object]): Builder;
  do(handler: (event: object) => Promise<void>): Builder;
  batch(handler: (events: readonly ActEvent[]) => Promise<void>): Builder;
  withState(state: unknown): Builder;
  withProjection(projection: unknown): Builder;
  build(): App;
}

interface App {
  do(action: string, target: object, payload: object): Promise<unknown>;
  load(state: unknown, stream: string): Promise<{ state: OrderState }>;
  correlate(query: { after: number; limit: number }): Promise<unknown>;
  drain(options: { eventLimit: number; leaseMillis: number }): Promise<unknown>;
}

interface ActStore {
  readonly client: { execute(sql: string): Promise<{ rows: readonly Record<string, unknown>[] }> };
  seed(): Promise<void>;
  commit(stream: string, messages: object[], meta: object, expectedVersion: number): Promise<unknown>;
  dispose(): Promise<void>;
}

interface Zod {
  any(): unknown;
  number(): unknown;
  string(): unknown;
  object(fields: object): unknown;
}

interface ActEvent {
  readonly name: string;
  readonly stream: string;
  readonly id: number;
  readonly data: object;
}

interface OrderState {
  readonly lines: number;
  readonly total: number;
}

/** Events that it reads at once for a projection. */
const BATCH = 1_000;
const LEASE_MS = 60_000;
/**
 * Act on its SQLite store. Its commits fail with SQLITE_BUSY when they overlap, and what failed keeps the file locked, so
 * they do not overlap here. Its cache of states stays as it comes; for loading, where ours reads the store too, it is
 * told to forget the state first.
 */
export async function open(folder: string): Promise<Side> {
  workInPeersFolder();
  const { act, cache, projection, state, store: useStore } = requirePeer('@rotorsoft/act') as Act;
  const { SqliteStore } = requirePeer('@rotorsoft/act-sqlite') as { SqliteStore: new (options: object) => ActStore };
  const { any, number, object, string } = requirePeer('zod') as Zod;
  const store = new SqliteStore({ url: `file:${join(folder, 'act.db')}` });
  useStore(store);
  await store.seed();
  const db = new Database(join(folder, 'documents.db'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  const documents = new FloorDocuments(db);

  const placed = {
    [PLACED]: object({
      orderId: string(),
      customerId: string(),
      currency: string(),
      deliverTo: any(),
      placedAt: string(),
    }),
  };
  const line = object({
    orderId: string(),
    sku: string(),
    name: string(),
    quantity: number(),
    unitPrice: number(),
    warehouse: string(),
    addedAt: string(),
  });
  const Order = state({ Order: object({ lines: number(), total: number() }) })
    .init(() => ({ lines: 0, total: 0 }))
    .emits({ ...placed, [LINE_ADDED]: line })
    .patch({
      [PLACED]: () => ({}),
      [LINE_ADDED]: ({ data }, { lines, total }) => {
        const { quantity, unitPrice } = data as LineAdded;
        return { lines: lines + 1, total: total + quantity * unitPrice };
      },
    })
    .on({ addLine: line })
    .emit((action) => [LINE_ADDED, action])
    .build();
  let folded = 0;
  const Summaries = projection('order-summaries')
    .on(placed)
    .do(async function onOrderPlaced() {}) // each wants a handler of its own, beside the one that takes them together
    .on({ [LINE_ADDED]: line })
    .do(async function onLineAdded() {})
    .batch(async function foldTogether(events) {
      foldInto(documents, events);
      folded += events.length;
    })
    .build();
  const app = act().withState(Order).withProjection(Summaries).build();
  const actor = { id: '1', name: 'bench' };

  return {
    overlaps: false,
    append: (n, revision, events) =>
      store.commit(
        orderStreamOf(n),
        events.map(({ type, data }) => ({ name: type, data })),
        { correlation: events[0]!.headers.correlationId, causation: {}, userId: events[0]!.headers.userId },
        revision - 1,
      ),
    async load(n) {
      await cache().invalidate(orderStreamOf(n));
      return (await app.load(Order, orderStreamOf(n))).state.lines;
    },
    addLine: (n, number) => app.do('addLine', { stream: orderStreamOf(n), actor }, orderLine(orderIdOf(n), number)),
    async project(events) {
      for (let before = -1; folded < events;) {
        if (folded === before) throw new Error(`Act's projection stopped at ${folded} of ${events} events`);
        before = folded;
        await app.correlate({ after: -1, limit: BATCH });
        await app.drain({ eventLimit: BATCH, leaseMillis: LEASE_MS });
      }
    },
    projectedLines: async () => documents.all<OrderSummary>().reduce((sum, { lines }) => sum + lines, 0),
    async settings() {
      const one = async (sql: string) => Object.values((await store.client.execute(sql)).rows[0]!)[0];
      return {
        sqlite: (await one('SELECT sqlite_version()')) as string,
        journal: (await one('PRAGMA journal_mode')) as string,
        synchronous: Number(await one('PRAGMA synchronous')),
      };
    },
    close: async () => {
      documents.close();
      await store.dispose();
    },
  };
}

/** Reads each event's document, folds and stores it, all in one transaction. */
function foldInto(documents: FloorDocuments, events: readonly ActEvent[]): void {
  const summaries = new OrderSummaries();
  documents.together(() => {
    for (const { name, stream, id, data } of events) {
      const after =
        name === PLACED
          ? summaries.placed(data as OrderPlaced)
          : summaries.lineAdded(data as LineAdded, documents.get<OrderSummary>(stream));
      documents.upsert(stream, id, after!);
    }
  });
}
