import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { event } from '../events/domain-event.js';
import type { Notice } from '../observability/notice.js';
import { WrongExpectedRevision } from '../store/errors.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { ConcurrencyConflict } from './concurrency-conflict.js';
import { Account, Deposited, InsufficientFunds } from './example/account.js';
import { eventsOf, FaultyEventStore } from './example/faulty-event-store.js';
import { Repository, type RepositoryOptions } from './repository.js';

const STREAM = 'bank.account-1';

/** Two processes on one store: here, and elsewhere. */
function twoProcesses(options?: RepositoryOptions) {
  const store = new FaultyEventStore();
  const [accounts, elsewhere] = [options, {}].map((each) => new Repository(aggregateDefinition(Account), store, each));
  return { store, accounts: accounts!, elsewhere: elsewhere! };
}

describe('another writer that got there first', () => {
  it('makes the command decide again, on what the other one did', async () => {
    const { store, accounts, elsewhere } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    store.beforeNextAppend(() => elsewhere.transact('1', (account) => account.withdraw(4)));
    const seen: number[] = [];
    const result = await accounts.transact('1', (account) => {
      seen.push(account.balance);
      return account.empty();
    });
    expect(seen).toEqual([10, 6]);
    expect(result.revision).toBe(2);
    expect((await eventsOf(store, STREAM)).map(({ data }) => data.amount)).toEqual([10, 4, 6]);
  });

  it('is seen where the stream was not there before', async () => {
    const { store, accounts, elsewhere } = twoProcesses();
    store.beforeNextAppend(() => elsewhere.transact('1', (account) => account.deposit(1)));
    expect(await accounts.transact('1', (account) => account.deposit(2))).toMatchObject({ revision: 1 });
    expect((await accounts.load('1')).aggregate.balance).toBe(3);
  });

  it('may turn the decision into a refusal', async () => {
    const { store, accounts, elsewhere } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    store.beforeNextAppend(() => elsewhere.transact('1', (account) => account.withdraw(4)));
    const refused = accounts.transact('1', (account) => account.withdraw(10));
    await expect(refused).rejects.toThrow(new InsufficientFunds(6));
  });

  it('may turn the decision into an empty one', async () => {
    const { store, accounts, elsewhere } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    store.beforeNextAppend(() => elsewhere.transact('1', (account) => account.empty()));
    const result = await accounts.transact('1', (account) => account.empty());
    expect(result).toEqual({ streamId: STREAM, revision: 1, position: 2n });
  });

  it('is noticed', async () => {
    const notices: Notice[] = [];
    const { store, accounts, elsewhere } = twoProcesses({ notice: (notice) => notices.push(notice) });
    for (const _ of [1, 2]) store.beforeNextAppend(() => write(store));
    await accounts.transact('1', (account) => account.deposit(1));
    expect(notices).toEqual([2, 3].map((attempt) => ({ kind: 'redecided', streamId: STREAM, attempt })));
    expect(await elsewhere.transact('1', () => undefined)).toMatchObject({ revision: 2 });
  });

  it('time and again makes the command give up, having appended nothing', async () => {
    const { store, accounts } = twoProcesses({ maxDecisions: 3 });
    for (const _ of [1, 2, 3]) store.beforeNextAppend(() => write(store));
    const decisions: number[] = [];
    const error = await accounts
      .transact('1', (account) => {
        decisions.push(account.balance);
        return account.deposit(100);
      })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConcurrencyConflict);
    expect(error).toMatchObject({ streamId: STREAM, attempts: 3, cause: expect.any(WrongExpectedRevision) });
    expect(decisions).toEqual([0, 1, 2]);
    expect((await eventsOf(store, STREAM)).map(({ data }) => data.amount)).toEqual([1, 1, 1]);
    expect(await accounts.transact('1', (account) => account.deposit(100))).toMatchObject({ revision: 3 });
  });

  it('holds up ten decisions, not more, where nothing else is said', async () => {
    const { store, accounts } = twoProcesses();
    for (let n = 0; n < 11; n++) store.beforeNextAppend(() => write(store));
    await expect(accounts.transact('1', (account) => account.deposit(100))).rejects.toMatchObject({ attempts: 10 });
    expect(store.appends).toHaveLength(10);
  });

  it('holds up nobody but the commands of its stream', async () => {
    const { accounts, elsewhere } = twoProcesses();
    const deposit = (id: string) => accounts.transact(id, (account) => account.deposit(1));
    await deposit('1');
    await elsewhere.transact('1', (account) => account.deposit(1));
    const order: string[] = [];
    const done = (what: string) => () => void order.push(what);
    const contended = [deposit('1').then(done('1')), deposit('1').then(done('1, then'))];
    await Promise.all([...contended, ...['2', '3', '4'].map((id) => deposit(id).then(done(id)))]);
    expect(order).toEqual(['2', '3', '4', '1', '1, then']);
  });
});

