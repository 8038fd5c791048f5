/* oxlint-disable no-unused-private-class-members, no-unused-vars, typescript/no-unused-vars, typescript/no-extraneous-class -- what is shown here is wrong on purpose */
import { Aggregate, aggregateDefinition, Apply, Command, Event, Handle } from '@gesta/core';
import { ProcessManager, processDefinition, Project, Projection, projectionDefinition, When } from '@gesta/core';
import { mistake, type Chapter } from './wrong-use.js';

@Event('bank.deposited')
class Deposited {
  readonly amount!: number;
}
class Deposit {
  readonly accountId!: string;
}

export const declaring: Chapter = {
  title: 'Declaring',
  file: 'declaring.ts',
  mistakes: [
    mistake('A name that is none', () => {
      @Event('Order placed!')
      class OrderPlaced {}
      return OrderPlaced;
    }),
    mistake('A new version without the step that leads to it', () => {
      @Event('bank.renamed', { version: 3, upcast: { 1: (v1) => v1 } })
      class Renamed {}
      return Renamed;
    }),
    mistake('A step between versions that is async', () => {
      @Event('bank.renamed', { version: 2, upcast: { 1: (async (v1: object) => v1) as never } })
      class Renamed {}
      return Renamed;
    }),
    mistake('A category with a dash, at which EventStoreDB would split', () => {
      @Aggregate({ category: 'bank-account', id: 'accountId' })
      class Account {}
      return aggregateDefinition(Account);
    }),
    mistake('An aggregate that nobody declared', () => {
      class Account {}
      return aggregateDefinition(Account);
    }),
    mistake('A fold that is async', () => {
      @Aggregate({ category: 'bank.account', id: 'accountId' })
      class Account {
        // @ts-expect-error -- the type refuses it too
        @Apply(Deposited)
        async deposited() {}
      }
      return aggregateDefinition(Account);
    }),
    mistake('Two methods that decide on one command', () => {
      @Aggregate({ category: 'bank.account', id: 'accountId' })
      class Account {
        @Handle(Deposit)
        deposit() {}
        @Handle(Deposit)
        depositAgain() {}
      }
      return aggregateDefinition(Account);
    }),
    mistake('Snapshots of what nobody else can see', () => {
      @Aggregate({ category: 'bank.account', id: 'accountId', snapshot: { every: 100 } })
      class Account {
        #balance = 0;
        @Apply(Deposited)
        deposited({ amount }: Deposited) {
          this.#balance += amount;
        }
      }
      return aggregateDefinition(Account);
    }),
    mistake('A process manager with a private field: its fields are its durable state', () => {
      @ProcessManager({ name: 'savings', startFrom: 'beginning' })
      class Savings {
        #saved = 0;
        @When(Deposited)
        deposited({ amount }: Deposited) {
          this.#saved += amount;
          return [];
        }
      }
      return processDefinition(Savings);
    }),
    mistake('A projection that folds one event in two methods', () => {
      @Projection({ name: 'balances' })
      class Balances {
        @Project(Deposited)
        deposited() {
          return {};
        }
        @Project(Deposited)
        depositedToo() {
          return {};
        }
      }
      return projectionDefinition(Balances, new Balances());
    }),
    mistake('A command that travels, of a context whose name has a dash', () => {
      @Command('my-bank.deposit')
      class DepositSent {}
      return DepositSent;
    }),
  ],
};
