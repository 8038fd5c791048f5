import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { event } from '../events/domain-event.js';
import { Command } from '../messaging/command.decorator.js';
import { runInMessageContext, type TransactContext } from '../messaging/message-context.js';
import { StoreUnavailable } from '../store/errors.js';
import { Aggregate, Handle, type Decision } from './aggregate.decorator.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { CommandIdTaken, CommandWasRefused } from './command-outcome.js';
import { ConcurrencyConflict } from './concurrency-conflict.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Account, Deposited, InsufficientFunds } from './example/account.js';
import { eventsOf, FaultyEventStore } from './example/faulty-event-store.js';
import { ANSWER_WINDOW } from './known-answers.js';
import { Repository, type CommandResult } from './repository.js';

const STREAM = 'bank.account-1';

function opened() {
  const store = new FaultyEventStore();
  const process = () => new Repository(aggregateDefinition(Account), store);
  return { store, accounts: process(), process };
}

const deposit = (accounts: Repository<Account>, commandId: string, ...amounts: number[]) =>
  accounts.transact('1', (account) => account.deposit(...amounts), { commandId });

const amountsOf = async (store: FaultyEventStore, stream = STREAM) =>
  (await eventsOf(store, stream)).map(({ data }) => data.amount);

const typesOf = async (store: FaultyEventStore) => (await eventsOf(store, STREAM)).map(({ type }) => type);

const undecided = (): never => {
  throw new Error('It was decided on again');
};

