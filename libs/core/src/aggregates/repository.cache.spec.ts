import { describe, expect, it } from '@jest/globals';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Aggregate, Apply } from './aggregate.decorator.js';
import { Account, InsufficientFunds } from './example/account.js';
import { FaultyEventStore } from './example/faulty-event-store.js';
import { Repository } from './repository.js';

const STREAM = 'bank.account-1';

async function withBalance(balance: number, cacheSize?: number) {
  const store = new FaultyEventStore();
  const [accounts, elsewhere] = [cacheSize, 0].map(
    (size) => new Repository(aggregateDefinition(Account), store, { cacheSize: size }),
  );
  await accounts!.transact('1', (account) => account.deposit(balance));
  store.reads = store.eventsRead = 0;
  return { store, accounts: accounts!, elsewhere: elsewhere! };
}

describe('an aggregate in memory', () => {
  it('is asked without reading, and its events are appended at its revision', async () => {
    const { store, accounts } = await withBalance(10);
    for (let n = 0; n < 5; n++) await accounts.transact('1', (account) => account.withdraw(1));
    expect(store.reads).toBe(0);
    expect(store.appends.map(({ expected }) => expected)).toEqual(['no-stream', 0, 1, 2, 3, 4]);
    expect((await accounts.load('1')).aggregate.balance).toBe(5);
  });

  it('is never the reason for a refusal: the end of the stream is looked at first', async () => {
    const { accounts, elsewhere } = await withBalance(10);
    await elsewhere.transact('1', (account) => account.deposit(90));
    const seen: number[] = [];
    const result = await accounts.transact('1', (account) => {
      seen.push(account.balance);
      return account.withdraw(100);
    });
    expect(seen).toEqual([10, 100]);
    expect(result.revision).toBe(2);
  });

  it('is never the reason to do nothing', async () => {
    const { accounts, elsewhere } = await withBalance(10);
    await accounts.transact('1', (account) => account.empty());
    await elsewhere.transact('1', (account) => account.deposit(3));
    const result = await accounts.transact('1', (account) => account.empty());
    expect(result).toEqual({ streamId: STREAM, revision: 3, position: 4n });
  });

  it('is never the reason for an error of the code', async () => {
    const { accounts, elsewhere } = await withBalance(10);
    await elsewhere.transact('1', (account) => account.deposit(1));
    const result = await accounts.transact('1', (account) => {
      if (account.balance === 10) throw new RangeError('only of the past');
      return account.deposit(1);
    });
    expect(result.revision).toBe(2);
  });

  it('refuses once the end of the stream was seen, reading no more than that', async () => {
    const { store, accounts } = await withBalance(10);
    await expect(accounts.transact('1', (account) => account.withdraw(11))).rejects.toThrow(new InsufficientFunds(10));
    expect(store).toMatchObject({ reads: 1, eventsRead: 1 });
    await accounts.transact('1', (account) => account.withdraw(10));
    expect(store.reads).toBe(1);
  });

  it('refuses, and does nothing, on the latest state where that is of the same mind', async () => {
    const { accounts, elsewhere } = await withBalance(10);
    await elsewhere.transact('1', (account) => account.deposit(5));
    await expect(accounts.transact('1', (account) => account.withdraw(100))).rejects.toThrow(new InsufficientFunds(15));
    await elsewhere.transact('1', (account) => account.empty());
    expect(await accounts.transact('1', (account) => account.empty())).toMatchObject({ revision: 2 });
  });

  it('stays there after a refusal, also the first time it was asked', async () => {
    const { store, elsewhere, accounts } = await withBalance(10);
    await elsewhere.transact('2', (account) => account.deposit(1, 1, 1));
    store.reads = store.eventsRead = 0;
    for (const _ of [1, 2]) await expect(accounts.transact('2', (account) => account.withdraw(9))).rejects.toThrow();
    expect(store).toMatchObject({ reads: 2, eventsRead: 3 + 1 });
    await accounts.transact('2', (account) => account.withdraw(3));
    expect(store.reads).toBe(2);
  });

  it('stays there after a repeat', async () => {
    const { store, accounts, elsewhere } = await withBalance(10);
    await elsewhere.transact('2', (account) => account.deposit(1), { commandId: 'c1' });
    store.reads = store.eventsRead = 0;
    for (const _ of [1, 2]) await accounts.transact('2', (account) => account.deposit(1), { commandId: 'c1' });
    expect(store).toMatchObject({ reads: 3, eventsRead: 3 }); // the stream once, and its answer for each
  });

  it('is read anew when it had to make room', async () => {
    const { store, accounts } = await withBalance(10, 2);
    await accounts.transact('2', (account) => account.deposit(1));
    await accounts.transact('1', (account) => account.deposit(1)); // the second is now the one not used for longest
    await accounts.transact('3', (account) => account.deposit(1));
    store.reads = 0;
    await accounts.transact('1', (account) => account.withdraw(11));
    await accounts.transact('3', (account) => account.withdraw(1));
    expect(store.reads).toBe(0);
    await accounts.transact('2', (account) => account.withdraw(1));
    expect(store.reads).toBe(1);
  });

  it('is not kept where nothing is to be', async () => {
    const { store, accounts } = await withBalance(10, 0);
    await accounts.transact('1', (account) => account.withdraw(1));
    await accounts.transact('1', (account) => account.withdraw(1));
    expect(store.reads).toBe(2);
    await expect(accounts.transact('1', (account) => account.withdraw(9))).rejects.toThrow(new InsufficientFunds(8));
    expect(store.reads).toBe(3); // what was just read needs no second look
  });

  it('is not what load gives', async () => {
    const { accounts } = await withBalance(10);
    const { aggregate } = await accounts.load('1');
    aggregate.balance = 1_000;
    await expect(accounts.transact('1', (account) => account.withdraw(11))).rejects.toThrow(InsufficientFunds);
  });
});

