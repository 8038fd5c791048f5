import { setTimeout as delay } from 'node:timers/promises';
import { marketDay, type Errand, type PlacedOrder, type Random, type Traffic } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import type { Customers } from './customers.js';

export interface Trade {
  readonly orders: number;
  /** How many customers are served side by side. */
  readonly concurrency: number;
  /** The least time between two errands, in milliseconds. */
  readonly everyMs: number;
}

/** How long a customer who hangs up waits for the answer, in milliseconds. */
const HANGS_UP_AFTER_MS = 30;
const HANGS_UP = 0.05;

/** A day of the simulator's, with customers who also hang up and ask again. Remembers what was acknowledged. */
export class MarketDay {
  readonly placed: PlacedOrder[] = [];
  /** The orders that nobody is going to cancel: what becomes of them, they stay. */
  readonly lasting: string[] = [];
  private readonly begun: Errand[] = [];
  private readonly stocked = new Map<string, number>();
  private readonly traffic: Traffic;

  /** @param name sets its goods and customers apart from those of other days */
  constructor(
    readonly name: string,
    private readonly trade: Trade,
    private readonly customers: Customers,
    private readonly random: Random,
    private readonly ledger: Ledger,
  ) {
    this.traffic = marketDay(trade.orders, random.integer(0, 2 ** 31), name);
  }

  /** What was done of the day: what the books have to say. */
  get done(): Traffic {
    return { shelves: this.stocked, errands: this.begun };
  }

  get customerIds(): readonly string[] {
    return [...new Set(this.begun.map(({ customerId }) => customerId))];
  }

  /** Stocks the shelves and runs errands; after the signal, those that were begun are finished and no other is begun. */
  async run(signal: AbortSignal): Promise<void> {
    const { concurrency, everyMs } = this.trade;
    await sideBySide([...this.traffic.shelves], concurrency, signal, 0, async ([sku, quantity]) => {
      try {
        await this.customers.serve(() => this.customers.client.receiveStock(sku, quantity, `${sku}-receipt`));
        this.ledger.acknowledged++;
        this.stocked.set(sku, quantity);
      } catch (error) {
        this.customers.failed(`receipt of ${sku}`, error);
      }
    });
    if (signal.aborted) return;
    await sideBySide(this.traffic.errands, concurrency, signal, everyMs, async (errand) => {
      try {
        await this.customers.serve(() => this.runErrand(errand));
      } catch (error) {
        this.customers.failed(errand.key, error);
      }
    });
  }

  private async runErrand(errand: Errand): Promise<void> {
    const { client } = this.customers;
    this.begun.push(errand);
    if (this.random.chance(HANGS_UP)) await this.hangUp(errand);
    const order = await client.placeOrder(errand);
    this.ledger.acknowledged++;
    this.placed.push(order);
    if (errand.repeats) {
      const again = await client.placeOrder(errand);
      if (again.orderId !== order.orderId || again.position !== order.position) {
        const [first, second] = [order, again].map(({ orderId, position }) => `${orderId} at ${position}`);
        this.ledger.wrong('doubled', `${errand.key} was answered with order ${first}, and its repeat with ${second}`);
      }
    }
    if (!errand.cancels) this.lasting.push(order.orderId);
    else if (await client.cancelOrder(order.orderId)) this.ledger.acknowledged++;
  }

  /** Asks, and does not wait for the answer: whether it was done is not known, and it is asked again under the same key. */
  private async hangUp({ key, customerId, lines }: Errand): Promise<void> {
    this.ledger.unheard++;
    await fetch(`${this.customers.anyUrl()}/api/ordering/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ customerId, lines }),
      signal: AbortSignal.timeout(this.random.integer(1, HANGS_UP_AFTER_MS)),
    }).catch(() => undefined);
  }
}

async function sideBySide<T>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  everyMs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  let next = performance.now();
  const worker = async () => {
    while (!signal.aborted) {
      const pause = next - performance.now();
      next = Math.max(next, performance.now() - everyMs) + everyMs;
      if (pause > 0) await delay(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const { value, done } = waiting.next();
      if (done) return;
      await work(value);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
