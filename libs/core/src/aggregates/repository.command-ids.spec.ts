import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { event } from '../events/domain-event.js';
import { runInMessageContext } from '../messaging/message-context.js';
import { StoreUnavailable } from '../store/errors.js';
import { aggregateDefinition } from './aggregate-definition.js';
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

  it('is decided on again where it had no events: it was refused, or nothing came of it', async () => {
    const { accounts } = opened();
    const withdraw = () => accounts.transact('1', (account) => account.withdraw(5), { commandId: 'c1' });
    const empty = () => accounts.transact('1', (account) => account.empty(), { commandId: 'c2' });
    await expect(withdraw()).rejects.toThrow(InsufficientFunds);
    expect(await empty()).toMatchObject({ revision: -1 });
    await accounts.transact('1', (account) => account.deposit(8));
    expect(await withdraw()).toMatchObject({ revision: 1 });
    expect(await empty()).toMatchObject({ revision: 2 });
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
