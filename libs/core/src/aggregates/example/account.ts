import { event } from '../../events/domain-event.js';
import { Event } from '../../events/event.decorator.js';
import { Aggregate, Apply, type Decision } from '../aggregate.decorator.js';
import { DomainError } from '../domain-error.js';

/** The example that the specs of the repository share: an account with a balance. */
@Event('bank.deposited')
export class Deposited {
  readonly amount!: number;
}

@Event('bank.withdrawn')
export class Withdrawn {
  readonly amount!: number;
}

export class InsufficientFunds extends DomainError {
  constructor(readonly balance: number) {
    super(`There are only ${balance} left`);
  }
}

@Aggregate({ category: 'bank.account', id: 'accountId' })
export class Account {
  balance = 0;

  deposit(...amounts: readonly number[]): Decision {
    return amounts.map((amount) => event(Deposited, { amount }));
  }

  withdraw(amount: number): Decision {
    if (amount > this.balance) throw new InsufficientFunds(this.balance);
    return event(Withdrawn, { amount });
  }

  /** Withdraws what there is, if there is anything. */
  empty(): Decision {
    return this.balance > 0 ? event(Withdrawn, { amount: this.balance }) : undefined;
  }

  @Apply(Deposited)
  deposited({ amount }: Deposited) {
    this.balance += amount;
  }

  @Apply(Withdrawn)
  withdrawn({ amount }: Withdrawn) {
    this.balance -= amount;
  }
}