describe('a command that comes a second time', () => {
  it('is given its first answer, and not decided on', async () => {
    const { store, accounts } = opened();
    const first = await deposit(accounts, 'c1', 1, 2);
    const second = await accounts.transact('1', undecided, { commandId: 'c1' });
    expect(second).toEqual(first);
    expect(await amountsOf(store)).toEqual([1, 2]);
  });

  it('is given its first answer after others came between', async () => {
    const { store, accounts, process } = opened();
    const first = await deposit(accounts, 'c1', 1);
    await deposit(accounts, 'c2', 2);
    await accounts.transact('1', (account) => account.deposit(3));
    expect(await deposit(accounts, 'c1', 1)).toEqual(first);
    expect(await deposit(process(), 'c1', 1)).toEqual(first);
    expect(first).toMatchObject({ revision: 0, position: 1n });
    expect(await amountsOf(store)).toEqual([1, 2, 3]);
  });

  it('is given its first answer after a restart', async () => {
    const { store, accounts, process } = opened();
    const first = await deposit(accounts, 'c1', 1, 2);
    expect(await deposit(process(), 'c1', 1, 2)).toEqual(first);
    expect(await amountsOf(store)).toEqual([1, 2]);
  });

  it('is given its first answer by a process that did not know of the first time', async () => {
    const { store, accounts, process } = opened();
    const elsewhere = process();
    await accounts.transact('1', (account) => account.deposit(1));
    const first = await deposit(elsewhere, 'c1', 2);
    await elsewhere.transact('1', (account) => account.deposit(3));
    expect(await deposit(accounts, 'c1', 2)).toEqual(first);
    expect(await amountsOf(store)).toEqual([1, 2, 3]);
  });

  it('is given its first answer where it would be refused by now', async () => {
    const { accounts, process } = opened();
    await accounts.transact('1', (account) => account.deposit(5));
    const elsewhere = process();
    const withdraw = (there: Repository<Account>) =>
      there.transact('1', (account) => account.withdraw(5), { commandId: 'c1' });
    const first = await withdraw(elsewhere);
    expect(await withdraw(accounts)).toEqual(first);
    expect(await withdraw(elsewhere)).toEqual(first);
  });

  it('is given its first answer where nothing was to be done, though there would be by now', async () => {
    const { store, accounts, process } = opened();
    const empty = (there: Repository<Account>) =>
      there.transact('1', (account) => account.empty(), { commandId: 'c1' });
    const first = await empty(accounts);
    expect(first).toEqual({ streamId: STREAM, revision: 0, position: 1n });
    await accounts.transact('1', (account) => account.deposit(8));
    for (const each of [accounts, process()]) expect(await empty(each)).toEqual(first);
    expect(await typesOf(store)).toEqual(['gesta.command-accepted', 'bank.deposited']);
    expect((await process().load('1')).aggregate.balance).toBe(8);
  });

  it('is decided on again where it was refused', async () => {
    const { store, accounts } = opened();
    const withdraw = () => accounts.transact('1', (account) => account.withdraw(5), { commandId: 'c1' });
    await expect(withdraw()).rejects.toThrow(InsufficientFunds);
    await accounts.transact('1', (account) => account.deposit(8));
    expect(await withdraw()).toMatchObject({ revision: 1 });
    expect(await typesOf(store)).toEqual(['bank.deposited', 'bank.withdrawn']);
  });

  it('is refused again where its refusals stand, in the words of the first time', async () => {
    const { store, accounts, process } = opened();
    const withdraw = (there: Repository<Account>) =>
      there.transact('1', (account) => account.withdraw(5), { commandId: 'c1', refusalsStand: true });
    await expect(withdraw(accounts)).rejects.toThrow(InsufficientFunds);
    await accounts.transact('1', (account) => account.deposit(3));
    for (const each of [accounts, process()]) await expect(withdraw(each)).rejects.toThrow(InsufficientFunds);
    await accounts.transact('1', (account) => account.deposit(8));
    for (const each of [accounts, process()]) {
      const refusal = await withdraw(each).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(CommandWasRefused);
      expect(refusal).toMatchObject({ name: 'InsufficientFunds', message: 'There are only 0 left' });
    }
    expect(await typesOf(store)).toEqual(['gesta.command-refused', 'bank.deposited', 'bank.deposited']);
  });

  it('costs no event and no read more where it has events, or no id', async () => {
    const { store, accounts } = opened();
    await deposit(accounts, 'c1', 1);
    store.reads = 0;
    store.appends.length = 0;
    await deposit(accounts, 'c2', 1);
    await accounts.transact('1', (account) => account.deposit(1));
    expect([store.reads, store.appends.length]).toEqual([0, 2]);
    await accounts.transact('1', () => undefined);
    expect([store.reads, store.appends.length]).toEqual([1, 2]);
  });

  it('is found however far back it is where it has a place in the log, and each event is read once for that', async () => {
    const { store, accounts, process } = opened();
    const first = await deposit(accounts, 'c0', 1);
    for (let n = 1; n <= 3_000; n++) await deposit(accounts, `c${n}`, 1);
    for (const again of [accounts, process()]) {
      await again.transact('1', (account) => account.deposit(0));
      store.eventsRead = 0;
      expect(await again.transact('1', undecided, { commandId: 'c0', position: 0n })).toEqual(first);
      for (let n = 1; n <= 100; n++) await again.transact('1', undecided, { commandId: `c${n}`, position: 0n });
      expect(store.eventsRead).toBeLessThan(2_500);
    }
    await accounts.transact('1', (account) => account.deposit(0));
    store.eventsRead = 0;
    await accounts.transact('1', () => event(Deposited, { amount: 1 }), { commandId: 'new', position: 3_000n });
    expect(store.eventsRead).toBe(0);
  });

  it('to another stream is another command', async () => {
    const { store, accounts } = opened();
    await deposit(accounts, 'c1', 1);
    await accounts.transact('2', (account) => account.deposit(1), { commandId: 'c1' });
    expect(await amountsOf(store)).toEqual([1]);
    expect(await amountsOf(store, 'bank.account-2')).toEqual([1]);
    const ids = [...(await eventsOf(store, STREAM)), ...(await eventsOf(store, 'bank.account-2'))].map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
  });

  it.each(['the process that knew it', 'a fresh process'])(
    'is known to %s among the latest thousand commands of the stream, and decided on anew after that',
    async (which) => {
      const { store, accounts, process } = opened();
      const [first, second] = [await deposit(accounts, 'c1', 1), await deposit(accounts, 'c2', 2)];
      for (let n = 3; n <= ANSWER_WINDOW + 1; n++) await deposit(accounts, `c${n}`, 1);
      const asked = which === 'a fresh process' ? process() : accounts;
      expect(await deposit(asked, 'c2', 2)).toEqual(second);
      expect(await deposit(asked, 'c1', 1)).toEqual({ streamId: STREAM, revision: 1_001, position: 1_002n });
      expect(first.revision).toBe(0);
      const ids = (await eventsOf(store, STREAM)).map(({ id }) => id);
      expect(new Set(ids).size).toBe(1_002); // an id is one event's, also here
    },
  );
});

