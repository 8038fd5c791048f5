import { join } from 'node:path';
import { alternate } from '../alternate.js';
import { Order } from '../domain/order.js';
import { orderEventToAppend, orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { growth, type Finding } from '../finding.js';
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
const ROUNDS = 9;

/** What an event costs in a log of ten million, beside the cost in a log of one million. Quick, in a tenth of both. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const orders = quick ? 10_000 : 100_000;
  const large = await Log.prepare(join(folder, 'large.db'), orders * 10, tell);
  const small = await Log.prepare(join(folder, 'small.db'), orders, tell);

  const count = Math.min(3_200, Math.floor(orders / (ROUNDS + 1))); // an order gets one more event, and no more
  const append = (log: Log) => () => log.append(count);
  const appending = await alternate(ROUNDS, append(large), append(small), (text) => tell(`append: ${text}`));
  const load = (log: Log) => () => log.load();
  const loading = await alternate(ROUNDS, load(large), load(small), (text) => tell(`load: ${text}`));
  await large.close();
  await small.close();

  const smallRebuilds: number[] = [];
  for (let round = 1; round <= 3; round++) {
    tell(`catch-up of the smaller log: round ${round} of 3`);
    smallRebuilds.push(await small.catchUp());
  }
  tell('catch-up of the larger log');
  const largeRebuild = await large.catchUp();

  const at = `at ${(orders * 10 * EVENTS_EACH).toLocaleString('en')} events`;
  return [
    growth(`append ${at}, per event`, 'µs', appending.ours, appending.floor, 1.2),
    growth(`load ${at}, per event`, 'µs', loading.ours, loading.floor, 1.2),
    growth(`catch-up ${at}, per event`, 'µs', largeRebuild, median(smallRebuilds), 1.2),
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

  static async prepare(path: string, orders: number, tell: TaskContext['tell']): Promise<Log> {
    const stores = await openStores(path);
    for (let long = 0; long < LONG_ORDERS; long++) {
      const n = orders + long;
      const events = Array.from({ length: LONG_ORDER_EVENTS }, (_, revision) => orderEventToAppend(n, revision));
      await stores.events.append(orderStreamOf(n), events, { expected: 'no-stream' });
    }
    const all = (orders * EVENTS_EACH).toLocaleString('en');
    await appendOrders(stores.events, orders, EVENTS_EACH, (appended) =>
      tell(`preparing: ${appended.toLocaleString('en')} of ${all} events`),
    );
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

  /** From the beginning to the end, in a process of its own. */
  async catchUp(): Promise<number> {
    const input: ToRebuild = { path: this.path, orders: this.orders };
    const { milliseconds } = await runTask<Rebuilt>(REBUILD, input);
    return (milliseconds * MICROSECONDS) / (this.orders * EVENTS_EACH + LONG_ORDERS * LONG_ORDER_EVENTS + this.next);
  }

  close(): Promise<void> {
    return this.application.close();
  }
}