describe('what was folded before it lost to another writer', () => {
  it.each([0, 10_000])('is in no state, with %i aggregates in memory', async (cacheSize) => {
    const { store, accounts, elsewhere } = twoProcesses({ cacheSize });
    const seen: number[] = [];
    for (let n = 0; n < 30; n++) {
      if (n % 3 > 0) store.beforeNextAppend(() => elsewhere.transact('1', (account) => account.deposit(100)));
      await accounts.transact('1', (account) => (seen.push(account.balance), account.deposit(1)));
    }
    expect(seen).toHaveLength(50);
    expect(seen.every((balance, index) => index === 0 || balance > seen[index - 1]!)).toBe(true);
    expect((await accounts.load('1')).aggregate.balance).toBe(20 * 100 + 30);
    expect(seen.at(-1)).toBe(20 * 100 + 29);
  });

  it('costs one reading of the stream, however often it happens', async () => {
    const { store, accounts, elsewhere } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(...Array.from({ length: 300 }, () => 1)));
    await elsewhere.transact('1', () => undefined);
    store.eventsRead = 0;
    for (let n = 0; n < 20; n++) {
      store.beforeNextAppend(() => elsewhere.transact('1', (account) => account.deposit(1)));
      await accounts.transact('1', (account) => account.deposit(1));
    }
    expect(store.eventsRead).toBeLessThan(3 * 300);
  });

  it('is not taken for a state where the store went away', async () => {
    const { store, accounts } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    store.beAwayFor(3);
    await expect(accounts.transact('1', (account) => account.deposit(5))).rejects.toThrow('nobody there');
    await accounts.transact('1', ({ balance }) => void expect(balance).toBe(10));
  });
});

describe('a stream that was deleted or cut elsewhere', () => {
  it('is read anew when the command finds out at its append', async () => {
    const { store, accounts } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    await store.deleteStream(STREAM, { expected: 'any' });
    const result = await accounts.transact('1', (account) => account.withdraw(0));
    expect(result.revision).toBe(1);
    expect((await accounts.load('1')).aggregate.balance).toBe(0);
    await expect(accounts.transact('1', (account) => account.withdraw(1))).rejects.toThrow(new InsufficientFunds(0));
  });

  it('is read anew before a refusal or an empty decision is given', async () => {
    const { store, accounts } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    await store.deleteStream(STREAM, { expected: 'any' });
    const balances: number[] = [];
    const look = () =>
      accounts.transact('1', (account) => {
        balances.push(account.balance);
        return undefined;
      });
    expect(await look()).toEqual({ streamId: STREAM, revision: -1, position: 0n });
    expect(balances).toEqual([10, 0]);
  });

  it('is read anew when others have written to it since', async () => {
    const { store, accounts, elsewhere } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10));
    await store.deleteStream(STREAM, { expected: 'any' });
    await elsewhere.transact('1', (account) => account.deposit(1));
    await expect(accounts.transact('1', (account) => account.withdraw(5))).rejects.toThrow(new InsufficientFunds(1));
  });

  it('is what is left of it', async () => {
    const { store, accounts } = twoProcesses();
    await accounts.transact('1', (account) => account.deposit(10, 5, 1));
    await store.truncateStream(STREAM, 2);
    const fresh = new Repository(aggregateDefinition(Account), store);
    expect(await fresh.load('1')).toEqual({ aggregate: expect.objectContaining({ balance: 1 }), revision: 2 });
    expect(await fresh.transact('1', (account) => account.deposit(1))).toMatchObject({ revision: 3 });
  });
});

it('two processes contending for streams apply every command exactly once', async () => {
  const command = fc.record({ process: fc.nat(1), account: fc.nat(1), amount: fc.integer({ min: 1, max: 9 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 40 }), fc.nat(3), async (commands, cacheSize) => {
      const store = new FaultyEventStore();
      const options = { cacheSize, maxDecisions: 1_000 };
      const processes = [1, 2].map(() => new Repository(aggregateDefinition(Account), store, options));
      const results = await Promise.all(
        commands.map(({ process, account, amount }) =>
          processes[process]!.transact(String(account), ({ balance }) =>
            event(Deposited, { amount, ...(balance < 0 && { impossible: true }) }),
          ),
        ),
      );
      expect(new Set(results.map(({ position }) => position)).size).toBe(commands.length);
      for (const account of [0, 1]) {
        const amounts = commands.filter((each) => each.account === account).map(({ amount }) => amount);
        const total = amounts.reduce((sum, amount) => sum + amount, 0);
        const recorded = (await eventsOf(store, `bank.account-${account}`)).map(({ data }) => data.amount as number);
        expect(recorded.sort()).toEqual(amounts.sort());
        for (const process of processes) {
          let inMemory: number | undefined;
          await process.transact(String(account), ({ balance }) => void (inMemory = balance));
          expect(inMemory).toBe(total);
        }
      }
    }),
    { numRuns: 40 },
  );
});

/** Someone without a repository deposits 1. */
async function write(store: FaultyEventStore): Promise<void> {
  const other = new Repository(aggregateDefinition(Account), new FaultyEventStore(store.behind));
  await other.transact('1', (account) => account.deposit(1));
}
