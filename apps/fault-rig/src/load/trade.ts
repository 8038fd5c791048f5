import { Random } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import type { Stage } from '../stage.js';
import type { Customers } from './customers.js';
import { MarketDay, type Trade as Terms } from './market-day.js';

/** Days that run side by side. */
const SIDE_BY_SIDE = 3;
/** Together about 25 orders a second, which makes some 350 events. */
const ORDINARY: Terms = { orders: 300, concurrency: 6, everyMs: 120 };
/** On servers each order takes several ways through a network, and there are more processes to do it. */
const ON_SERVERS: Terms = { orders: 100, concurrency: 2, everyMs: 1_000 };

/** Market days one after another, as long as the run lasts. */
export class Trade {
  readonly days: MarketDay[] = [];

  constructor(
    private readonly customers: Customers,
    private readonly random: Random,
    private readonly ledger: Ledger,
    private readonly stage: Stage,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const row = async () => {
      while (!signal.aborted) await this.day(this.stage === 'file' ? ORDINARY : ON_SERVERS, signal);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, row));
  }

  /** One more day, beside the others. */
  async day(terms: Terms, signal: AbortSignal): Promise<void> {
    const random = new Random(this.random.integer(0, 2 ** 31));
    const day = new MarketDay(`d${this.days.length + 1}`, terms, this.customers, random, this.ledger);
    this.days.push(day);
    await day.run(signal);
  }

  /** Somebody who has ordered. */
  someCustomer(random: Random): string | undefined {
    const known = this.days.slice(-2 * SIDE_BY_SIDE).flatMap(({ customerIds }) => customerIds);
    return known.length === 0 ? undefined : random.favourite(known);
  }
}