@Event('library.page-written')
class PageWritten {
  readonly text!: string;
}

@Aggregate({ category: 'library.book', id: 'bookId' })
class Book {
  private readonly pages: string[] = [];

  @Apply(PageWritten)
  written({ text }: PageWritten) {
    this.pages.push(text);
  }
}

describe('aggregates in memory, all together', () => {
  const written = (length: number) => event(PageWritten, { text: 'x'.repeat(length) });

  function library(cacheBytes: number) {
    const store = new FaultyEventStore();
    const books = new Repository(aggregateDefinition(Book), store, { cacheBytes });
    const write = async (id: string, length: number, commandId?: string) => {
      store.reads = 0;
      await books.transact(id, () => written(length), { commandId });
      return store.reads;
    };
    return { write };
  }

  it('take no more bytes than they may, however few they are', async () => {
    const { write } = library(100_000);
    for (let n = 0; n < 20; n++) await write(`${n}`, 10_000);
    let kept = 0;
    for (let n = 19; n >= 0; n--) if ((await write(`${n}`, 1)) === 0) kept++;
    expect(kept).toBeGreaterThan(5);
    expect(kept).toBeLessThanOrEqual(10);
  });

  it('are measured again as they grow, and one that takes more than all may is not kept', async () => {
    const { write } = library(100_000);
    await write('1', 10_000);
    for (let n = 0; n < 30; n++) await write('1', 10_000);
    expect(await write('1', 1)).toBeGreaterThan(0);
    await write('2', 10);
    expect(await write('2', 10)).toBe(0);
  });

  it('count the commands whose ids they remember', async () => {
    const { write } = library(40_000);
    for (let n = 0; n < 600; n++) await write('1', 1, `of 1, ${n}`);
    await write('2', 1);
    for (let n = 0; n < 600; n++) await write('2', 1, `of 2, ${n}`);
    expect(await write('2', 1)).toBe(0);
    expect(await write('1', 1)).toBeGreaterThan(0);
  });
});
