import { join } from 'node:path';
import { Order } from '../domain/order.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { openGesta } from '../ours/open-gesta.js';
import type { Side } from './side.js';

const LONGEST_MS = 600_000;

/** Gesta, all settings as they come. */
export async function open(folder: string): Promise<Side> {
  const { gesta, events: store, database, close } = await openGesta(join(folder, 'gesta.db'));
  const orders = gesta.repository(Order);
  const summaries = gesta.readModel<OrderSummary>(OrderSummaries);
  const { db } = database.events;
  return {
    overlaps: true,
    append: (n, revision, events) =>
      store.append(orderStreamOf(n), events, { expected: revision === 0 ? 'no-stream' : revision - 1 }),
    load: async (n) => (await orders.load(orderIdOf(n))).aggregate.lines,
    addLine: (n, number) => orders.transact(orderIdOf(n), (order) => order.addLine(orderIdOf(n), number)),
    async project() {
      const { position } = await store.head();
      gesta.start();
      await summaries.waitFor(position, { timeoutMs: LONGEST_MS });
    },
    projectedLines: async () => (await summaries.find()).reduce((sum, { lines }) => sum + lines, 0),
    settings: async () => ({
      sqlite: db.prepare<[], string>('SELECT sqlite_version()').pluck().get()!,
      journal: db.pragma('journal_mode', { simple: true }) as string,
      synchronous: db.pragma('synchronous', { simple: true }) as number,
    }),
    async close() {
      await gesta.stop();
      await close();
    },
  };
}
