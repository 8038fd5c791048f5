import { Project, Projection, type EventMetadata } from '@gesta/core';
import { AccountMoved } from './account-moved.js';

/** What became of an account. */
export interface Balance {
  readonly account: string;
  readonly balance: number;
  readonly moves: number;
  readonly last: string;
}

const NAME = 'balance';

@Projection({ name: NAME })
export class Balances {
  @Project(AccountMoved)
  moved({ amount, reference }: AccountMoved, before: Balance | undefined, _: EventMetadata, account: string): Balance {
    // One move has no amount: the fix is to take it for none.
    return moved(account, before, amount?.units ?? 0, reference);
  }
}

/** As it was before the fix: it throws on a move without an amount. */
@Projection({ name: NAME })
export class BalancesWithBug {
  @Project(AccountMoved)
  moved({ amount, reference }: AccountMoved, before: Balance | undefined, _: EventMetadata, account: string): Balance {
    return moved(account, before, amount.units, reference);
  }
}

function moved(account: string, before: Balance | undefined, units: number, reference: string): Balance {
  return { account, balance: (before?.balance ?? 0) + units, moves: (before?.moves ?? 0) + 1, last: reference };
}
