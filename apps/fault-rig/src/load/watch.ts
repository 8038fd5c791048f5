import { setTimeout as delay } from 'node:timers/promises';
import type { Order, Random, StockLevel } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import type { Marketplace } from '../processes/marketplace.js';
import type { Customers } from './customers.js';
import type { Trade } from './trade.js';

const EVERY_MS = 25;
/** A process that does not answer in time is asked again later. */
const PATIENCE_MS = 5_000;

interface Customer {
  readonly orders: Readonly<Record<Order['status'], number>>;
}

/**
 * Readers that look at the documents of every process all the time, and at what each process has shown before: an order
 * that has ended never looks different or is gone, a customer's orders never become fewer, an item that is known stays
 * known and never has less than nothing. A process that was started again is looked at from when it says that it is ready.
 */
export class Watch {
  /** What a process has shown, by process and path. */
  private readonly shown = new Map<string, string | number>();

  constructor(
    private readonly marketplaces: readonly Marketplace[],
    private readonly trade: Trade,
    private readonly customers: Customers,
    private readonly random: Random,
    private readonly ledger: Ledger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.marketplaces.map((marketplace) => this.watch(marketplace, signal)));
  }

  private async watch(marketplace: Marketplace, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(EVERY_MS * 2 * this.random.next(), undefined, { signal }).catch(() => undefined);
      if (!marketplace.ready || !this.customers.areAdmitted || this.trade.days.length === 0) continue;
      const day = this.trade.days[this.random.integer(0, this.trade.days.length - 1)]!;
      const look = [
        () => this.order(marketplace, anyOf(day.lasting, this.random)),
        () => this.customer(marketplace, anyOf(day.customerIds, this.random)),
        () => this.item(marketplace, anyOf([...day.done.shelves.keys()], this.random)),
      ][this.random.integer(0, 2)]!;
      await look();
    }
  }

  private async order(marketplace: Marketplace, orderId: string | undefined): Promise<void> {
    await this.look(marketplace, orderId && `/api/ordering/orders/${orderId}`, (text, before) => {
      if (before !== undefined) return text === before ? text : undefined;
      return (JSON.parse(text) as Order).status === 'placed' ? null : text;
    });
  }

  private async customer(marketplace: Marketplace, customerId: string | undefined): Promise<void> {
    await this.look(marketplace, customerId && `/api/ordering/customers/${customerId}`, (text, before) => {
      const count = Object.values((JSON.parse(text) as Customer).orders).reduce((sum, each) => sum + each, 0);
      return count >= ((before as number | undefined) ?? 0) ? count : undefined;
    });
  }

  private async item(marketplace: Marketplace, sku: string | undefined): Promise<void> {
    await this.look(marketplace, sku && `/api/inventory/items/${sku}`, (text) => {
      const { onHand, reserved, available } = JSON.parse(text) as StockLevel;
      return available >= 0 && reserved >= 0 && available === onHand - reserved ? 'known' : undefined;
    });
  }

  /**
   * @param judge what to remember of the answer: `null` for nothing yet, `undefined` when it must not be
   */
  private async look(
    marketplace: Marketplace,
    path: string | undefined,
    judge: (text: string, before: string | number | undefined) => string | number | null | undefined,
  ): Promise<void> {
    if (!path) return;
    const { starts, name, url } = marketplace;
    const place = `${name} ${path}`;
    let status: number;
    let text: string;
    try {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(PATIENCE_MS) });
      [status, text] = [response.status, await response.text()];
    } catch {
      return; // no answer is no wrong answer
    }
    if (!this.customers.areAdmitted) return; // it may have looked at something else meanwhile
    if (starts !== marketplace.starts || (status !== 200 && status !== 404)) return;
    this.ledger.looks++;
    const before = this.shown.get(place);
    if (status === 404) {
      if (before !== undefined) this.ledger.wrong('differing', `${place} was shown and is gone: ${before}`);
      return;
    }
    const seen = judge(text, before);
    if (seen === undefined) this.ledger.wrong('differing', `${place} was ${before}, and now it is ${text}`);
    else if (seen !== null) this.shown.set(place, seen);
  }
}

function anyOf<T>(items: readonly T[], random: Random): T | undefined {
  return items[random.integer(0, items.length - 1)];
}
