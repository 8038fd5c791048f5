import { Aggregate, aggregateDefinition, Event, event, MemoryDocumentStore, MemoryEventStore } from '@gesta/core';
import { Repository } from '@gesta/core';
import { mistake, type Chapter } from './wrong-use.js';

@Event('bank.noted')
class Noted {
  readonly note!: unknown;
}
@Event('bank.strange')
class Strange {}
@Aggregate({ category: 'bank.account', id: 'accountId', events: [Noted] })
class Account {}

const accounts = () => new Repository(aggregateDefinition(Account), new MemoryEventStore());
const documents = () => new MemoryDocumentStore().collection('documents');
const noting = (note: unknown) => accounts().transact('1', () => event(Noted, { note }));

export const running: Chapter = {
  title: 'Deciding and asking',
  file: 'running.ts',
  mistakes: [
    mistake('A `Map` in an event', () => noting(new Map([['a', 1]]))),
    mistake('A `bigint` in an event', () => noting({ cents: 5n })),
    mistake('A number that is none', () => noting([1, Number.NaN])),
    mistake('An object of which nobody sees what it holds', () => {
      class Pin {
        #digits = '1234';
        isRight(digits: string) {
          return this.#digits === digits;
        }
      }
      return noting(new Pin());
    }),
    mistake('An event that the aggregate did not declare', () => accounts().transact('1', () => event(Strange, {}))),
    mistake('A decision that is async', () =>
      accounts().transact('1', (async () => event(Noted, { note: 1 })) as never),
    ),
    mistake('A promise in what a decision returns', () =>
      accounts().transact('1', () => [Promise.resolve(event(Noted, { note: 1 }))] as never),
    ),
    mistake('An id that no stream can have', () => accounts().transact('', () => event(Noted, { note: 1 }))),
    mistake('A variable in a filter that is not set', async () => (await documents()).find({ customer: undefined })),
    mistake('A `Date` in a filter', async () => (await documents()).find({ at: { $gt: new Date(0) } })),
    mistake('An operator that is not in the language', async () => (await documents()).find({ $where: 'true' })),
    mistake('A pattern from a search box that is none', async () =>
      (await documents()).find({ name: { $regex: '(' } }),
    ),
    mistake('A pattern that cannot be run in a bounded time', async () =>
      (await documents()).find({ name: { $regex: '(?=.*a)(?=.*b)' } }),
    ),
  ],
};
