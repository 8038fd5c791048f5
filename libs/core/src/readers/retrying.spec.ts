import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough, eventsThrough, inBatchesOf, mortal, type Around } from '../../test/fallible-stores.js';
import { record } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking, type Trouble } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import type { EventMetadata } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Reactor } from '../processes/reactor.decorator.js';
import { When } from '../processes/process-manager.decorator.js';
import { StoreUnavailable } from '../store/errors.js';
import { DeadLetters, type DeadLetter } from './dead-letters.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });
/** Fails for these hubs. */
const unknown =
  (...hubs: string[]): Trouble =>
  (happened) => {
    if (hubs.includes((happened as ParcelScanned).hub)) throw new Error('There is no such hub');
  };
const noTrouble: Trouble = () => undefined;

const PARCELS = Array.from({ length: 100 }, (_, index) => `p${index}`);
const BATCH = 10;

describe('Keys that were parked and are retried or skipped together', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (projection: object, stores: Partial<Stores> = {}) => {
    const ours = { events: inBatchesOf(BATCH, events), documents, ...stores };
    const process = await ReadingProcess.open(ours, { leaseMs: 40 });
    processes.push(process);
    const { reader } = await process.project(projection);
    return { process, reader, letters: process.deadLetters };
  };
  const trailOf = async (key: string) =>
    (await (await documents.collection('parcel-tracking')).get([key])).get(key)?.body?.trail;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const answered = (letters: { list(): Promise<DeadLetter[]> }) =>
    until('nothing is asked any more', async () =>
      (await letters.list()).every(({ requested }) => requested === undefined),
    );
  const idsOf = async (letters: { list(): Promise<DeadLetter[]> }) => (await letters.list()).map(({ id }) => id);
  const idOf = async (letters: { list(): Promise<DeadLetter[]> }, key: string) =>
    (await letters.list()).find((letter) => letter.key === key)!.id;

  /** A hundred parcels parked one after the other, each with events before and behind, and one that is well. */
  const recordParcels = async () => {
    for (const parcel of PARCELS) {
      await record(events, `parcels.parcel-${parcel}`, registered, scanned('Ulm'));
      await record(events, `parcels.parcel-${parcel}`, scanned('nowhere'), scanned('Köln'));
      await record(events, 'parcels.parcel-well', scanned('Bonn'));
    }
    for (const parcel of PARCELS) await record(events, `parcels.parcel-${parcel}`, scanned('Kiel'));
  };

  it('are taken on one way through the log, all in batches, however many they are', async () => {
    await recordParcels();
    const calls: string[] = [];
    const counted: Around = (call, work) => {
      calls.push(call);
      return work();
    };
    const projection = new ParcelTracking(unknown('nowhere'));
    const { reader, letters } = await begin(projection, {
      events: eventsThrough(counted, inBatchesOf(BATCH, events)),
      documents: documentsThrough(counted, documents),
    });
    await tookAll(reader);
    const ids = await idsOf(letters);
    expect(ids).toHaveLength(PARCELS.length);
    projection.trouble = noTrouble;
    calls.length = 0;
    await letters.retry(ids);
    await answered(letters);

    for (const parcel of PARCELS) expect(await trailOf(parcel)).toEqual(['Ulm', 'nowhere', 'Köln', 'Kiel']);
    const times = (call: string) => calls.filter((each) => each === call).length;
    const batches = Number((await events.head()).position) / BATCH;
    expect(times('readAll')).toBeLessThanOrEqual(batches);
    expect(times('put parcel-tracking')).toBeLessThanOrEqual(batches);
    expect(times('get parcel-tracking')).toBeLessThanOrEqual(batches);
    expect(times('put gesta.dead-letters')).toBe(2); // to ask, and to free them
  });

  it('are parked with one write for all of a batch', async () => {
    for (const parcel of PARCELS) await record(events, `parcels.parcel-${parcel}`, registered, scanned('nowhere'));
    let puts = 0;
    const { reader, letters } = await begin(new ParcelTracking(unknown('nowhere')), {
      events,
      documents: documentsThrough((call, work) => {
        if (call === 'put gesta.dead-letters') puts++;
        return work();
      }, documents),
    });
    await tookAll(reader);
    expect(await idsOf(letters)).toHaveLength(PARCELS.length);
    expect(puts).toBe(1);
  });

  it('leave out what each is to leave out, and keep the letter of one that fails again from there on', async () => {
    await record(events, 'parcels.parcel-retried', registered, scanned('nowhere'), scanned('Köln'));
    await record(events, 'parcels.parcel-skipped', registered, scanned('nowhere'), scanned('Ulm'), scanned('nowhere'));
    await record(events, 'parcels.parcel-failing', registered, scanned('nowhere'), scanned('Ulm'), scanned('Atlantis'));
    await record(events, 'parcels.parcel-left', registered, scanned('nowhere'), scanned('Köln'));
    await record(events, 'parcels.parcel-failing', scanned('Kiel'));
    const projection = new ParcelTracking(unknown('nowhere'));
    const { reader, letters } = await begin(projection, { events: inBatchesOf(2, events) });
    await tookAll(reader);
    projection.trouble = unknown('Atlantis');
    await letters.skip(await idOf(letters, 'skipped'));
    await letters.retry([await idOf(letters, 'failing'), await idOf(letters, 'retried')]);
    await answered(letters);

    expect(await trailOf('retried')).toEqual(['nowhere', 'Köln']);
    expect(await trailOf('skipped')).toEqual(['Ulm', 'nowhere']); // only the first one is left out
    expect(await trailOf('failing')).toEqual(['nowhere', 'Ulm']);
    expect(await trailOf('left')).toEqual([]);
    const left = new Map((await letters.list()).map((letter) => [letter.key, letter]));
    expect(left.get('failing')!.checkpoint).toBeDefined(); // it is not read from the beginning again
    expect([...left.keys()].sort()).toEqual(['failing', 'left']);
    expect(left.get('left')).toMatchObject({ position: '13', attempts: 3 });
    expect(left.get('failing')).toMatchObject({ position: '11', attempts: 6, event: { data: { hub: 'Atlantis' } } });
    projection.trouble = noTrouble;
    await letters.retry(await idOf(letters, 'failing'));
    await answered(letters);
    expect(await trailOf('failing')).toEqual(['nowhere', 'Ulm', 'Atlantis', 'Kiel']);
  });

  it('let new events be taken in between, and go on with these when they have come to where the reader is', async () => {
    await recordParcels();
    const [inTheMiddle, queued, goOn] = [gate(), gate(), gate()];
    let reads = 0;
    const projection = new ParcelTracking(unknown('nowhere'));
    const { reader, letters } = await begin(projection, {
      events: eventsThrough(
        async (call, work) => {
          if (call === 'readAll' && ++reads === 2) {
            inTheMiddle.open();
            await queued.opened;
          } else if (reads === 3) await goOn.opened;
          const answer = await work();
          if (call === 'subscribe' && reads === 2) setImmediate(queued.open); // once it waits for its turn
          return answer;
        },
        inBatchesOf(BATCH, events),
      ),
    });
    await tookAll(reader);
    projection.trouble = noTrouble;
    await letters.retry(await idsOf(letters));
    await inTheMiddle.opened;
    await record(events, 'parcels.parcel-new', registered, scanned('Essen'));
    await record(events, 'parcels.parcel-p0', scanned('Essen'));
    await until('the new ones were taken', async () => (await trailOf('new')) !== undefined);
    expect((await Array.fromAsync(letters.requested('parcel-tracking'))).flat()).toHaveLength(PARCELS.length);
    goOn.open();
    await answered(letters);
    expect(await letters.list()).toEqual([]);
    expect(reads).toBeLessThanOrEqual(Number((await events.head()).position) / BATCH + 2); // nothing twice
    expect(await trailOf('p0')).toEqual(['Ulm', 'nowhere', 'Köln', 'Kiel', 'Essen']);
    await record(events, 'parcels.parcel-p0', scanned('Trier'));
    await tookAll(reader);
    expect(await trailOf('p0')).toEqual(['Ulm', 'nowhere', 'Köln', 'Kiel', 'Essen', 'Trier']);
  });

  it('are taken in one go by a reader that has a backlog, which it need not store batch by batch for them', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('nowhere'));
    const first = await begin(new ParcelTracking(unknown('nowhere')));
    await tookAll(first.reader);
    await first.process.stop();
    await recordParcels();
    const { letters } = first;
    await letters.retry(await idsOf(letters));
    const calls: string[] = [];
    const inBacklog = gate();
    let looks = 0;
    await begin(new ParcelTracking(), {
      events: eventsThrough(
        async (call, work) => {
          calls.push(call);
          if (calls.length === 10) inBacklog.open();
          return work();
        },
        inBatchesOf(BATCH, events),
      ),
      documents: documentsThrough(async (call, work) => {
        if (call === 'find gesta.dead-letters' && ++looks === 2) await inBacklog.opened;
        if (call === 'put gesta.dead-letters') calls.push(call);
        return work();
      }, documents),
    });
    await until('it is done', async () => (await letters.list()).length === 0);
    const pass = calls.slice(calls.indexOf('readAll'), calls.lastIndexOf('put gesta.dead-letters'));
    expect(pass.length).toBeGreaterThan(5);
    expect(pass.filter((call) => call === 'subscribe').length).toBeLessThanOrEqual(1); // as it reads one batch ahead
  });

  it('are left to the next owner when the lease is lost on the way', async () => {
    await recordParcels();
    const [reading, lost, mayRead] = [gate(), gate(), gate()];
    let away = false;
    const projection = new ParcelTracking(unknown('nowhere'));
    const first = await begin(projection, {
      events: eventsThrough(
        async (call, work) => {
          const answer = await work();
          if (call === 'readAll') {
            reading.open();
            await lost.opened;
          }
          return answer;
        },
        inBatchesOf(1_000, events),
      ),
      documents: documentsThrough(async (call, work) => {
        if (away && call.endsWith('gesta.leases')) throw new StoreUnavailable('The store is away');
        return work();
      }, documents),
    });
    const { letters } = first;
    await tookAll(first.reader);
    projection.trouble = noTrouble;
    await letters.retry(await idsOf(letters));
    await reading.opened; // with a batch in hand that reaches where the reader is
    away = true;
    const second = await begin(new ParcelTracking(), {
      events: eventsThrough(async (call, work) => {
        if (call === 'readAll') await mayRead.opened;
        return work();
      }, events),
    });
    await until('another one owns it', () => second.reader.owner);
    lost.open();
    await until('it was noticed', () => first.process.noticed('lease-lost').length > 0);
    expect((await Array.fromAsync(letters.requested('parcel-tracking'))).flat()).toHaveLength(PARCELS.length);
    mayRead.open();
    await answered(letters);
    expect(await letters.list()).toEqual([]);
    for (const parcel of PARCELS) expect(await trailOf(parcel)).toEqual(['Ulm', 'nowhere', 'Köln', 'Kiel']);
  });

  it('stay skipped when the process dies before its checkpoint has passed what was skipped', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('Ulm'), scanned('nowhere'));
    const oneByOne = { events: inBatchesOf(1, events) };
    let isParked = false;
    const parks = mortal((call) => {
      isParked ||= call === 'put gesta.dead-letters';
      return isParked && call === 'put gesta.checkpoints' ? 'before' : undefined;
    });
    await begin(new ParcelTracking(unknown('nowhere')), {
      ...oneByOne,
      documents: documentsThrough(parks.around, documents),
    });
    await until('it has died', parks.dead);
    const letters = await DeadLetters.open(documents);
    await letters.skip(await idOf(letters, 'a'));

    // The event comes again and is passed; then, before anything else, it is looked what was asked.
    const passed = gate();
    const skips = mortal((call) => (call === 'put gesta.checkpoints' ? 'before' : undefined));
    let looks = 0;
    const second = await begin(new ParcelTracking(unknown('nowhere')), {
      ...oneByOne,
      documents: documentsThrough(async (call, work) => {
        if (call === 'find gesta.dead-letters' && ++looks === 2) await passed.opened;
        return skips.around(call, work);
      }, documents),
    });
    await tookAll(second.reader);
    passed.open();
    await until('it has died', skips.dead);

    const third = await begin(new ParcelTracking(unknown('nowhere')), oneByOne);
    await tookAll(third.reader);
    await answered(letters);
    expect(await letters.list()).toEqual([]);
    expect(third.process.noticed('parked')).toEqual([]);
    expect(await trailOf('a')).toEqual(['Ulm']);
  });

  describe('of a reactor', () => {
    let sent: string[];
    let isOpen: boolean;
    @Reactor({ name: 'scan-mail', startFrom: 'beginning', attempts: 1 })
    class ScanMail {
      @When(ParcelScanned)
      async scanned(_: ParcelScanned, { position }: EventMetadata) {
        if (!isOpen) throw new Error('The post office is closed');
        sent.push(String(position));
      }
    }
    const react = async (around: Around = (_, work) => work()) => {
      const process = await ReadingProcess.open(
        {
          events: inBatchesOf(BATCH, eventsThrough(around, events)),
          documents: documentsThrough(around, documents),
        },
        { leaseMs: 40 },
      );
      processes.push(process);
      return { process, reader: process.react(new ScanMail()), letters: process.deadLetters };
    };
    beforeEach(() => {
      sent = [];
      isOpen = false;
    });

    it('have none of their effects again but those of one batch when the process dies on the way', async () => {
      for (const hub of ['Ulm', 'Köln', 'Kiel', 'Bonn']) {
        for (const parcel of PARCELS) await record(events, `parcels.parcel-${parcel}`, scanned(hub));
      }
      const { process, reader, letters } = await react();
      await tookAll(reader);
      await process.stop();
      await letters.retry(await idsOf(letters));
      isOpen = true;
      let puts = -1; // the first one is to adopt them
      const { around, dead } = mortal((call) =>
        call === 'put gesta.dead-letters' && ++puts === 25 ? 'before' : undefined,
      );
      await react(around);
      await until('it has died', dead);
      expect(sent).toHaveLength(25 * BATCH);
      await react();
      await answered(letters);
      expect(await letters.list()).toEqual([]);
      expect(new Set(sent).size).toBe(4 * PARCELS.length);
      expect(sent.length - new Set(sent).size).toBeLessThanOrEqual(BATCH);
    });

    it('leave to the reader what it has not come to', async () => {
      const mayGoOn = gate();
      let isHeld = false;
      await record(events, 'parcels.parcel-a', scanned('Ulm'));
      const { reader, letters } = await react(async (call, work) => {
        const answer = await work();
        if (call === 'subscribe' && isHeld) await mayGoOn.opened;
        return answer;
      });
      await tookAll(reader);
      isOpen = isHeld = true;
      await record(events, 'parcels.parcel-a', scanned('Köln'));
      await letters.retry(await idsOf(letters));
      await answered(letters);
      expect(sent).toEqual(['1']);
      mayGoOn.open();
      await tookAll(reader);
      expect(sent).toEqual(['1', '2']);
    });
  });
});
