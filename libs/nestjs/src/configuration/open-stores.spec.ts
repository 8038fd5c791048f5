import { describe, expect, it } from '@jest/globals';
import { MemoryEventStore, memory, type StoreAdapter } from '@gesta/core';
import { openStores } from './open-stores.js';

const now = () => new Date();

describe('openStores', () => {
  it('says which store cannot be opened, and not by which password', async () => {
    const url = 'mongodb://user:s3cr3t@host/db';
    const failing: StoreAdapter = {
      scheme: 'mongodb',
      example: 'mongodb://localhost/db',
      openDocumentStore: async (given) => {
        throw new Error(`no such host in ${given} (s3cr3t)`);
      },
    };
    const source = 'by default';
    const events = { adapter: memory(), url: 'memory:', source };
    const documents = { adapter: failing, url, source };
    const opening = openStores({ events, documents, unknownEvents: undefined }, { now });
    await expect(opening).rejects.toThrow(
      'The document store at mongodb://***@host/db cannot be opened: no such host in mongodb://***@host/db (***)',
    );
    await expect(opening).rejects.not.toHaveProperty('cause.message');
  });

  it('keeps no store open when the other one fails', async () => {
    const store = new MemoryEventStore({ now });
    const adapter: StoreAdapter = {
      scheme: 'half',
      example: 'half:',
      openEventStore: async () => store,
      openDocumentStore: async () => {
        throw new Error('out of order');
      },
    };
    const location = { adapter, url: 'half:', source: 'by default' };
    const opening = openStores({ events: location, documents: location, unknownEvents: undefined }, { now });
    await expect(opening).rejects.toThrow('The document store at half: cannot be opened: out of order');
    await expect(store.head()).rejects.toThrow('closed');
  });
});
