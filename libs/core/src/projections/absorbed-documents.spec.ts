import { beforeEach, describe, expect, it } from '@jest/globals';
import { collectionThrough } from '../../test/fallible-stores.js';
import { keyed, record, wholeLog } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking } from '../../test/parcels.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { DocumentCollection } from '../store/document-store.js';
import { AbsorbedDocuments } from './absorbed-documents.js';
import { DocumentMark } from '../readers/document-mark.js';
import { ProjectionConsumer } from './projection-consumer.js';
import { projectionDefinition } from './projection-definition.js';

const definition = projectionDefinition(ParcelTracking, new ParcelTracking());
const PARCELS = 1_600;

describe('absorbed documents', () => {
  let collection: DocumentCollection;
  /** One for each put so far: it is done once the gate is open. */
  let puts: ReturnType<typeof gate>[];
  let done: number;
  let refusal: Error | undefined;

  beforeEach(async () => {
    [puts, done, refusal] = [[], 0, undefined];
    const held = async <T>(call: string, work: () => Promise<T>) => {
      if (!call.startsWith('put')) return work();
      const going = gate();
      puts.push(going);
      await going.opened;
      if (done++ === 0 && refusal) throw refusal;
      return work();
    };
    collection = collectionThrough(held, await new MemoryDocumentStore().collection('tracking'));
  });

  /** Absorbs one event for each of many parcels. */
  async function absorbed(): Promise<AbsorbedDocuments> {
    const store = new MemoryEventStore();
    for (let n = 0; n < PARCELS; n++) {
      await record(store, `parcels.parcel-p${n}`, event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 }));
    }
    const documents = new AbsorbedDocuments(definition, collection, new DocumentMark('tracking'), true);
    await documents.fold(keyed(new ProjectionConsumer(definition, collection), await wholeLog(store)));
    return documents;
  }

  it('are put two chunks at a time, until all are stored', async () => {
    const storing = (await absorbed()).store();
    for (let put = 0; put < PARCELS / 500; put++) {
      await until('the next put is under way', () => puts.length > put);
      expect(puts.length).toBeLessThanOrEqual(put + 2);
      puts[put]!.open();
    }
    await storing;
    expect(puts).toHaveLength(4);
    expect(await collection.count({})).toBe(PARCELS);
  });

  it('leave no put under way when one fails', async () => {
    refusal = new Error('The disk is full');
    const storing = (await absorbed()).store().then(
      () => undefined,
      (error: unknown) => ({ error, done }),
    );
    await until('two are under way', () => puts.length === 2);
    puts[0]!.open();
    await until('the first has failed', () => done === 1);
    puts[1]!.open();
    expect(await storing).toEqual({ error: refusal, done: 2 });
    expect(puts).toHaveLength(2);
  });

  it('are stored on the way where there is no room for all of them, and end up the same', async () => {
    const store = new MemoryEventStore();
    const parcels = Array.from({ length: 40 }, (_, n) => n);
    for (const hub of ['Köln', 'Bonn', 'Mainz']) {
      for (const n of parcels) {
        const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
        const scanned = event(ParcelScanned, { hub });
        await record(store, `parcels.parcel-p${n}`, ...(hub === 'Köln' ? [registered, scanned] : [scanned]));
      }
    }
    const inner = await new MemoryDocumentStore().collection('tracking');
    const puts: number[] = [];
    const counted = { ...inner, get: inner.get.bind(inner), put: inner.put.bind(inner) };
    counted.put = (some) => (puts.push(some.length), inner.put(some));
    const documents = new AbsorbedDocuments(
      definition,
      counted,
      new DocumentMark('tracking'),
      true,
      undefined,
      undefined,
      5_000,
    );
    const consumer = new ProjectionConsumer(definition, inner);
    const log = await wholeLog(store);
    await documents.fold(keyed(consumer, log.slice(0, 100)));
    await documents.fold(keyed(consumer, log.slice(100)));
    await documents.store();
    expect(puts.length).toBeGreaterThan(3);
    expect(Math.max(...puts)).toBeLessThanOrEqual(20);
    for (const [, { body }] of await inner.get(parcels.map((n) => `p${n}`)))
      expect(body!.trail).toEqual(['Köln', 'Bonn', 'Mainz']);
  });
});