describe('one command id on two different commands', () => {
  @Command('bank.deposit')
  class Deposit {
    constructor(readonly amount: number) {}
  }
  @Command('bank.withdraw')
  class Withdraw {
    constructor(readonly amount: number) {}
  }
  const execute = (accounts: Repository<Account>, command: Deposit | Withdraw, context: TransactContext = {}) =>
    accounts.transact(
      '1',
      (account) => (command instanceof Deposit ? account.deposit(command.amount) : account.withdraw(command.amount)),
      { commandId: 'c1', command, ...context },
    );

  it.each(['the process that knew it', 'a fresh process'])('is refused by %s', async (which) => {
    const { store, accounts, process } = opened();
    const first = await execute(accounts, new Deposit(5));
    const asked = which === 'a fresh process' ? process() : accounts;
    for (const other of [new Deposit(6), new Withdraw(5)]) {
      await expect(execute(asked, other)).rejects.toThrow(CommandIdTaken);
    }
    await expect(execute(asked, new Withdraw(5))).rejects.toThrow(
      'The command id c1 was used for another command, whose outcome is at revision 0 of bank.account-1',
    );
    expect(await execute(asked, new Deposit(5))).toEqual(first);
    expect(await amountsOf(store)).toEqual([5]);
  });

  it('is refused where nothing came of the first one', async () => {
    const { accounts } = opened();
    await accounts.transact('1', () => undefined, { commandId: 'c1', command: new Withdraw(0) });
    await expect(execute(accounts, new Deposit(5))).rejects.toThrow(CommandIdTaken);
  });

  it('is decided where the first was refused: the second is another command', async () => {
    const { accounts } = opened();
    const stands = { refusalsStand: true };
    await expect(execute(accounts, new Withdraw(5), stands)).rejects.toThrow(InsufficientFunds);
    expect(await execute(accounts, new Deposit(5), stands)).toMatchObject({ revision: 1 });
    await expect(execute(accounts, new Withdraw(5), stands)).rejects.toThrow(CommandWasRefused);
  });

  it('is told by what the message says where that says something, not by what was made up for it', async () => {
    const { accounts } = opened();
    const first = await execute(accounts, new Deposit(5), { content: 'a request' });
    expect(await execute(accounts, new Deposit(6), { content: 'a request' })).toEqual(first);
    await expect(execute(accounts, new Deposit(5), { content: 'another request' })).rejects.toThrow(CommandIdTaken);
  });

  it('is refused where no name but their methods tells them apart, and a repeat to the next bundle is none', async () => {
    const { store } = opened();
    /** As one build has it, in which a minifier calls the classes what it likes. */
    const build = () => {
      class A {
        readonly accountId = '1';
      }
      class B {
        readonly accountId = '1';
      }
      @Aggregate({ category: 'bank.account', id: 'accountId' })
      class Booked extends Account {
        @Handle(A)
        putIn() {
          return this.deposit(5);
        }
        @Handle(B)
        takeOut() {
          return this.withdraw(5);
        }
      }
      const repository = new Repository(aggregateDefinition(Booked), store);
      const transact = (command: A, decide: (account: Booked) => Decision) =>
        repository.transact('1', decide, { commandId: 'c1', command });
      return {
        putIn: () => transact(new A(), (account) => account.putIn()),
        takeOut: () => transact(new B(), (account) => account.takeOut()),
        rename: () => [A, B].forEach((each, n) => Object.defineProperty(each, 'name', { value: 'tn'[n] })),
      };
    };
    const [first, next] = [build(), build()];
    next.rename();
    const outcome = await first.putIn();
    expect(await next.putIn()).toEqual(outcome);
    await expect(next.takeOut()).rejects.toThrow(CommandIdTaken);
    await expect(first.takeOut()).rejects.toThrow(CommandIdTaken);
  });

  it('cannot be told where nothing is known of one of them: then the second is a repeat', async () => {
    const { accounts } = opened();
    const first = await deposit(accounts, 'c1', 5);
    expect(await execute(accounts, new Withdraw(5))).toEqual(first);
  });
});

