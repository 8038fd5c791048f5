/* oxlint-disable no-unused-private-class-members, no-unused-vars, typescript/no-unused-vars, typescript/no-extraneous-class -- what is shown here is wrong on purpose */
import { Aggregate, Apply, Command, Event, event, Handle, memory, Projection, type JsonShape } from '@gesta/core';
import { Project, ProcessManager, send, When } from '@gesta/core';
import { GestaModule, InjectReadModel, InjectRepository } from '@gesta/nestjs';
import { Injectable, Module } from '@nestjs/common';
import { AggregateRoot, CommandHandler } from '@nestjs/cqrs';
import { Type } from 'class-transformer';
import { IsDate, IsPositive, ValidateNested } from 'class-validator';
import { mistake, start, type Chapter } from './wrong-use.js';

const root = () => GestaModule.forRoot({ adapters: [memory()], events: 'memory:', documents: 'memory:' });

export const starting: Chapter = {
  title: 'Starting an application',
  file: 'starting.ts',
  mistakes: [
    mistake('An event with a `Date`: in the log it is a text, and in folds too', () => {
      @Event('bank.opened')
      class Opened {
        @IsDate() @Type(() => Date) readonly at!: Date;
      }
      @Aggregate({ category: 'bank.account', id: 'id' })
      class Account {
        @Apply(Opened)
        opened(_: JsonShape<Opened>) {}
      }
      @Module({ imports: [root(), GestaModule.forFeature([Account])] })
      class App {}
      return start(App);
    }),
    mistake('A value object with methods in an event that is folded', () => {
      class Money {
        @IsPositive() readonly cents!: number;
        isMuch() {
          return this.cents > 100_000;
        }
      }
      @Event('bank.paid')
      class Paid {
        @ValidateNested() @Type(() => Money) readonly sum!: Money;
      }
      @Projection({ name: 'sums' })
      class Sums {
        @Project(Paid)
        paid(paid: JsonShape<Paid>) {
          return { cents: paid.sum.cents };
        }
      }
      @Module({ imports: [root()], providers: [Sums] })
      class App {}
      return start(App);
    }),
    mistake('Nested rules without the class that has them', () => {
      class Line {
        @IsPositive() readonly quantity!: number;
      }
      @Event('shop.placed')
      class Placed {
        @ValidateNested({ each: true }) readonly lines!: Line[];
      }
      @Aggregate({ category: 'shop.order', id: 'id', events: [Placed] })
      class Order {}
      @Module({ imports: [root(), GestaModule.forFeature([Order])] })
      class App {}
      return start(App);
    }),
    mistake('Two classes of one name in the log', () => {
      @Event('shop.placed')
      class OrderPlaced {}
      @Event('shop.placed')
      class BetPlaced {}
      @Aggregate({ category: 'shop.order', id: 'id', events: [OrderPlaced] })
      class Order {}
      @Aggregate({ category: 'shop.bet', id: 'id', events: [BetPlaced] })
      class Bet {}
      @Module({ imports: [root(), GestaModule.forFeature([Order, Bet])] })
      class App {}
      return start(App);
    }),
    mistake('Two handlers of one command', () => {
      class Deposit {
        readonly id!: string;
      }
      @Aggregate({ category: 'bank.account', id: 'id' })
      class Account {
        @Handle(Deposit)
        deposit() {}
      }
      @CommandHandler(Deposit)
      class DepositHandler {
        async execute() {}
      }
      @Module({ imports: [root(), GestaModule.forFeature([Account])], providers: [DepositHandler] })
      class App {}
      return start(App);
    }),
    mistake('A repository and a read model of what no module has', () => {
      @Aggregate({ category: 'bank.account', id: 'id' })
      class Account {}
      @Projection({ name: 'balances' })
      class Balances {}
      @Injectable()
      class Bank {
        constructor(
          @InjectRepository(Account) readonly accounts: unknown,
          @InjectReadModel(Balances) readonly balances: unknown,
        ) {}
      }
      @Module({ imports: [root()], providers: [Bank] })
      class App {}
      return start(App);
    }),
    mistake('An `AggregateRoot` of `@nestjs/cqrs` as it is', () => {
      class Hero extends AggregateRoot {}
      @Module({ imports: [root(), GestaModule.forFeature([Hero])] })
      class App {}
      return start(App);
    }),
    mistake('Two aggregates of one category', () => {
      @Aggregate({ category: 'bank.account', id: 'id' })
      class Account {}
      @Aggregate({ category: 'bank.account', id: 'id' })
      class Savings {}
      @Module({ imports: [root(), GestaModule.forFeature([Account, Savings])] })
      class App {}
      return start(App);
    }),
    mistake('An aggregate that records a command, whose handler it is: it would feed itself', () => {
      @Command('bank.deposit')
      class Deposit {
        readonly id!: string;
      }
      @Aggregate({ category: 'bank.account', id: 'id', events: [Deposit] })
      class Account {
        @Handle(Deposit)
        deposit({ id }: Deposit) {
          return event(Deposit, { id });
        }
      }
      @Module({ imports: [root(), GestaModule.forFeature([Account])] })
      class App {}
      return start(App);
    }),
    mistake('Two process managers of one name', () => {
      @Event('shop.placed')
      class Placed {}
      @Command('shop.ship')
      class Ship {}
      @ProcessManager({ name: 'shipping', startFrom: 'beginning' })
      class Shipping {
        @When(Placed)
        placed() {
          return send(Ship, {});
        }
      }
      @ProcessManager({ name: 'shipping', startFrom: 'beginning' })
      class OtherShipping {
        @When(Placed)
        placed() {
          return send(Ship, {});
        }
      }
      @Module({ imports: [root()], providers: [Shipping, OtherShipping] })
      class App {}
      return start(App);
    }),
    mistake('A store of a kind that no adapter is there for', () => {
      @Module({ imports: [GestaModule.forRoot({ adapters: [memory()], events: 'oracle:bank' })] })
      class App {}
      return start(App);
    }),
    mistake('`GestaModule.forRoot` in two modules', () => {
      @Module({ imports: [root()] })
      class BankModule {}
      @Module({ imports: [root(), BankModule] })
      class App {}
      return start(App);
    }),
  ],
};
