import { setTimeout as delay } from 'node:timers/promises';
import { UnexpectedAnswer, type Errand, type Random } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import type { Stage } from '../stage.js';
import type { Customers } from './customers.js';

const EVERY_MS = { file: 500, servers: 2_500, services: 2_500 } satisfies Record<Stage, number>;
const LINES = [{ sku: 'race', quantity: 1, unitPrice: { amount: 100, currency: 'EUR' } }];

/** An order of which two customers wanted the id, each at another process. */
export interface Race {
  readonly orderId: string;
  readonly customerId: string;
}

/** Two writers, one stream: two customers place an order under one id at the same moment, each at another process. */
export class Races {
  readonly won: Race[] = [];

  constructor(
    private readonly customers: Customers,
    private readonly random: Random,
    private readonly ledger: Ledger,
    private readonly stage: Stage,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const under: Promise<void>[] = [];
    for (let number = 1; !signal.aborted; number++) {
      under.push(
        this.customers
          .serve(() => this.race(`race-${number}`))
          .catch((error: unknown) => this.customers.failed('race', error)),
      );
      await delay(EVERY_MS[this.stage] * (0.5 + this.random.next()), undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(under);
  }

  private async race(orderId: string): Promise<void> {
    const contenders = this.customers.urls.map((url, index): [string, Errand] => {
      const key = `${orderId}-${index}`;
      return [url, { key, customerId: `racer-${index}`, lines: LINES, cancels: false, repeats: false }];
    });
    const answers = await Promise.all(
      contenders.map(async ([url, errand]) => {
        try {
          await this.customers.clientOf(url).placeOrder(errand, orderId);
          return errand.customerId;
        } catch (error) {
          if (error instanceof UnexpectedAnswer && error.status === 409) return undefined;
          throw error;
        }
      }),
    );
    const winners = answers.filter((customerId) => customerId !== undefined);
    this.ledger.acknowledged += winners.length;
    if (winners.length === 1) this.won.push({ orderId, customerId: winners[0]! });
    else if (winners.length > 1)
      this.ledger.wrong('doubled', `${orderId} was acknowledged to ${winners.join(' and ')}`);
    else this.ledger.wrong('lost', `${orderId} was refused to everybody`);
  }
}
