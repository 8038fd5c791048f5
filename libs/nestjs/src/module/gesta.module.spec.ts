import { describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Apply,
  DomainError,
  Event,
  Gesta,
  Handle,
  Project,
  Projection,
  ReadModel,
  Repository,
  ValidationFailed,
  event,
  memory,
  type CommandResult,
} from '@gesta/core';
import { Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { CommandBus, CommandHandler, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { IsInt, IsString, Min } from 'class-validator';
import { GestaModule } from './gesta.module.js';
import { InjectGesta, InjectReadModel, InjectRepository } from './inject.decorators.js';
import { readModelToken, repositoryToken } from './injection-tokens.js';

class AccountOverdrawn extends DomainError {}

class Deposit {
  @IsString() readonly accountId: string;
  @IsInt() @Min(1) readonly amount: number;
  constructor(accountId: string, amount: number) {
    this.accountId = accountId;
    this.amount = amount;
  }
}
class Withdraw {
  constructor(
    readonly accountId: string,
    readonly amount: number,
  ) {}
}

@Event('banking.deposited')
class Deposited {
  readonly amount!: number;
}
@Event('banking.withdrawn')
class Withdrawn {
  readonly amount!: number;
}

@Aggregate({ category: 'banking.account', id: 'accountId' })
class Account {
  private balance = 0;

  @Handle(Deposit)
  deposit({ amount }: Deposit) {
    return event(Deposited, { amount });
  }

  @Handle(Withdraw)
  withdraw({ amount }: Withdraw) {
    if (amount > this.balance) throw new AccountOverdrawn(`There are ${this.balance} in the account`);
    return event(Withdrawn, { amount });
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

interface Balance {
  balance: number;
}

@Projection({ name: 'balances' })
class Balances {
  @Project(Deposited)
  deposited({ amount }: Deposited, before?: Balance): Balance {
    return { balance: (before?.balance ?? 0) + amount };
  }

  @Project(Withdrawn)
  withdrawn({ amount }: Withdrawn, before?: Balance): Balance {
    return { balance: (before?.balance ?? 0) - amount };
  }
}

class BalanceOf {
  constructor(readonly accountId: string) {}
}

@QueryHandler(BalanceOf)
class BalanceOfHandler {
  constructor(@InjectReadModel(Balances) private readonly balances: ReadModel<Balance>) {}

  execute({ accountId }: BalanceOf) {
    return this.balances.findById(accountId);
  }
}

class MoveMoney {
  constructor(
    readonly from: string,
    readonly to: string,
    readonly amount: number,
  ) {}
}

@CommandHandler(MoveMoney)
class MoveMoneyHandler {
  constructor(@InjectRepository(Account) private readonly accounts: Repository<Account>) {}

  async execute({ from, to, amount }: MoveMoney) {
    await this.accounts.transact(from, (account) => account.withdraw(new Withdraw(from, amount)));
    return this.accounts.transact(to, (account) => account.deposit(new Deposit(to, amount)));
  }
}

@Module({
  imports: [GestaModule.forFeature([Account])],
  providers: [Balances, BalanceOfHandler, MoveMoneyHandler],
})
class BankingModule {}

const root = () => GestaModule.forRoot({ adapters: [memory()] });

async function running(...imports: NonNullable<Parameters<typeof Module>[0]['imports']>) {
  const app = (await Test.createTestingModule({ imports }).compile()).createNestApplication({ logger: false });
  return app.init();
}

async function withApp(
  imports: NonNullable<Parameters<typeof Module>[0]['imports']>,
  work: (app: INestApplicationContext) => Promise<void>,
) {
  const app = await running(...imports);
  try {
    await work(app);
  } finally {
    await app.close();
  }
}

describe('GestaModule', () => {
  it('makes @Handle methods handlers on the command bus', () =>
    withApp([root(), BankingModule], async (app) => {
      const result: CommandResult = await app.get(CommandBus).execute(new Deposit('a', 5));
      expect(result).toEqual({ streamId: 'banking.account-a', revision: 0, position: expect.any(BigInt) });
    }));

  it('lets a refusal through as it is', () =>
    withApp([root(), BankingModule], async (app) => {
      await expect(app.get(CommandBus).execute(new Withdraw('a', 5))).rejects.toThrow(AccountOverdrawn);
    }));

  it('gives handlers their repositories and read models when they are made', () =>
    withApp([root(), BankingModule], async (app) => {
      const commands = app.get(CommandBus);
      await commands.execute(new Deposit('a', 5));
      const { position } = await commands.execute<MoveMoney, CommandResult>(new MoveMoney('a', 'b', 3));

      const balances = app.get<ReadModel<Balance>>(readModelToken(Balances));
      await balances.waitFor(position);
      expect(await app.get(QueryBus).execute(new BalanceOf('a'))).toEqual({ balance: 2 });
      expect(await app.get(QueryBus).execute(new BalanceOf('b'))).toEqual({ balance: 3 });
    }));

  it('refuses a command that breaks its rules before anything is decided', () =>
    withApp([root(), BankingModule], async (app) => {
      await expect(app.get(CommandBus).execute(new Deposit('a', 0.5))).rejects.toMatchObject({
        name: 'ValidationFailed',
        violations: [
          { field: 'amount', rules: ['amount must not be less than 1', 'amount must be an integer number'] },
        ],
      });
      expect(await app.get<Repository<Account>>(repositoryToken(Account)).load('a')).toMatchObject({ revision: -1 });
    }));

  it('refuses a command that does not say whom it is for', () =>
    withApp([root(), BankingModule], async (app) => {
      await expect(app.get(CommandBus).execute(new Withdraw('', 5))).rejects.toThrow(ValidationFailed);
    }));

  it('handles an aggregate once that several modules list', () => {
    @Module({ imports: [GestaModule.forFeature([Account])] })
    class ReportingModule {}

    return withApp([root(), BankingModule, ReportingModule], async (app) => {
      await app.get(CommandBus).execute(new Deposit('a', 5));
      expect(await app.get<Repository<Account>>(repositoryToken(Account)).load('a')).toMatchObject({ revision: 0 });
    });
  });

  it('injects what it is made of, in any module', () => {
    @Injectable()
    class Operator {
      @InjectGesta() readonly gesta!: Gesta;
      constructor(@InjectRepository(Account) readonly accounts: Repository<Account>) {}
    }
    @Module({ providers: [Operator] })
    class OperationsModule {}

    return withApp([OperationsModule, BankingModule, root()], async (app) => {
      const { gesta, accounts } = app.get(Operator);
      expect(gesta).toBe(app.get(Gesta));
      expect(accounts).toBe(gesta.repository(Account));
    });
  });

  it('takes options that depend on providers', () => {
    @Injectable()
    class Config {
      readonly events = 'memory:';
    }
    @Module({ providers: [Config], exports: [Config] })
    class ConfigModule {}

    const imports = [
      GestaModule.forRootAsync({
        imports: [ConfigModule],
        inject: [Config],
        useFactory: async (config: Config) => ({ adapters: [memory()], events: config.events, autoStart: false }),
      }),
      BankingModule,
    ];
    return withApp(imports, async (app) => {
      expect(await app.get(CommandBus).execute(new Deposit('a', 5))).toMatchObject({ revision: 0 });
    });
  });

  it('follows no log when it is told not to', () =>
    withApp([GestaModule.forRoot({ adapters: [memory()], autoStart: false }), BankingModule], async (app) => {
      const { position } = await app.get(CommandBus).execute<Deposit, CommandResult>(new Deposit('a', 5));
      const balances = app.get<ReadModel<Balance>>(readModelToken(Balances));
      await expect(balances.waitFor(position, { timeoutMs: 50 })).rejects.toThrow('has not reached');
    }));

  it('folds with the provider that a test puts in place of a projection', async () => {
    const testing = Test.createTestingModule({ imports: [root(), BankingModule] })
      .overrideProvider(Balances)
      .useValue({ deposited: () => ({ balance: 42 }), withdrawn: () => undefined });
    const app = await (await testing.compile()).init();
    const { position } = await app.get(CommandBus).execute<Deposit, CommandResult>(new Deposit('a', 5));
    const balances = app.get<ReadModel<Balance>>(readModelToken(Balances));
    await balances.waitFor(position);
    expect(await balances.findById('a')).toEqual({ balance: 42 });
    await app.close();
  });
});
