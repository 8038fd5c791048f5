import { Aggregate, Apply, DomainError, Event, event, Handle } from '@gesta/core';
import { IsInt, IsString } from 'class-validator';

@Event('bank.money-paid-in', { aliases: ['bank.money-deposited'] })
export class MoneyPaidIn {
  @IsInt() readonly amount!: number;
}

@Event('bank.money-taken-out')
export class MoneyTakenOut {
  @IsInt() readonly amount!: number;
}

export class TakeOut {
  @IsString() readonly purseId: string;
  @IsInt() readonly amount: number;

  constructor(purseId: string, amount: number) {
    this.purseId = purseId;
    this.amount = amount;
  }
}

export class PurseIsEmpty extends DomainError {}

@Aggregate({ category: 'bank.purse', id: 'purseId', snapshot: { every: 500, version: 1 } })
export class Purse {
  private balance = 0;

  @Handle(TakeOut)
  takeOut({ amount }: TakeOut) {
    if (amount > this.balance) throw new PurseIsEmpty(`There are ${this.balance}`);
    return event(MoneyTakenOut, { amount });
  }

  @Apply(MoneyPaidIn)
  paidIn({ amount }: MoneyPaidIn) {
    this.balance += amount;
  }

  @Apply(MoneyTakenOut)
  takenOut({ amount }: MoneyTakenOut) {
    this.balance -= amount;
  }
}
