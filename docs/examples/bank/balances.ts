import { Project, Projection, type EventMetadata } from '@gesta/core';
import { AccountOpened, MoneyDeposited, MoneyWithdrawn } from './account-events.js';

export interface Balance {
  readonly owner: string;
  readonly balance: number;
  readonly openedAt: string;
}

@Projection({ name: 'balances', version: 1, indexes: [{ balance: -1 }] })
export class Balances {
  @Project(AccountOpened)
  opened({ owner }: AccountOpened, _before: Balance | undefined, meta: EventMetadata): Balance {
    return { owner, balance: 0, openedAt: meta.recordedAt.toISOString() };
  }

  @Project(MoneyDeposited)
  deposited({ amount }: MoneyDeposited, before?: Balance) {
    return before && { ...before, balance: before.balance + amount };
  }

  @Project(MoneyWithdrawn)
  withdrawn({ amount }: MoneyWithdrawn, before?: Balance) {
    return before && { ...before, balance: before.balance - amount };
  }
}
