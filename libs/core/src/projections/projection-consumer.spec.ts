import { beforeEach, describe, expect, it } from '@jest/globals';
import { collectionThrough } from '../../test/fallible-stores.js';
import { keyed, record, wholeLog } from '../../test/log.js';
import { ParcelErased, ParcelRegistered, ParcelScanned, ParcelTracking, VanDeparted } from '../../test/parcels.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { DocumentCollection } from '../store/document-store.js';
import { ProjectionConsumer } from './projection-consumer.js';
import { projectionDefinition } from './projection-definition.js';
import { Project, Projection } from './projection.decorator.js';

@Event('parcels.crate-packed')
class CratePacked {
  readonly contents!: string[];
}

/** Folds as one should not: it changes the document that it is given, and throws when that is half done. */
@Projection({ name: 'crates' })
class Crates {
  @Project(CratePacked)
  packed({ contents }: CratePacked) {
    return { hubs: contents };
  }

  @Project(ParcelScanned)
  scanned({ hub }: ParcelScanned, before: { hubs: string[] } = { hubs: [] }) {
    before.hubs.push(hub);
    if (hub === 'nowhere') throw new Error('There is no such hub');
    return before;
  }
}

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });

describe('ProjectionConsumer', () => {
  let store: MemoryEventStore;
  let documents: DocumentCollection;
  let calls: string[];
  let projection: ParcelTracking;
  let consumer: ProjectionConsumer;

  beforeEach(async () => {
    store = new MemoryEventStore();
    const counted = async <T>(call: string, work: () => Promise<T>) => {
      calls.push(call);
      return work();
    };
    documents = collectionThrough(counted, await new MemoryDocumentStore().collection('tracking'));
    calls = [];
    projection = new ParcelTracking();
    consumer = new ProjectionConsumer(projectionDefinition(ParcelTracking, projection), documents);
  });

  const take = (events: readonly RecordedEvent[], late = false) => consumer.take(keyed(consumer, events), { late });
  const bodyOf = async (key: string) => (await documents.get([key])).get(key)?.body;

  it('reads a batch in one query and writes it in one, the last state of each document', async () => {
    await record(store, 'parcels.parcel-a', registered, scanned('Leipzig'), scanned('Köln'));
    await record(store, 'parcels.parcel-b', registered);
    await take(await wholeLog(store));
    expect(calls).toEqual(['get tracking', 'put tracking']);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'Köln'], at: '3' });
    expect(await bodyOf('b')).toMatchObject({ trail: [], at: '4' });
  });

  it('writes nothing where there is nothing to change', async () => {
    await record(store, 'parcels.parcel-a', scanned('Leipzig'));
    await take(await wholeLog(store));
    expect(calls).toEqual(['get tracking']);
  });

  it('marks a document with the position that it was folded to', async () => {
    const { position } = await record(store, 'parcels.parcel-a', registered, scanned('Köln'));
    await take(await wholeLog(store));
    expect((await documents.get(['a'])).get('a')!.version).toBe(position);
  });

  it('leaves a tombstone where a document was deleted, and goes on from there', async () => {
    const { position } = await record(store, 'parcels.parcel-a', registered, event(ParcelErased, {}));
    await take(await wholeLog(store));
    expect((await documents.get(['a'])).get('a')).toEqual({ key: 'a', version: position, body: undefined });
    await record(store, 'parcels.parcel-a', registered);
    await take(await wholeLog(store));
    expect(await bodyOf('a')).toMatchObject({ status: 'registered', at: '3' });
  });

  it('folds an event into several documents, each on its own', async () => {
    await record(store, 'parcels.parcel-a', registered);
    await record(store, 'parcels.parcel-b', registered);
    await record(store, 'parcels.van-1', event(VanDeparted, { parcels: ['a', 'b', 'c'] }));
    await take(await wholeLog(store));
    expect(await bodyOf('a')).toMatchObject({ status: 'in a van' });
    expect(await bodyOf('b')).toMatchObject({ status: 'in a van' });
    expect(await bodyOf('c')).toBeUndefined();
  });

  it('folds an event into none where its keys are none', async () => {
    await record(store, 'parcels.van-1', event(VanDeparted, { parcels: [] }));
    expect(keyed(consumer, await wholeLog(store))).toEqual([]);
  });

  it('passes over events that a document holds already', async () => {
    await record(store, 'parcels.parcel-a', registered, scanned('Leipzig'));
    const log = await wholeLog(store);
    await take(log);
    await take(log);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig'] });
  });

  describe('when a fold throws', () => {
    beforeEach(async () => {
      projection.trouble = (happened) => {
        if ((happened as ParcelScanned).hub === 'nowhere') throw new Error('There is no such hub');
      };
      await record(store, 'parcels.parcel-a', registered, scanned('Leipzig'), scanned('nowhere'), scanned('Köln'));
      await record(store, 'parcels.parcel-b', registered, scanned('Köln'));
    });

    it('names the event and the key, after trying three times', async () => {
      const tries: bigint[] = [];
      const { trouble } = projection;
      projection.trouble = (happened, meta) => {
        if ((happened as ParcelScanned).hub === 'nowhere') tries.push(meta.position);
        trouble(happened, meta);
      };
      const log = await wholeLog(store);
      expect(await take(log)).toEqual([
        { key: 'a', event: log[2], error: new Error('There is no such hub'), attempts: 3 },
      ]);
      expect(tries).toEqual([3n, 3n, 3n]);
    });

    it('looks up those that fail together once for each try', async () => {
      await record(store, 'parcels.parcel-c', registered, scanned('nowhere'));
      await record(store, 'parcels.parcel-d', registered, scanned('nowhere'));
      expect(await take(await wholeLog(store))).toMatchObject([{ key: 'a' }, { key: 'c' }, { key: 'd' }]);
      expect(calls.filter((call) => call === 'get tracking')).toHaveLength(4);
    });

    it('keeps what came before in the batch, and nothing of what came after', async () => {
      await take(await wholeLog(store));
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig'], at: '2' });
      expect((await documents.get(['a'])).get('a')!.version).toBe(2n);
    });

    it('folds the other documents of the batch', async () => {
      await take(await wholeLog(store));
      expect(await bodyOf('b')).toMatchObject({ trail: ['Köln'] });
    });

    it('goes on as if nothing had happened when a later try succeeds', async () => {
      let tries = 0;
      projection.trouble = (happened) => {
        if ((happened as ParcelScanned).hub === 'nowhere' && ++tries < 3) throw new Error('Not yet');
      };
      expect(await take(await wholeLog(store))).toEqual([]);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'nowhere', 'Köln'] });
    });

    it('does not let a half-done state through, whatever the fold has changed before it threw', async () => {
      await record(store, 'parcels.crate-1', scanned('Bonn'), scanned('nowhere'));
      const crates = new ProjectionConsumer(projectionDefinition(Crates, new Crates()), documents);
      const log = (await wholeLog(store)).filter(({ streamId }) => streamId === 'parcels.crate-1');
      expect(await crates.take(keyed(crates, log), { late: false })).toHaveLength(1);
      expect(await bodyOf('1')).toEqual({ hubs: ['Bonn'] });
    });

    it('does not let a half-done state through where the document holds a part of an event', async () => {
      await record(store, 'parcels.crate-1', event(CratePacked, { contents: ['lamp'] }), scanned('nowhere'));
      const crates = new ProjectionConsumer(projectionDefinition(Crates, new Crates()), documents);
      const log = (await wholeLog(store)).filter(({ streamId }) => streamId === 'parcels.crate-1');
      expect(await crates.take(keyed(crates, log), { late: false })).toHaveLength(1);
      expect(await bodyOf('1')).toEqual({ hubs: ['lamp'] });
    });
  });

  describe('with events that were held back', () => {
    it('folds them where the document has not gone on', async () => {
      await record(store, 'parcels.parcel-a', registered, scanned('Leipzig'));
      expect(await take(await wholeLog(store), true)).toEqual([]);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig'] });
    });

    it('says so where the document has gone past them', async () => {
      await record(store, 'parcels.parcel-a', registered, scanned('Leipzig'), scanned('Köln'));
      const [first, second, third] = await wholeLog(store);
      await take([first!, third!]);
      const failures = await take([second!], true);
      expect(failures).toMatchObject([{ key: 'a', event: second, error: { name: 'GonePast' } }]);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Köln'] });
    });

    it('takes the very event that the document was folded to for done', async () => {
      await record(store, 'parcels.parcel-a', registered, scanned('Leipzig'));
      const log = await wholeLog(store);
      await take(log);
      expect(await take(log.slice(1), true)).toEqual([]);
    });
  });
});
