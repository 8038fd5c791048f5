import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '../../test/until.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { StoreUnavailable } from '../store/errors.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Account } from './example/account.js';
import { eventsOf, FaultyEventStore } from './example/faulty-event-store.js';
import { Repository, type RepositoryOptions } from './repository.js';
import { Snapshots } from './snapshots.js';

const STREAM = 'bank.account-1';
const PATIENCE_MS = 200;

describe('A command on a store that does not answer', () => {
  const hanging = new Set<() => void>();
  const hang = () => new Promise<void>((resolve) => hanging.add(resolve));
  const letGo = () => hanging.forEach((resolve) => resolve());
  afterEach(letGo);

  const on = (store: FaultyEventStore, options: RepositoryOptions = {}) =>
    new Repository(aggregateDefinition(Account), store, { patienceMs: PATIENCE_MS, ...options });
  const deposit = (accounts: Repository<Account>, id = '1') => accounts.transact(id, (account) => account.deposit(1));

  it('comes to its end when its append hangs, and the next one on the stream goes on', async () => {
    const store = new FaultyEventStore();
    const accounts = on(store);
    store.beforeNextAppend(hang);
    const refused = deposit(accounts);
    await expect(refused).rejects.toThrow(StoreUnavailable);
    await expect(refused).rejects.toThrow('try again, under the same command id');
    expect(await deposit(accounts)).toMatchObject({ revision: 0 });
    letGo(); // too late: another has written
    expect(await deposit(accounts)).toMatchObject({ revision: 1 });
    expect((await eventsOf(store, STREAM)).map(({ revision }) => revision)).toEqual([0, 1]);
  });

  it.each(['readStream', 'a snapshot'])('comes to its end when %s hangs', async (what) => {
    const store = new FaultyEventStore();
    const documents = new MemoryDocumentStore();
    const snapshots = await Snapshots.open(documents);
    if (what === 'readStream')
      store.readStream = () => ({ [Symbol.asyncIterator]: () => ({ next: () => hang() as never }) }) as never;
    else snapshots.load = () => hang() as never;
    const definition = { ...aggregateDefinition(Account), snapshot: { every: 1, fingerprint: 'f' } };
    const accounts = new Repository(definition as never, store, { patienceMs: PATIENCE_MS, snapshots });
    await expect(accounts.load('1')).rejects.toThrow(StoreUnavailable);
    await expect(accounts.transact('1', () => undefined)).rejects.toThrow(StoreUnavailable);
  });

  it('is counted from its call, also while it waits behind others, and is then never begun', async () => {
    const store = new FaultyEventStore();
    const accounts = on(store);
    const begun: number[] = [];
    store.beforeNextAppend(hang);
    const waiting = Array.from({ length: 20 }, (_, index) =>
      accounts.transact('1', (account) => {
        begun.push(index);
        return account.deposit(1);
      }),
    );
    const [first, ...others] = await Promise.allSettled(waiting);
    expect(first).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable' } });
    for (const other of others) {
      if (other.status === 'rejected') expect(String(other.reason)).toContain('was not begun');
    }
    const done = others.filter(({ status }) => status === 'fulfilled').length;
    expect(begun).toHaveLength(1 + done);
    expect(await deposit(accounts)).toMatchObject({ revision: done });
  });

  it('is not tried again where another try would take it over its time', async () => {
    const store = new FaultyEventStore();
    const accounts = on(store, { patienceMs: 60_000 });
    store.beAwayFor(1);
    expect(await deposit(accounts)).toMatchObject({ revision: 0 });
    expect(store.appends).toHaveLength(2);

    const hasty = on(store, { patienceMs: 400 });
    store.beAwayFor(3);
    const began = performance.now();
    // A server that is given up after most of the patience, as an adapter does.
    store.beforeNextAppend(() => until('most of the time is over', () => performance.now() - began > 300));
    await expect(deposit(hasty, '2')).rejects.toThrow('nobody there');
    expect(store.appends).toHaveLength(3);
  });

  it('has the patience that the store says', async () => {
    const store = Object.assign(new FaultyEventStore(), { patienceMs: PATIENCE_MS });
    const accounts = new Repository(aggregateDefinition(Account), store);
    store.beforeNextAppend(hang);
    await expect(deposit(accounts)).rejects.toThrow(StoreUnavailable);
  });
});
