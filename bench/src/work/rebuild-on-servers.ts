import { isDeepStrictEqual } from 'node:util';
import type { LineAdded, OrderPlaced } from '../domain/order-events.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderEvent, orderIdOf } from '../domain/sample-events.js';
import { rates, type Finding } from '../finding.js';
import { openEventStoreDB } from '../ours/open-on-servers.js';
import { runTask } from '../processes/run-task.js';
import type { TaskContext } from '../processes/task.js';
import type { CaughtUp } from '../rebuild/catch-up-by-hand.js';
import type { ToRebuildOnServers } from '../rebuild/rebuild-on-servers.js';
import type { Rebuilt } from '../rebuild/rebuilt.js';
import type { RowInput } from '../rows.js';
import { fillLog } from '../servers/fill-log.js';
import { startEventStoreDBFor, startMongoDBFor, withOwnDatabase } from '../servers/start-server.js';
import { median } from '../statistics.js';
import { unusedOrder } from './writers-in-flight.js';

const OURS = import.meta.resolve('../rebuild/rebuild-on-servers.js');
const FLOOR = import.meta.resolve('../rebuild/catch-up-by-hand.js');
const EVENTS_EACH = 10;

/** Folds a whole log into documents; the floor only reads it. Each in a new process every time, in turns. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const orders = quick ? 2_000 : 10_000;
  const rounds = quick ? 1 : 5;
  const events = await startEventStoreDBFor(folder);
  const documents = await startMongoDBFor(folder);
  const first = unusedOrder();
  const store = await openEventStoreDB(events.url);
  await fillLog(store, { first, orders, eventsEach: EVENTS_EACH }, tell);
  await store.close();

  const last = first + orders - 1;
  const urls = { eventsUrl: events.url, documentsUrl: withOwnDatabase(documents.url) };
  const found = { ours: [] as number[], floor: [] as number[] };
  let read = 0;
  const floor = async () => {
    const caughtUp = await runTask<CaughtUp>(FLOOR, urls);
    read = caughtUp.events;
    found.floor.push((read / caughtUp.milliseconds) * 1_000);
    tell(`the floor took ${caughtUp.milliseconds.toFixed()} ms`);
  };
  await floor();
  found.floor.pop(); // the server's first time
  for (let round = 1; round <= rounds; round++) {
    if (round % 2 === 0) await floor();
    const input: ToRebuildOnServers = { ...urls, last: orderIdOf(last) };
    const { milliseconds, cpuMilliseconds, last: document } = await runTask<Rebuilt>(OURS, input);
    if (!isDeepStrictEqual(document, summaryOf(last))) {
      throw new Error(`The read model is wrong: ${JSON.stringify(document)} is its last document`);
    }
    found.ours.push((read / milliseconds) * 1_000);
    tell(`round ${round} of ${rounds}: took ${milliseconds.toFixed()} ms (${cpuMilliseconds.toFixed()} ms of CPU)`);
    if (round % 2 === 1) await floor();
  }
  await events.stop();
  await documents.stop();
  const work = 'rebuild from EventStoreDB into MongoDB; the floor reads only';
  return [rates(work, 'events/s', median(found.ours), median(found.floor), 0.6)];
}

/** The order's document, folded here. */
function summaryOf(order: number): OrderSummary | undefined {
  const fold = new OrderSummaries();
  let summary: OrderSummary | undefined = fold.placed(orderEvent(order, 0).data as unknown as OrderPlaced);
  for (let revision = 1; revision < EVENTS_EACH; revision++) {
    summary = fold.lineAdded(orderEvent(order, revision).data as unknown as LineAdded, summary);
  }
  return summary;
}
