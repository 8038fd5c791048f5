import { describe, expect, it, jest } from '@jest/globals';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import { NotJson } from '../events/json.js';
import { ValidationFailed, type Validator } from '../events/validation-failed.js';
import { runInMessageContext } from '../messaging/message-context.js';
import { StoreUnavailable } from '../store/errors.js';
import { InvalidStreamId } from '../store/stream-id.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Aggregate, Apply } from './aggregate.decorator.js';
import { Account, Deposited, InsufficientFunds, Withdrawn } from './example/account.js';
import { eventsOf, FaultyEventStore } from './example/faulty-event-store.js';
import { FoldFailed } from './fold-failed.js';
import { Repository, type Commit, type RepositoryOptions } from './repository.js';

const STREAM = 'bank.account-1';

function opened(options?: RepositoryOptions) {
  const store = new FaultyEventStore();
  return { store, accounts: new Repository(aggregateDefinition(Account), store, options) };
}

describe('a decision', () => {
  it('is made on what was loaded, and what it states is appended', async () => {
    const { store, accounts } = opened();
    await accounts.transact('1', (account) => account.deposit(10));
    await accounts.transact('1', (account) => account.withdraw(account.balance - 3));
    expect((await eventsOf(store, STREAM)).map(({ type, version, data }) => ({ type, version, data }))).toEqual([
      { type: 'bank.deposited', version: 1, data: { amount: 10 } },
      { type: 'bank.withdrawn', version: 1, data: { amount: 7 } },
    ]);
    expect(await accounts.load('1')).toEqual({ aggregate: expect.objectContaining({ balance: 3 }), revision: 1 });
  });

  it('may state several events, which are appended as one', async () => {
    const { store, accounts } = opened();
    const result = await accounts.transact('1', (account) => account.deposit(1, 2, 3));
    expect(store.appends).toHaveLength(1);
    expect(result.revision).toBe(2);
    expect((await accounts.load('1')).aggregate.balance).toBe(6);
  });

  it('may state one event as it is', async () => {
    const { accounts } = opened();
    expect(await accounts.transact('1', () => event(Deposited, { amount: 1 }))).toMatchObject({ revision: 0 });
  });

  it('resolves to the place of its last event, which a read model can wait for', async () => {
    const { store, accounts } = opened();
    await accounts.transact('other', (account) => account.deposit(1));
    const result = await accounts.transact('1', (account) => account.deposit(1, 2));
    const last = (await eventsOf(store, STREAM)).at(-1)!;
    expect(result).toEqual({ streamId: STREAM, revision: 1, position: last.position });
    expect(last.revision).toBe(1);
    expect((await store.head()).position).toBe(result.position);
  });

  it('that states nothing appends nothing, and resolves to where the stream is', async () => {
    const { store, accounts } = opened();
    const deposited = await accounts.transact('1', (account) => account.deposit(5));
    const emptied = await accounts.transact('1', (account) => account.empty());
    await accounts.transact('2', (account) => account.deposit(5));
    store.appends.length = 0;
    expect(emptied.revision).toBe(deposited.revision + 1);
    expect(await accounts.transact('1', (account) => account.empty())).toEqual(emptied);
    expect(await accounts.transact('1', () => [])).toEqual(emptied);
    expect(store.appends).toEqual([]);
  });

  it('that states nothing of a stream that is not there resolves to no place', async () => {
    const { accounts } = opened();
    const result = await accounts.transact('1', (account) => account.empty());
    expect(result).toEqual({ streamId: STREAM, revision: -1, position: 0n });
  });

  it('that refuses appends nothing, and its error reaches the caller as it is', async () => {
    const { store, accounts } = opened();
    await accounts.transact('1', (account) => account.deposit(5));
    const refusal = await accounts.transact('1', (account) => account.withdraw(6)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InsufficientFunds);
    expect(refusal).toMatchObject({ name: 'InsufficientFunds', balance: 5 });
    expect(await eventsOf(store, STREAM)).toHaveLength(1);
  });

  it('that fails otherwise appends nothing either, and what it did to the aggregate is forgotten', async () => {
    const { accounts } = opened();
    await accounts.transact('1', (account) => account.deposit(5));
    const failing = accounts.transact('1', (account) => {
      account.balance = 1_000;
      throw new RangeError('a fault');
    });
    await expect(failing).rejects.toThrow(new RangeError('a fault'));
    await expect(accounts.transact('1', (account) => account.withdraw(6))).rejects.toThrow(InsufficientFunds);
  });

  it('returns events and nothing else', async () => {
    const { store, accounts } = opened();
    await expect(accounts.transact('1', () => 'deposit' as never)).rejects.toThrow(TypeError);
    await expect(accounts.transact('1', (async () => undefined) as never)).rejects.toThrow('a decision is synchronous');
    expect(store.appends).toEqual([]);
  });

  it('is rejected, not thrown, where the id can be no part of a stream', async () => {
    const { accounts } = opened();
    await expect(accounts.transact('', (account) => account.deposit(1))).rejects.toThrow(InvalidStreamId);
  });

  it('carries the headers that it is given and those of the surrounding message', async () => {
    const { store, accounts } = opened();
    await runInMessageContext({ commandId: 'c1', headers: { correlationId: 'r1', userId: 'u1' } }, () =>
      accounts.transact('1', (account) => account.deposit(1, 2), { headers: { userId: 'u2' } }),
    );
    const headers = { correlationId: 'r1', causationId: 'c1', userId: 'u2' };
    for (const recorded of await eventsOf(store, STREAM)) expect(recorded).toMatchObject({ commandId: 'c1', headers });
  });
});

