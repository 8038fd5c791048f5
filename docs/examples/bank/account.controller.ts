import type { CommandResult, ReadModel } from '@gesta/core';
import { InjectReadModel, ParsePositionPipe } from '@gesta/nestjs';
import { Body, Controller, Get, NotFoundException, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsInt, IsString } from 'class-validator';
import { OpenAccount, Withdraw } from './account-commands.js';
import { Balances, type Balance } from './balances.js';

class Opening {
  @IsString()
  readonly owner!: string;
}

class Amount {
  @IsInt()
  readonly amount!: number;
}

@Controller('accounts/:accountId')
export class AccountController {
  constructor(
    private readonly commands: CommandBus,
    @InjectReadModel(Balances) private readonly balances: ReadModel<Balance>,
  ) {}

  @Post()
  open(@Param('accountId') accountId: string, @Body() { owner }: Opening): Promise<CommandResult> {
    return this.commands.execute(new OpenAccount(accountId, owner));
  }

  @Post('withdrawals')
  withdraw(@Param('accountId') accountId: string, @Body() { amount }: Amount): Promise<CommandResult> {
    return this.commands.execute(new Withdraw(accountId, amount));
  }

  @Get()
  async balance(
    @Param('accountId') accountId: string,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<Balance> {
    if (after !== undefined) await this.balances.waitFor(after);
    const balance = await this.balances.findById(accountId);
    if (!balance) throw new NotFoundException(`There is no account ${accountId}`);
    return balance;
  }
}
