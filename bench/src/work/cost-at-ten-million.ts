import { join } from 'node:path';
import { alternate } from '../alternate.js';
import { Order } from '../domain/order.js';
import { orderEventToAppend, orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { growth, informative, type Finding } from '../finding.js';
import { appendOrders, shuffled } from '../ours/append-orders.js';
import { openGesta, type OpenGesta } from '../ours/open-gesta.js';
import { openStores } from '../ours/open-stores.js';
import { runTask } from '../processes/run-task.js';
import type { TaskContext } from '../processes/task.js';
import type { Rebuilt, ToRebuild } from '../rebuild/rebuilt.js';
import type { RowInput } from '../rows.js';
import { median } from '../statistics.js';

const REBUILD = import.meta.resolve('../rebuild/rebuild-with-gesta.js');
const EVENTS_EACH = 10;
const LONG_ORDERS = 20;
const LONG_ORDER_EVENTS = 1_000;
const IN_FLIGHT = 64;
const MICROSECONDS = 1_000;
const MEGABYTE = 1_000_000;
const ROUNDS = 9;

/** What a rebuild took: per event, and of memory at the most. */
interface Cost {
  readonly microseconds: number;
  readonly megabytes: number;
}

/**
 * What an event costs in a log of ten million, beside the cost in a log of one million: the same traffic for ten times as
 * long. Quick, in a tenth of both.
 */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const orders = quick ? 10_000 : 100_000;
  const large = await Log.prepare(join(folder, 'large.db'), 10, orders, tell);
  const small = await Log.prepare(join(folder, 'small.db'), 1, orders, tell);

  const count = Math.min(3_200, Math.floor(orders / (ROUNDS + 1))); // an order gets one more event, and no more
  const append = (log: Log) => () => log.append(count);
  const appending = await alternate(ROUNDS, append(large), append(small), (text) => tell(`append: ${text}`));
  const load = (log: Log) => () => log.load();
  const loading = await alternate(ROUNDS, load(large), load(small), (text) => tell(`load: ${text}`));
  const catchUp = (log: Log) => () => log.catchUp();
  const catching = await alternate(1, catchUp(large), catchUp(small), (text) => tell(`catch-up: ${text}`));
  await large.close();
  await small.close();

  const smallRebuilds: Cost[] = [];
  for (let round = 1; round <= 3; round++) {
    tell(`rebuild from the smaller log: round ${round} of 3`);
    smallRebuilds.push(await small.rebuild());
  }
  tell('rebuild from the larger log');
  const rebuild = await large.rebuild();
  const before = median(smallRebuilds.map(({ microseconds }) => microseconds));
  const memoryBefore = median(smallRebuilds.map(({ megabytes }) => megabytes));

  const at = `at ${(orders * 10 * EVENTS_EACH).toLocaleString('en')} events`;
  return [
    growth(`append ${at}, per event`, 'µs', appending.ours, appending.floor, 1.2),
    growth(`load ${at}, per event`, 'µs', loading.ours, loading.floor, 1.2),
    growth(`catch-up ${at}, per event`, 'µs', catching.ours, catching.floor, 1.2),
    growth(`rebuild ${at}, per event`, 'µs', rebuild.microseconds, before, 1.2),
    informative(`rebuild ${at}: peak memory`, 'MB', rebuild.megabytes, memoryBefore),
  ];
}

/** A log of one size, and what an event in it costs, in microseconds. */
class Log {
  /** The order that gets the next event. */
  private next = 0;

  private constructor(
    private readonly path: string,
    private readonly orders: number,
    private readonly application: OpenGesta,
  ) {}

  /** @param lots how many; `each` orders are under way at the same time, and are done before the next lot begins */
  static async prepare(path: string, lots: number, each: number, tell: TaskContext['tell']): Promise<Log> {
    const orders = lots * each;
    const stores = await openStores(path);
    for (let long = 0; long < LONG_ORDERS; long++) {
      const n = orders + long;
      const events = Array.from({ length: LONG_ORDER_EVENTS }, (_, revision) => orderEventToAppend(n, revision));
      await stores.events.append(orderStreamOf(n), events, { expected: 'no-stream' });
    }
    const all = (orders * EVENTS_EACH).toLocaleString('en');
    for (let lot = 0; lot < lots; lot++) {
      const told = (appended: number) =>
        tell(`preparing: ${(lot * each * EVENTS_EACH + appended).toLocaleString('en')} of ${all} events`);
      await appendOrders(stores.events, each, EVENTS_EACH, told, lot * each);
    }
    await stores.close();
    return new Log(path, orders, await openGesta(path));
  }

  /** 64 in flight, one more event for orders all over the log. */
  async append(count: number): Promise<number> {
    const last = this.next + count;
    const start = performance.now();
    const writer = async () => {
      while (this.next < last) {
        const n = shuffled(this.next++, this.orders);
        const event = orderEventToAppend(n, EVENTS_EACH);
        await this.application.events.append(orderStreamOf(n), [event], { expected: EVENTS_EACH - 1 });
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
    return ((performance.now() - start) * MICROSECONDS) / count;
  }

  async load(): Promise<number> {
    const repository = this.application.gesta.repository(Order);
    const start = performance.now();
    for (let load = 0; load < LONG_ORDERS; load++) await repository.load(orderIdOf(this.orders + load));
    return ((performance.now() - start) * MICROSECONDS) / (LONG_ORDERS * LONG_ORDER_EVENTS);
  }

  /** Reads the log from its beginning to its end. */
  async catchUp(): Promise<number> {
    const start = performance.now();
    let events = 0;
    for await (const batch of this.application.events.readAll()) events += batch.events.length;
    if (events !== this.events) throw new Error(`The log has ${events} events, and not ${this.events}`);
    return ((performance.now() - start) * MICROSECONDS) / events;
  }

  /** Folds the log into documents, in a process of its own. */
  async rebuild(): Promise<Cost> {
    const input: ToRebuild = { path: this.path, orders: this.orders };
    const { milliseconds, memory } = await runTask<Rebuilt>(REBUILD, input);
    return { microseconds: (milliseconds * MICROSECONDS) / this.events, megabytes: memory / MEGABYTE };
  }

  private get events(): number {
    return this.orders * EVENTS_EACH + LONG_ORDERS * LONG_ORDER_EVENTS + this.next;
  }

  close(): Promise<void> {
    return this.application.close();
  }
}