describe('commands', () => {
  it('of one stream are decided in the order of their coming', async () => {
    const { store, accounts } = opened();
    const decided: number[] = [];
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const results = await Promise.all(
      numbers.map((n) =>
        accounts.transact('1', () => {
          decided.push(n);
          return event(Deposited, { amount: n });
        }),
      ),
    );
    expect(decided).toEqual(numbers);
    expect(results.map(({ revision }) => revision)).toEqual(numbers);
    expect((await eventsOf(store, STREAM)).map(({ data }) => data.amount)).toEqual(numbers);
  });

  it('of one stream go on after one that was refused', async () => {
    const { accounts } = opened();
    const [refused, deposited] = await Promise.allSettled([
      accounts.transact('1', (account) => account.withdraw(1)),
      accounts.transact('1', (account) => account.deposit(1)),
    ]);
    expect(refused.status).toBe('rejected');
    expect(deposited).toMatchObject({ status: 'fulfilled', value: { revision: 0 } });
  });

  it('of different streams go side by side', async () => {
    const { store, accounts } = opened();
    const slow = Promise.withResolvers<void>();
    store.beforeNextAppend(() => slow.promise);
    const first = accounts.transact('slow', (account) => account.deposit(1));
    const behindIt = accounts.transact('slow', (account) => account.deposit(2));
    await accounts.transact('1', (account) => account.deposit(1));
    expect(store.appends.map(({ streamId }) => streamId)).toEqual(['bank.account-slow', STREAM]);
    slow.resolve();
    expect([(await first).revision, (await behindIt).revision]).toEqual([0, 1]);
  });
});

describe('before anything is appended', () => {
  const refusingNegatives = (): jest.Mock<Validator> =>
    jest.fn((schema, data) => {
      if ((data as Deposited).amount > 0) return;
      throw new ValidationFailed(schema.name, [{ field: 'amount', rules: ['amount must be positive'] }]);
    });

  it('every event is checked by the rules of its class', async () => {
    const validate = refusingNegatives();
    const { accounts } = opened({ validate });
    await accounts.transact('1', () => [event(Deposited, { amount: 4 }), event(Withdrawn, { amount: 3 })]);
    expect(validate.mock.calls).toEqual([
      [Deposited, { amount: 4 }],
      [Withdrawn, { amount: 3 }],
    ]);
  });

  it('one invalid event of several is reason enough to append none', async () => {
    const { store, accounts } = opened({ validate: refusingNegatives() });
    await accounts.transact('1', (account) => account.deposit(1));
    await expect(accounts.transact('1', (account) => account.deposit(1, -1, 1))).rejects.toThrow(ValidationFailed);
    expect(store.appends).toHaveLength(1);
    expect((await accounts.transact('1', (account) => account.empty())).revision).toBe(1);
    expect((await eventsOf(store, STREAM)).map(({ data }) => data.amount)).toEqual([1, 1]);
  });

  it('a check that takes its time is waited for', async () => {
    const { store, accounts } = opened({
      validate: async (schema) => {
        await Promise.resolve();
        throw new ValidationFailed(schema.name, []);
      },
    });
    await expect(accounts.transact('1', (account) => account.deposit(1))).rejects.toThrow(ValidationFailed);
    expect(store.appends).toEqual([]);
  });

  it('what JSON cannot hold is refused, naming where it is', async () => {
    const { store, accounts } = opened();
    const deposit = (amount: unknown) => accounts.transact('1', () => event(Deposited, { amount: amount as number }));
    await expect(deposit(NaN)).rejects.toThrow(NotJson);
    await expect(deposit({ in: [1, { cents: 5n }] })).rejects.toThrow('amount.in[1].cents is a bigint');
    await expect(
      accounts.transact('1', (account) => account.deposit(1), { headers: { depth: Infinity } }),
    ).rejects.toThrow('headers.depth is Infinity');
    expect(store.appends).toEqual([]);
  });
});

