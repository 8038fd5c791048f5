import { memory, type CommandResult, type ReadModel } from '@gesta/core';
import { GestaModule, readModelToken } from '@gesta/nestjs';
import { describe, expect, it } from '@jest/globals';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Deposit, OpenAccount } from './account-commands.js';
import { Balances, type Balance } from './balances.js';
import { BankModule } from './bank.module.js';
import { RichList } from './rich-list.js';

describe('the bank', () => {
  it('shows a deposit to whoever made it', async () => {
    const gesta = GestaModule.forRoot({ adapters: [memory()], events: 'memory:', documents: 'memory:' });
    const app = await (await Test.createTestingModule({ imports: [gesta, BankModule] }).compile()).init();
    try {
      const commands = app.get(CommandBus);
      await commands.execute(new OpenAccount('1', 'Ada'));
      const { position } = await commands.execute<Deposit, CommandResult>(new Deposit('1', 100));

      const balances = app.get<ReadModel<Balance>>(readModelToken(Balances), { strict: false });
      await balances.waitFor(position);
      expect(await app.get(QueryBus).execute(new RichList(50))).toMatchObject([{ owner: 'Ada', balance: 100 }]);
    } finally {
      await app.close();
    }
  });
});
