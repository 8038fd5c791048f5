import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectionThrough, cuttable, documentsThrough, inBatchesOf, type Around } from '../../test/fallible-stores.js';
import { record, recordAs } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking, VanDeparted, type Trouble } from '../../test/parcels.js';
import { ReadingProcess, type ReadingOptions } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { EventMetadata } from '../events/recorded-event.js';
import { ProjectionConsumer } from '../projections/projection-consumer.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import type { StoredDocument } from '../store/document-store.js';
import { Project, Projection } from '../projections/projection.decorator.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });
const noSuchHub: Trouble = (happened) => {
  if ((happened as ParcelScanned).hub === 'nowhere') throw new Error('There is no such hub');
};

describe('A backlog', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (projection: object, around: Around = (_, work) => work(), options?: ReadingOptions) => {
    const stores = { events: inBatchesOf(2, events), documents: documentsThrough(around, documents) };
    const process = await ReadingProcess.open(stores, { leaseMs: 200, ...options });
    processes.push(process);
    const { reader } = await process.project(projection);
    return { process, reader, letters: process.deadLetters };
  };
  const bodyOf = async (key: string, collection = 'parcel-tracking') =>
    (await (await documents.collection(collection)).get([key])).get(key)?.body;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const hubs = (count: number) => Array.from({ length: count }, (_, index) => `hub ${index}`);

  it('is folded in memory, each document stored once for all its events', async () => {
    await record(events, 'parcels.parcel-a', registered, ...hubs(20).map(scanned));
    const puts: string[] = [];
    const { reader } = await begin(new ParcelTracking(), (call, work) => {
      if (call === 'put parcel-tracking') puts.push(call);
      return work();
    });
    await tookAll(reader);
    expect((await bodyOf('a'))!.trail).toEqual(hubs(20));
    expect(puts.length).toBeLessThanOrEqual(2); // the backlog, and the batch that ends it
  });

  it('that holds much of what cannot be taken does not have its dead letters adopted anew each time one is met', async () => {
    for (let n = 0; n < 40; n++) await record(events, `parcels.parcel-${n}`, registered, scanned('nowhere'));
    let puts = 0;
    const { process, reader } = await begin(
      new ParcelTracking(noSuchHub),
      (call, work) => {
        if (call === 'put gesta.dead-letters') puts++;
        return work();
      },
      { leaseMs: 60_000 },
    );
    await tookAll(reader);
    expect(reader.parked).toBe(40);
    expect(process.noticed('lease-taken')).toHaveLength(1);
    expect(puts).toBeLessThanOrEqual(40); // each is written once
  });

  it('does not share parts of an event between the documents that it is folded into', async () => {
    @Projection({ name: 'vans' })
    class Vans {
      @Project(VanDeparted, ({ parcels }) => parcels)
      departed({ parcels }: VanDeparted, before?: { parcels: string[] }) {
        if (!before) return { parcels };
        before.parcels.push('again'); // as one should not
        return before;
      }
    }
    const van = (...parcels: string[]) => event(VanDeparted, { parcels });
    await record(events, 'parcels.van-1', van('a', 'b'), van('a'), van(), van(), van(), van());
    const { reader } = await begin(new Vans());
    await tookAll(reader);
    expect(await bodyOf('a', 'vans')).toEqual({ parcels: ['a', 'b', 'again'] });
    expect(await bodyOf('b', 'vans')).toEqual({ parcels: ['a', 'b'] });
  });

  it('with a poison event in it has that key parked, as anywhere', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('Köln'), scanned('nowhere'), scanned('Bonn'));
    await record(events, 'parcels.parcel-b', registered, ...hubs(9).map(scanned));
    const projection = new ParcelTracking(noSuchHub);
    const { reader, letters } = await begin(projection);
    await tookAll(reader);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Köln'] });
    expect(await bodyOf('b')).toMatchObject({ trail: hubs(9) });
    const [letter, ...others] = await letters.list();
    expect(letter).toMatchObject({ kind: 'key', key: 'a', position: '3', attempts: 3 });
    expect(others).toEqual([]);
    projection.trouble = () => undefined;
    await letters.retry(letter!.id);
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Köln', 'nowhere', 'Bonn'] });
  });

  it('goes on from the documents of what came before a poison event in it', async () => {
    await record(events, 'parcels.parcel-b', registered, scanned('Ulm'));
    await record(events, 'parcels.parcel-a', registered, scanned('nowhere'));
    await record(events, 'parcels.parcel-b', ...hubs(9).map(scanned));
    const { reader } = await begin(new ParcelTracking(noSuchHub));
    await tookAll(reader);
    expect(await bodyOf('b')).toMatchObject({ trail: ['Ulm', ...hubs(9)] });
  });

  it('with an event that nothing can be made of is folded up to it under the policy fail', async () => {
    @Projection({ name: 'scans', categories: ['parcels.parcel'] })
    class Scans {
      @Project(ParcelScanned)
      scanned(_: ParcelScanned, before?: { scans: number }) {
        return { scans: (before?.scans ?? 0) + 1 };
      }
    }
    await record(events, 'parcels.parcel-a', ...hubs(8).map(scanned));
    await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-stolen', data: {} });
    await record(events, 'parcels.parcel-a', scanned('Köln'));
    const { process, reader } = await begin(new Scans(), undefined, { unknownEvents: 'fail' });
    await until('it has failed', () => process.noticed('runner-failed').length > 0);
    expect(await bodyOf('a', 'scans')).toEqual({ scans: 8 });
    expect(reader.reached.now).toBe(8n);
  });

  it('loses nothing when one of its events fails while an operator asks for something', async () => {
    const trouble = new ParcelTracking(noSuchHub);
    await record(events, 'parcels.parcel-parked', registered, scanned('nowhere'));
    const first = await begin(trouble);
    await tookAll(first.reader);
    await first.process.stop();
    const [letter] = await first.letters.list();

    // Eight good events, and then one that fails just as the request has been looked up.
    await record(events, 'parcels.parcel-a', registered, ...hubs(7).map(scanned), scanned('nowhere'));
    await record(events, 'parcels.parcel-b', registered, ...hubs(9).map(scanned));
    const lookedUp = gate();
    let gets = 0;
    const { reader, letters } = await begin(trouble, async (call, work) => {
      // The first look is for parcel a, the second one for parcel b, whose first event comes with the one that fails.
      if (call === 'get parcel-tracking' && ++gets === 2) {
        await first.letters.retry(letter!.id);
        await lookedUp.opened;
        await setImmediate();
      }
      const answer = await work();
      if (call === 'find gesta.dead-letters' && gets === 2) lookedUp.open();
      return answer;
    });
    await tookAll(reader);
    expect(await bodyOf('a')).toMatchObject({ trail: hubs(7) });
    expect(await bodyOf('b')).toMatchObject({ trail: hubs(9) });
    expect((await letters.list()).map(({ key }) => key).sort()).toEqual(['a', 'parked']);
  });

  it('is settled when the reader is stopped in the middle of it', async () => {
    await record(events, 'parcels.parcel-a', registered, ...hubs(40).map(scanned));
    const seen = gate();
    const going = gate();
    const { process } = await begin(
      new ParcelTracking((_, { position }) => {
        if (position === 10n) seen.open();
      }),
      async (call, work) => {
        if (call === 'put parcel-tracking') await going.opened;
        return work();
      },
    );
    await seen.opened;
    const stopped = process.stop();
    going.open();
    await stopped;
    const reached = (await process.surroundings.checkpoints.load('parcel-tracking'))!.position;
    expect(reached).toBeGreaterThanOrEqual(10n);
    expect((await bodyOf('a'))!.at).toBe(String(reached));
  });

  it('is begun again where the checkpoint is when the store goes away in it', async () => {
    await record(events, 'parcels.parcel-a', registered, ...hubs(30).map(scanned));
    const connection = cuttable();
    const { reader, process } = await begin(
      new ParcelTracking((_, { position }) => {
        if (position === 12n && connection.refused === 0) connection.away = true;
      }),
      connection.around,
    );
    await until('it has failed', () => process.noticed('runner-failed').length > 0);
    expect(await bodyOf('a')).toBeUndefined();
    connection.away = false;
    await tookAll(reader);
    expect((await bodyOf('a'))!.trail).toEqual(hubs(30));
  });

  describe('of events that are for a great many keys each', () => {
    const KEYS = Array.from({ length: 7_000 }, (_, n) => `parcel-${n}`);
    const EVENTS = 5;

    @Projection({ name: 'vans-of-all' })
    class VansOfAll {
      constructor(private readonly poisoned = new Map<string, bigint>()) {}

      @Project(VanDeparted, () => KEYS)
      departed(_: VanDeparted, before: { vans: number } | undefined, { position }: EventMetadata, key?: string) {
        if (this.poisoned.get(key!) === position) throw new Error('There is no such van');
        return { vans: (before?.vans ?? 0) + 1 };
      }
    }

    const departVans = () =>
      record(events, 'parcels.van-1', ...Array.from({ length: EVENTS }, () => event(VanDeparted, { parcels: [] })));

    it.each([
      ['in batches of some', 2],
      ['in one batch, which ends it', 100],
    ])('is worked on in portions, each document stored about once, %s', async (_, batchSize) => {
      await departVans();
      const puts: number[] = [];
      const gets: number[] = [];
      const inner = await documents.collection('vans-of-all');
      const counted = {
        ...collectionThrough((_call, work) => work(), inner),
        get: (keys: readonly string[]) => (gets.push(keys.length), inner.get(keys)),
        put: (some: readonly StoredDocument[]) => (puts.push(some.length), inner.put(some)),
      };
      const process = await ReadingProcess.open({ events: inBatchesOf(batchSize, events), documents });
      processes.push(process);
      const reader = process.follow(
        'vans',
        new ProjectionConsumer(projectionDefinition(VansOfAll, new VansOfAll()), counted),
      );
      await tookAll(reader);
      expect(await inner.count({ vans: EVENTS })).toBe(KEYS.length);
      expect(Math.max(...gets, ...puts)).toBeLessThanOrEqual(2_000);
      const stored = puts.reduce((sum, count) => sum + count, 0);
      expect(stored).toBeLessThanOrEqual(2 * KEYS.length); // the backlog, and the batch that ends it
    });

    it('parks the keys that fail, each from its first event that does, and no others', async () => {
      await departVans();
      const poisoned = new Map([
        ['parcel-10', 2n],
        ['parcel-6999', 5n],
      ]);
      const { reader, letters } = await begin(new VansOfAll(poisoned));
      await tookAll(reader);
      const found = (await letters.list()).map(({ key, position }) => [key, BigInt(position)]);
      expect(new Map(found as [string, bigint][])).toEqual(poisoned);
      expect(await bodyOf('parcel-10', 'vans-of-all')).toEqual({ vans: 1 });
      expect(await bodyOf('parcel-6999', 'vans-of-all')).toEqual({ vans: EVENTS - 1 });
      expect(await (await documents.collection('vans-of-all')).count({ vans: EVENTS })).toBe(KEYS.length - 2);
    });

    it('is gone on with when the reader is stopped in the middle of a batch', async () => {
      await departVans();
      const puts = gate();
      const first = await begin(new VansOfAll(new Map([['parcel-0', 1n]])), async (call, work) => {
        if (call === 'put vans-of-all') puts.open();
        return work();
      });
      await puts.opened;
      await first.process.stop();
      await first.letters.remove((await first.letters.list()).map(({ id }) => id));
      const { reader } = await begin(new VansOfAll());
      await tookAll(reader);
      const collection = await documents.collection('vans-of-all');
      expect(await collection.count({ vans: { $lt: EVENTS } })).toBeLessThanOrEqual(1);
      expect(await collection.count({ vans: EVENTS })).toBeGreaterThanOrEqual(KEYS.length - 1);
    });
  });
});