describe('who listens to commits', () => {
  it('hears of every commit once it is durable, with its events as they were recorded', async () => {
    const commits: (Commit & { stored: number })[] = [];
    const { store, accounts } = opened({
      committed: (commit) => commits.push({ ...commit, stored: store.appends.length }),
    });
    const context = { commandId: 'c1', headers: { correlationId: 'r1' } };
    const result = await accounts.transact('1', (account) => account.deposit(1, 2), context);
    expect(commits).toEqual([
      {
        ...result,
        events: [1, 2].map((amount) => ({ type: 'bank.deposited', eventClass: Deposited, data: { amount } })),
        commandId: 'c1',
        headers: { correlationId: 'r1', causationId: 'c1' },
        stored: 1,
      },
    ]);
  });

  it('hears nothing of a refusal, an empty decision, a repeat or a failure', async () => {
    const committed = jest.fn();
    const { store, accounts } = opened({ committed });
    await accounts.transact('1', (account) => account.deposit(1), { commandId: 'c1' });
    committed.mockClear();
    await accounts.transact('1', (account) => account.deposit(1), { commandId: 'c1' });
    await accounts.transact('2', (account) => account.empty());
    await expect(accounts.transact('1', (account) => account.withdraw(9))).rejects.toThrow(InsufficientFunds);
    store.beAwayFor(3);
    await expect(accounts.transact('1', (account) => account.deposit(1))).rejects.toThrow(StoreUnavailable);
    expect(committed).not.toHaveBeenCalled();
  });
});

describe('a store that is away', () => {
  it('for a moment is tried again, with the same events', async () => {
    const { store, accounts } = opened();
    store.beAwayFor(2);
    expect(await accounts.transact('1', (account) => account.deposit(1, 2))).toMatchObject({ revision: 1 });
    expect(store.appends).toHaveLength(3);
    expect(store.appends[2]).toEqual(store.appends[0]);
    expect(await eventsOf(store, STREAM)).toHaveLength(2);
  });

  it('for longer is no longer waited for; later it works again', async () => {
    const { store, accounts } = opened();
    await accounts.transact('1', (account) => account.deposit(1));
    store.beAwayFor(3);
    await expect(accounts.transact('1', (account) => account.deposit(2))).rejects.toThrow(StoreUnavailable);
    await accounts.transact('1', (account) => account.deposit(4));
    expect((await accounts.load('1')).aggregate.balance).toBe(5);
  });
});

describe('a fold that throws', () => {
  class Nonsense extends InsufficientFunds {}

  @Aggregate({ category: 'bank.account', id: 'accountId' })
  class Fragile {
    total = 0;

    @Apply(Deposited)
    deposited({ amount }: Deposited) {
      this.total += amount;
      if (amount < 0) throw new Nonsense(0);
    }
  }

  const amountsIn = async (store: FaultyEventStore) => (await eventsOf(store, STREAM)).map(({ data }) => data.amount);

  it('is found before anything is durable, and never passes for a refusal', async () => {
    const { store } = opened();
    const heard: Commit[] = [];
    const options = { committed: (commit: Commit) => void heard.push(commit) };
    const fragile = new Repository(aggregateDefinition(Fragile), store, options);
    const stated = [1, -1].map((amount) => event(Deposited, { amount }));
    for (let repeat = 0; repeat < 2; repeat++) {
      const error = await fragile
        .transact('1', () => stated, { commandId: 'the same' })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FoldFailed);
      expect(error).toMatchObject({
        message: expect.stringContaining(
          'Fragile.deposited failed to fold bank.deposited at revision 1 of bank.account-1: nothing was appended',
        ),
        cause: expect.any(Nonsense),
      });
    }
    expect(await amountsIn(store)).toEqual([]);
    expect(heard).toEqual([]);
    // The same command may come to something else once its fold is mended.
    await fragile.transact('1', () => event(Deposited, { amount: 2 }), { commandId: 'the same' });
    expect(await amountsIn(store)).toEqual([2]);
  });

  it('gets what is recorded, not what was stated', async () => {
    @Event('bank.booked')
    class Booked {
      readonly at!: Date;
    }
    @Aggregate({ category: 'bank.account', id: 'accountId' })
    class Book {
      year = 0;
      // @ts-expect-error -- a text is a text in a fold, whatever it was stated as: JsonShape<Booked> says so
      @Apply(Booked)
      booked({ at }: Booked) {
        this.year = at.getFullYear();
      }
    }
    const { store } = opened();
    const books = new Repository(aggregateDefinition(Book), store);
    await expect(books.transact('1', () => event(Booked, { at: new Date() }))).rejects.toThrow('nothing was appended');
    expect(await eventsOf(store, STREAM)).toEqual([]);
  });

  it('leaves no half-folded state behind', async () => {
    const { store } = opened();
    const fragile = new Repository(aggregateDefinition(Fragile), store);
    await fragile.transact('1', () => event(Deposited, { amount: 1 }));
    const amounts = [5, -1].map((amount) => event(Deposited, { amount }));
    await expect(fragile.transact('1', () => amounts)).rejects.toThrow(FoldFailed);
    let total = 0;
    await fragile.transact('1', (account) => ((total = account.total), event(Deposited, { amount: 2 })));
    expect(total).toBe(1);
    expect(await amountsIn(store)).toEqual([1, 2]);
  });

  it('says of an event that is in the log only that it cannot be folded', async () => {
    const { store, accounts } = opened();
    await accounts.transact('1', () => event(Deposited, { amount: -1 }));
    const fragile = new Repository(aggregateDefinition(Fragile), store);
    await expect(fragile.load('1')).rejects.toThrow(/of bank\.account-1$/);
  });
});