describe('a second try within one message', () => {
  const pay = (accounts: Repository<Account>) => accounts.transact('1', (account) => account.deposit(5));
  const trying = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StoreUnavailable || error instanceof ConcurrencyConflict)) throw error;
      }
    }
  };

  it.each([
    ['the answer was lost', (store: FaultyEventStore) => store.loseAnswers(3)],
    ['nothing got there', (store: FaultyEventStore) => store.beAwayFor(3)],
  ])('has one effect, and the id of the first, where %s', async (_, fail) => {
    const { store, accounts, process } = opened();
    fail(store);
    const handle = (there: Repository<Account>) =>
      runInMessageContext({ commandId: 'm1' }, async () => [await trying(() => pay(there)), await pay(there)]);
    const first = await handle(accounts);
    expect(await amountsOf(store)).toEqual([5, 5]);
    for (const each of [accounts, process()]) expect(await handle(each)).toEqual(first);
    expect(await amountsOf(store)).toEqual([5, 5]);
  });

  it('has one effect after other writers were first', async () => {
    const { store, process } = opened();
    const impatient = new Repository(aggregateDefinition(Account), store, { maxDecisions: 1 });
    store.beforeNextAppend(() => process().transact('1', (account) => account.deposit(1)));
    await runInMessageContext({ commandId: 'm1' }, () => trying(() => pay(impatient)));
    await runInMessageContext({ commandId: 'm1' }, () => pay(process()));
    expect(await amountsOf(store)).toEqual([1, 5]);
  });

  it('has its effects once, whatever is decided side by side, on however many streams, and fails', async () => {
    const decision = fc.record({ account: fc.constantFrom('1', '2'), amount: fc.integer({ min: 1, max: 9 }) });
    const fault = fc.constantFrom('lost', 'away', 'none');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(decision, {
          minLength: 1,
          maxLength: 5,
          selector: ({ account, amount }) => `${account} ${amount}`,
        }),
        fc.array(fault, { maxLength: 12 }),
        async (decisions, faults) => {
          const memory = new MemoryEventStore();
          const failing = new Proxy(memory, {
            get(target, field) {
              const value: unknown = Reflect.get(target, field, target);
              if (field !== 'append') return typeof value === 'function' ? value.bind(target) : value;
              return async (...asked: Parameters<MemoryEventStore['append']>) => {
                const now = faults.shift();
                if (now === 'away') throw new StoreUnavailable('nobody there');
                const appended = await target.append(...asked);
                if (now === 'lost') throw new StoreUnavailable('the line is dead');
                return appended;
              };
            },
          });
          class Give {
            constructor(readonly amount: number) {}
          }
          const accounts = new Repository(aggregateDefinition(Account), failing);
          const handle = () =>
            runInMessageContext({ commandId: 'm1' }, () =>
              Promise.all(
                decisions.map(({ account, amount }) =>
                  trying(() =>
                    accounts.transact(account, (decided) => decided.deposit(amount), { command: new Give(amount) }),
                  ),
                ),
              ),
            );
          await handle();
          await handle();
          for (const account of ['1', '2']) {
            const wanted = decisions.filter((each) => each.account === account).map(({ amount }) => amount);
            const recorded = (await eventsOf(memory, `bank.account-${account}`)).map(({ data }) => data.amount);
            expect([...recorded].sort()).toEqual([...wanted].sort());
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('decisions of one message', () => {
  const handle = (accounts: Repository<Account>) =>
    runInMessageContext({ commandId: 'm1' }, async () => [
      await accounts.transact('1', (account) => account.deposit(1)),
      await accounts.transact('2', (account) => account.deposit(2)),
      await accounts.transact('1', (account) => account.deposit(3)),
    ]);

  it('on one stream are not taken for repeats of each other', async () => {
    const { store, accounts } = opened();
    expect((await handle(accounts)).map(({ revision }) => revision)).toEqual([0, 0, 1]);
    expect(await amountsOf(store)).toEqual([1, 3]);
    expect(await amountsOf(store, 'bank.account-2')).toEqual([2]);
  });

  it('are each known when the message is handled again', async () => {
    const { store, accounts, process } = opened();
    const first = await handle(accounts);
    expect(await handle(accounts)).toEqual(first);
    expect(await handle(process())).toEqual(first);
    expect(await amountsOf(store)).toEqual([1, 3]);
  });

  it('are each known when the message was not handled to its end before', async () => {
    const { store, accounts, process } = opened();
    await runInMessageContext({ commandId: 'm1' }, () => accounts.transact('1', (account) => account.deposit(1)));
    expect((await handle(process())).map(({ revision }) => revision)).toEqual([0, 0, 1]);
    expect(await amountsOf(store)).toEqual([1, 3]);
  });
});

describe('repeats at the same time', () => {
  it('in one process have one effect and one answer', async () => {
    const { store, accounts } = opened();
    const results = await Promise.all([1, 2, 3].map(() => deposit(accounts, 'c1', 1, 2)));
    expect(new Set(results.map(({ position }) => position))).toEqual(new Set([2n]));
    expect(await amountsOf(store)).toEqual([1, 2]);
  });

  it('in two processes have one effect and one answer', async () => {
    const { store, process } = opened();
    const [first, second] = await Promise.all([process(), process()].map((each) => deposit(each, 'c1', 1, 2)));
    expect(second).toEqual(first);
    expect(await amountsOf(store)).toEqual([1, 2]);
  });

  it('in two processes that decide differently have the effect of one, and both know which', async () => {
    const { store, accounts, process } = opened();
    const elsewhere = process();
    await accounts.transact('1', (account) => account.deposit(1));
    await elsewhere.transact('1', (account) => account.deposit(1));
    const [first, second] = await Promise.all([deposit(accounts, 'c1', 10), deposit(elsewhere, 'c1', 20)]);
    expect(second).toEqual(first);
    const [, , third] = (await amountsOf(store)) as number[];
    for (const each of [accounts, elsewhere]) {
      let balance: number | undefined;
      await each.transact('1', (account) => {
        balance = account.balance;
        return account.deposit(0);
      });
      expect(balance).toBe(2 + third!);
    }
  });

  it('of which one states more than the other have the effect of one', async () => {
    const { store, process } = opened();
    const [first, second] = await Promise.all([deposit(process(), 'c1', 1, 2), deposit(process(), 'c1', 1)]);
    expect(second).toEqual(first);
    expect(await amountsOf(store)).toHaveLength(first.revision + 1);
  });

  it('spread over two processes have one effect each', async () => {
    const command = fc.record({ id: fc.nat(6), process: fc.nat(1), amount: fc.integer({ min: 1, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (commands) => {
        const store = new FaultyEventStore();
        const processes = [1, 2].map(
          () => new Repository(aggregateDefinition(Account), store, { maxDecisions: 1_000 }),
        );
        const results = await Promise.all(
          commands.map(({ id, process, amount }) => deposit(processes[process]!, `c${id}`, amount, amount)),
        );
        const answers = new Map<number, CommandResult>();
        for (const [index, { id }] of commands.entries()) {
          expect(results[index]).toEqual(answers.get(id) ?? results[index]);
          answers.set(id, results[index]!);
        }
        const recorded = await eventsOf(store, STREAM);
        expect(recorded).toHaveLength(2 * answers.size);
        for (const [id, { revision, position }] of answers) {
          expect(recorded[revision]).toMatchObject({ commandId: `c${id}`, position });
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('an answer that was lost', () => {
  it('is asked for again, and is that of what was appended', async () => {
    const { store, accounts } = opened();
    await accounts.transact('1', (account) => account.deposit(1));
    store.loseAnswers(2);
    const result = await accounts.transact('1', (account) => account.deposit(2, 3));
    expect(result).toEqual({ streamId: STREAM, revision: 2, position: 3n });
    expect(await amountsOf(store)).toEqual([1, 2, 3]);
    await accounts.transact('1', (account) => account.withdraw(6));
  });

  it('is that of what was appended also where another writer came after', async () => {
    const { store, accounts, process } = opened();
    const elsewhere = process();
    store.loseAnswers(1);
    store.beforeNextAppend(async () => undefined);
    store.beforeNextAppend(async () => {
      await new Repository(aggregateDefinition(Account), store.behind).transact('1', (account) => account.deposit(7));
    });
    const result = await accounts.transact('1', (account) => account.deposit(1));
    expect(result).toEqual({ streamId: STREAM, revision: 0, position: 1n });
    expect(await amountsOf(store)).toEqual([1, 7]);
    await accounts.transact('1', (account) => account.withdraw(8));
    expect((await elsewhere.load('1')).aggregate.balance).toBe(0);
  });

  it.each(['the same process', 'a fresh process'])(
    'for good is found by the command id when the caller asks %s again',
    async (which) => {
      const { store, accounts, process } = opened();
      store.loseAnswers(3);
      await expect(deposit(accounts, 'c1', 1, 2)).rejects.toThrow(StoreUnavailable);
      const again = which === 'a fresh process' ? process() : accounts;
      expect(await deposit(again, 'c1', 1, 2)).toEqual({ streamId: STREAM, revision: 1, position: 2n });
      expect(await amountsOf(store)).toEqual([1, 2]);
    },
  );

  it('for good is found by the command id also where another writer came after', async () => {
    const { store, accounts, process } = opened();
    store.loseAnswers(3);
    await expect(deposit(accounts, 'c1', 1)).rejects.toThrow(StoreUnavailable);
    await process().transact('1', (account) => account.deposit(5));
    for (const each of [accounts, process()]) {
      expect(await deposit(each, 'c1', 1)).toEqual({ streamId: STREAM, revision: 0, position: 1n });
    }
    expect(await amountsOf(store)).toEqual([1, 5]);
  });

  it('is recognised by the store itself where the reader cannot see that far yet', async () => {
    const { store, accounts, process } = opened();
    await accounts.transact('1', (account) => account.deposit(1));
    const behind = process();
    await behind.transact('1', (account) => account.deposit(0)); // in its memory from here on
    const first = await deposit(accounts, 'c1', 1);
    store.reads = 0;
    expect(await deposit(behind, 'c1', 1)).toEqual(first);
    expect(store.reads).toBe(0);
  });

  it('of a command without an id leaves the caller in doubt, but does no harm to what is in memory', async () => {
    const { store, accounts } = opened();
    store.loseAnswers(3);
    await expect(accounts.transact('1', () => event(Deposited, { amount: 1 }))).rejects.toThrow(StoreUnavailable);
    await accounts.transact('1', (account) => account.withdraw(1));
    expect(await amountsOf(store)).toEqual([1, 1]);
  });
});
