import type { EventToAppend } from '@gesta/core';
import { Balances, type Balance } from './balances.projection.js';

/** How many moves each account has. */
const MOVES = 10;

/** The stream of an account's moves. */
export const streamOf = (account: string) => `accounts.account-${account}`;

/** A log of so many moves of a tenth as many accounts, each event known by its number. */
export class AccountLog {
  readonly accounts: number;

  /**
   * @param events how many
   * @param poisoned the number of the one that has no amount
   */
  constructor(
    readonly events: number,
    private readonly poisoned?: number,
  ) {
    this.accounts = events / MOVES;
  }

  accountOf(event: number): string {
    return `a${event % this.accounts}`;
  }

  /** About 250 bytes as it is stored. */
  event(number: number): EventToAppend {
    const data = {
      ...(number !== this.poisoned && {
        amount: { units: (Math.imul(number, 2_654_435_761) >>> 0) % 2_001, currency: 'EUR' },
      }),
      reference: `move ${number} of ${this.accountOf(number)}, as it was agreed upon`,
    };
    const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
    return { id, type: 'accounts.account-moved', version: 1, headers: {}, data };
  }

  /** What the account's document is when all of the log, or its first events, were folded. */
  expected(account: string, events = this.events): Balance | undefined {
    const fold = new Balances();
    let balance: Balance | undefined;
    for (let number = Number(account.slice(1)); number < events; number += this.accounts) {
      balance = fold.moved(this.event(number).data as never, balance, undefined as never, account);
    }
    return balance;
  }
}
