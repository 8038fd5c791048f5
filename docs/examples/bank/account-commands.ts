import { IsInt, IsPositive, IsString, Length } from 'class-validator';

export class OpenAccount {
  @IsString()
  @Length(1, 50)
  readonly accountId: string;

  @IsString()
  @Length(1, 100)
  readonly owner: string;

  constructor(accountId: string, owner: string) {
    this.accountId = accountId;
    this.owner = owner;
  }
}

class Transfer {
  @IsString()
  @Length(1, 50)
  readonly accountId: string;

  @IsInt()
  @IsPositive()
  readonly amount: number;

  constructor(accountId: string, amount: number) {
    this.accountId = accountId;
    this.amount = amount;
  }
}

export class Deposit extends Transfer {}

export class Withdraw extends Transfer {}
