import { Event } from '@gesta/core';
import { IsInt, IsPositive, IsString, Length } from 'class-validator';

@Event('bank.account-opened')
export class AccountOpened {
  @IsString()
  @Length(1, 100)
  readonly owner!: string;
}

@Event('bank.money-deposited')
export class MoneyDeposited {
  @IsInt()
  @IsPositive()
  readonly amount!: number;
}

@Event('bank.money-withdrawn')
export class MoneyWithdrawn {
  @IsInt()
  @IsPositive()
  readonly amount!: number;
}
