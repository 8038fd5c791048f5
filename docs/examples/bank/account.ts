import { Aggregate, Apply, DomainError, event, Handle } from '@gesta/core';
import { Deposit, OpenAccount, Withdraw } from './account-commands.js';
import { AccountOpened, MoneyDeposited, MoneyWithdrawn } from './account-events.js';

export class AccountAlreadyOpen extends DomainError {}
export class AccountNotOpen extends DomainError {}
export class InsufficientFunds extends DomainError {}

@Aggregate({ category: 'bank.account', id: 'accountId' })
export class Account {
  private isOpen = false;
  private balance = 0;

  @Apply(AccountOpened)
  opened() {
    this.isOpen = true;
  }

  @Apply(MoneyDeposited)
  deposited({ amount }: MoneyDeposited) {
    this.balance += amount;
  }

  @Apply(MoneyWithdrawn)
  withdrawn({ amount }: MoneyWithdrawn) {
    this.balance -= amount;
  }

  @Handle(OpenAccount)
  open({ accountId, owner }: OpenAccount) {
    if (this.isOpen) throw new AccountAlreadyOpen(`Account ${accountId} is open already`);
    return event(AccountOpened, { owner });
  }

  @Handle(Deposit)
  deposit({ accountId, amount }: Deposit) {
    if (!this.isOpen) throw new AccountNotOpen(`There is no account ${accountId}`);
    return event(MoneyDeposited, { amount });
  }

  @Handle(Withdraw)
  withdraw({ accountId, amount }: Withdraw) {
    if (amount > this.balance) throw new InsufficientFunds(`Account ${accountId} holds ${this.balance}, not ${amount}`);
    return event(MoneyWithdrawn, { amount });
  }
}
