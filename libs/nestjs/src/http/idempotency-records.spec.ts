import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryDocumentStore, StoreUnavailable, type DocumentStore } from '@gesta/core';
import { IdempotencyRecords, type KeptAnswer, type RecordsOptions, type Ticket } from './idempotency-records.js';
import { RequestInProgress } from './request-in-progress.js';

const answer = (body: string): KeptAnswer => ({ status: 201, body, refused: false });

describe('IdempotencyRecords', () => {
  let documents: MemoryDocumentStore;
  beforeEach(() => {
    documents = new MemoryDocumentStore();
  });
  const opened = (options: RecordsOptions = {}, store: DocumentStore = documents) =>
    new IdempotencyRecords(store, { ttlMs: 60, patienceMs: 20_000, ...options });
  const begun = async (records: IdempotencyRecords, id = 'k', fingerprint = 'f'): Promise<Ticket> => {
    const found = await records.begin(id, fingerprint);
    if (found.kind !== 'begun') throw new Error(`It is ${found.kind}`);
    return found.ticket;
  };

  it('has one process carry a request out, and the other wait for its answer', async () => {
    const [one, two] = [opened({ ttlMs: 60_000 }), opened()];
    const ticket = await begun(one);
    const waiting = two.begin('k', 'f');
    expect(await two.begin('k', 'other')).toEqual({ kind: 'other' });
    await one.keep(ticket, answer('first'));
    expect(await waiting).toEqual({ kind: 'answered', answer: answer('first') });
  });

  it('says that it is in progress where the answer takes longer than is waited for', async () => {
    const ticket = await begun(opened({ ttlMs: 60_000 }));
    await expect(opened({ patienceMs: 20 }).begin('k', 'f')).rejects.toThrow(RequestInProgress);
    await ticket.stop();
  });

  it('is carried out by the next process where nothing moves, and whoever stood still gives the answer of that one', async () => {
    const [one, two] = [opened(), opened()];
    const still = await begun(one);
    await still.stop();
    const ticket = await begun(two);
    const late = one.keep(still, answer('late'));
    await two.keep(ticket, answer('first'));
    expect(await late).toEqual(answer('first'));
    expect(await opened().begin('k', 'f')).toEqual({ kind: 'answered', answer: answer('first') });
  });

  it('begins at once where the one before failed, and is free for any other where it came to nothing', async () => {
    const [one, two] = [opened({ ttlMs: 60_000 }), opened({ ttlMs: 60_000 })];
    await one.giveUp(await begun(one));
    expect(await two.begin('k', 'other')).toEqual({ kind: 'other' });
    await two.release(await begun(two));
    await one.keep(await begun(one, 'k', 'other'), answer('other'));
    expect(await two.begin('k', 'f')).toEqual({ kind: 'other' });
  });

  it('keeps the answer also where it is not known whether a sign of life was written', async () => {
    let lose = false;
    const lossy = new Proxy(documents, {
      get(target, field) {
        if (field !== 'collection') return (Reflect.get(target, field, target) as () => unknown).bind(target);
        return async (name: string) => {
          const collection = await target.collection(name);
          return Object.assign(Object.create(collection) as typeof collection, {
            get: collection.get.bind(collection),
            count: collection.count.bind(collection),
            put: async (...asked: Parameters<typeof collection.put>) => {
              const refused = await collection.put(...asked);
              if (lose) throw new StoreUnavailable('The answer was lost');
              return refused;
            },
          });
        };
      },
    });
    const records = opened({ ttlMs: 8 }, lossy);
    const ticket = await begun(records);
    lose = true;
    const collection = await documents.collection('gesta.idempotency.part-0');
    while ((await collection.get(['k'])).get('k')!.version < 2n) await new Promise(setImmediate);
    lose = false;
    expect(await records.keep(ticket, answer('first'))).toEqual(answer('first'));
    expect(await opened().begin('k', 'f')).toEqual({ kind: 'answered', answer: answer('first') });
  });

  it('remembers so many at least, lets go of those before, and processes that come late do the same', async () => {
    const [one, late] = [opened({ remembered: 10 }), opened({ remembered: 10 })];
    await late.keep(await begun(late, 'k0'), answer('k0'));
    for (let n = 1; n <= 45; n++) {
      await one.keep(await begun(one, `k${n}`), answer(`k${n}`));
      for (let before = Math.max(0, n - 9); before <= n; before++) {
        const known = await (n % 2 ? one : late).begin(`k${before}`, 'f');
        expect(known).toEqual({ kind: 'answered', answer: answer(`k${before}`) });
      }
    }
    const parts = (await documents.collections()).filter((name) => name.startsWith('gesta.idempotency.part-'));
    expect(parts.length).toBeLessThanOrEqual(2);
    expect(await begun(late, 'k0')).toBeDefined();
  });

  it('knows the answers that older versions kept by days', async () => {
    const day = await documents.collection('gesta.idempotency.2026-11-21');
    const known = { fingerprint: 'f', begunAt: 1, answer: { status: 201, refused: false } };
    await day.put([
      { key: 'answered', version: 2n, body: known },
      { key: 'begun', version: 1n, body: { fingerprint: 'f', begunAt: 1 } },
    ]);
    const records = opened();
    expect(await records.begin('answered', 'f')).toMatchObject({ kind: 'answered', answer: { status: 201 } });
    expect(await records.begin('begun', 'other')).toEqual({ kind: 'other' });
    await records.keep(await begun(records, 'begun'), answer('now'));
    expect(await opened().begin('begun', 'f')).toMatchObject({ kind: 'answered', answer: { body: 'now' } });
  });
});
