import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cuttable, documentsThrough, dyingAt, eventsThrough, inBatchesOf, mortal } from '../../test/fallible-stores.js';
import { record } from '../../test/log.js';
import { ParcelErased, ParcelJournal, ParcelRegistered, ParcelScanned, ParcelTracking } from '../../test/parcels.js';
import { ReadingProcess, type ReadingOptions, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { EventRegistry } from '../events/event-registry.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { EventConsumer } from './event-consumer.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });

describe('Reader', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (stores: Partial<Stores> = {}, options?: ReadingOptions) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, options);
    processes.push(process);
    return process;
  };
  const trailOf = async (parcel: string) => {
    const tracking = await documents.collection('parcel-tracking');
    return (await tracking.get([parcel])).get(parcel)?.body?.trail as string[] | undefined;
  };
  const headIs = async () => (await events.head()).position;

  it('takes what is in the log, and then what is appended to it', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('Leipzig'));
    const { reader } = await (await begin()).project(new ParcelTracking());
    await until('it has taken the log', () => reader.reached.now === 2n);
    expect(reader).toMatchObject({ caughtUp: true, owner: true, error: undefined });
    await record(events, 'parcels.parcel-a', scanned('Köln'));
    await until('it has taken the new event', () => reader.reached.now === 3n);
    expect(await trailOf('a')).toEqual(['Leipzig', 'Köln']);
  });

  it('moves on past events that are not for it', async () => {
    const { reader } = await (await begin()).project(new ParcelTracking());
    await record(events, 'parcels.parcel-a', registered);
    const consumer = { registry: new EventRegistry(), filter: { types: ['nothing.of-the-kind'] } };
    const other = (await begin()).follow('idle', { ...consumer, keysOf: () => [], take: async () => [] });
    await until('both have taken everything', async () => {
      const head = await headIs();
      return reader.reached.now === head && other.reached.now === head;
    });
  });

  it('goes on behind its checkpoint when it is started again', async () => {
    const first = await begin();
    const { reader } = await first.project(new ParcelTracking());
    await record(events, 'parcels.parcel-a', registered, scanned('Leipzig'));
    await until('it has taken the log', () => reader.reached.now === 2n);
    await first.stop();

    const seen: bigint[] = [];
    await record(events, 'parcels.parcel-a', scanned('Köln'));
    const again = await (await begin()).project(new ParcelTracking((_, { position }) => seen.push(position)));
    await until('it has taken the new event', () => again.reader.reached.now === 3n);
    expect(seen).toEqual([3n]);
    expect(await trailOf('a')).toEqual(['Leipzig', 'Köln']);
  });

  describe('that starts from now', () => {
    it('leaves out what was there before its first start', async () => {
      await record(events, 'parcels.parcel-a', registered);
      const { reader } = await (await begin()).project(new ParcelTracking(), 'now');
      await until('it follows', () => reader.caughtUp);
      await record(events, 'parcels.parcel-b', registered);
      await until('it has taken the new event', () => reader.reached.now === 2n);
      expect(await trailOf('a')).toBeUndefined();
      expect(await trailOf('b')).toEqual([]);
    });

    it('remembers when that was, also when nothing happened before it was stopped', async () => {
      await record(events, 'parcels.parcel-a', registered);
      const first = await begin();
      const { reader } = await first.project(new ParcelTracking(), 'now');
      await until('it follows', () => reader.caughtUp);
      await first.stop();
      await record(events, 'parcels.parcel-b', registered);
      const again = await (await begin()).project(new ParcelTracking(), 'now');
      await until('it has taken what came while it was away', () => again.reader.reached.now === 2n);
      expect(await trailOf('a')).toBeUndefined();
      expect(await trailOf('b')).toEqual([]);
    });
  });

  describe('when it is stopped', () => {
    it('finishes the batch in hand, remembers that, and gives the lease up', async () => {
      const arrived = gate();
      const going = gate();
      const slow: EventConsumer = {
        registry: new EventRegistry([ParcelRegistered]),
        filter: { types: ['parcels.parcel-registered'] },
        keysOf: ({ streamId }) => [streamId],
        take: async () => {
          arrived.open();
          await going.opened;
          return [];
        },
      };
      await record(events, 'parcels.parcel-a', registered);
      const first = await begin();
      first.follow('slow', slow);
      await arrived.opened;
      const stopped = first.stop();
      expect(await first.surroundings.checkpoints.load('slow')).toBeUndefined();
      going.open();
      await stopped;
      expect(await first.surroundings.checkpoints.load('slow')).toMatchObject({ position: 1n });
      expect((await (await documents.collection('gesta.leases')).get(['slow'])).get('slow')!.body).toBeUndefined();
    });

    it('takes nothing more, though there is more', async () => {
      const taken: bigint[] = [];
      const first = await begin();
      const consumer: EventConsumer = {
        registry: new EventRegistry([ParcelScanned]),
        filter: { types: ['parcels.parcel-scanned'] },
        batchSize: 1,
        keysOf: ({ streamId }) => [streamId],
        take: async (work) => {
          taken.push(...work.map(({ event: { position } }) => position));
          void first.stop();
          return [];
        },
      };
      await record(events, 'parcels.parcel-a', scanned('Leipzig'), scanned('Köln'), scanned('Bonn'));
      first.follow('counted', consumer);
      await until('it is stopped', async () => {
        const leases = await documents.collection('gesta.leases');
        return taken.length > 0 && (await leases.get(['counted'])).get('counted')!.body === undefined;
      });
      expect(taken).toEqual([1n]);
    });

    it('need not have had the lease', async () => {
      const { reader } = await (await begin()).project(new ParcelTracking());
      await until('the first owns it', () => reader.owner);
      const waiting = await begin();
      const other = await waiting.project(new ParcelTracking());
      await waiting.stop();
      expect(other.reader.owner).toBe(false);
      expect(reader.owner).toBe(true);
    });
  });

  describe('when a store is away', () => {
    it('recovers by itself and loses nothing, whichever store it was', async () => {
      for (const which of ['documents', 'events'] as const) {
        events = new MemoryEventStore();
        documents = new MemoryDocumentStore();
        const connection = cuttable();
        const process = await begin(
          which === 'documents'
            ? { documents: documentsThrough(connection.around, documents) }
            : { events: eventsThrough(connection.around, events) },
        );
        const { reader } = await process.project(new ParcelTracking());
        await record(events, 'parcels.parcel-a', registered);
        await until('it follows', () => reader.reached.now === 1n);

        connection.away = true;
        await record(events, 'parcels.parcel-a', scanned('Leipzig'));
        await until('it has noticed', () => process.noticed('runner-failed').length > 0);
        expect(String(reader.error)).toContain('The store is away');
        await record(events, 'parcels.parcel-a', scanned('Köln'));
        connection.away = false;
        await until('it has recovered', () => reader.reached.now === 3n);
        expect(reader.error).toBeUndefined();
        expect(await trailOf('a')).toEqual(['Leipzig', 'Köln']);
        expect(await process.deadLetters.list()).toEqual([]);
      }
    });

    it('starts as soon as the store is there', async () => {
      const connection = cuttable();
      const process = await begin({ documents: documentsThrough(connection.around, documents) });
      connection.away = true;
      const { reader } = await process.project(new ParcelTracking());
      await record(events, 'parcels.parcel-a', registered);
      await until('it has tried twice', () => process.noticed('runner-failed').length >= 2);
      connection.away = false;
      await until('it has taken the log', () => reader.reached.now === 1n);
    });

    it('takes its own lease back at once, though it could not give it up', async () => {
      const connection = cuttable();
      const process = await begin({ documents: documentsThrough(connection.around, documents) }, { leaseMs: 60_000 });
      const { reader } = await process.project(new ParcelTracking());
      await until('it follows', () => reader.caughtUp);
      connection.away = true;
      await record(events, 'parcels.parcel-a', registered);
      await until('it has failed', () => process.noticed('runner-failed').length > 0);
      connection.away = false;
      await until('it goes on', () => reader.reached.now === 1n);
    });

    it('does not wait for a batch that is long in coming before it starts again', async () => {
      const connection = cuttable((call) => call === 'put gesta.checkpoints');
      const process = await begin({
        documents: documentsThrough(connection.around, documents),
        events: {
          ...eventsThrough((_, work) => work(), events),
          // As a filtered subscription may: it is not at the end, but what comes next takes its time.
          async *subscribe(options) {
            for await (const batch of events.subscribe(options)) yield { ...batch, caughtUp: false };
          },
        },
      });
      const { reader } = await process.project(new ParcelTracking());
      await until('it follows', () => reader.owner && reader.error === undefined);
      connection.away = true;
      await record(events, 'parcels.parcel-a', registered);
      await until('it has failed twice', () => process.noticed('runner-failed').length >= 2);
      connection.away = false;
      await until('it has recovered', () => reader.reached.now === 1n);
    });

    it('waits longer and longer between its tries', async () => {
      const connection = cuttable();
      const process = await begin({ documents: documentsThrough(connection.around, documents) });
      connection.away = true;
      await process.project(new ParcelTracking());
      await until('it has tried three times', () => process.noticed('runner-failed').length >= 3);
      const [first, second, third] = process.noticed('runner-failed').map(({ retryInMs }) => retryInMs);
      expect([first! / 100, second! / 200, third! / 400].every((factor) => factor >= 0.75 && factor <= 1.25)).toBe(
        true,
      );
    });
  });

  it('makes the same documents as an undisturbed run when its process dies at any call and another takes over', async () => {
    const deaths = fc.array(
      fc.record({ call: fc.nat(16), when: fc.constantFrom('before' as const, 'after' as const) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const hubs = fc.array(fc.constantFrom('Leipzig', 'Köln', 'Bonn', 'erased'), {
      minLength: 1,
      maxLength: 20,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(hubs, deaths, fc.integer({ min: 1, max: 5 }), async (history, lives, batchSize) => {
        events = new MemoryEventStore();
        documents = new MemoryDocumentStore();
        const coming = history.map((hub) => (hub === 'erased' ? event(ParcelErased, {}) : scanned(hub)));
        await record(events, 'parcels.parcel-a', registered);
        const expected = await ReadingProcess.open({ events, documents: new MemoryDocumentStore() });
        const undisturbed = await expected.project(new ParcelJournal());
        const disturbed: ReadingProcess[] = [];
        for (const [life, { call, when }] of lives.entries()) {
          await record(
            events,
            'parcels.parcel-a',
            ...coming.splice(0, Math.ceil(coming.length / (lives.length - life))),
          );
          const { around, dead } = mortal(dyingAt(call, when));
          const log = inBatchesOf(batchSize, eventsThrough(around, events));
          const stores = { events: log, documents: documentsThrough(around, documents) };
          const process = await ReadingProcess.open(stores, { leaseMs: 20 });
          disturbed.push(process);
          const { reader } = await process.project(new ParcelJournal());
          await until('it has died or taken everything', async () => dead() || reader.reached.now === (await headIs()));
          if (!dead()) await process.stop();
        }
        const last = await ReadingProcess.open({ events, documents }, { leaseMs: 20 });
        const { reader, documents: journal } = await last.project(new ParcelJournal());
        await until('all has been taken', async () => {
          const head = await headIs();
          return reader.reached.now === head && undisturbed.reader.reached.now === head;
        });
        expect(await journal.get(['a'])).toEqual(await undisturbed.documents.get(['a']));
        await Promise.all([...disturbed, last, expected].map((process) => process.stop()));
      }),
      { numRuns: 60 },
    );
  });
});
