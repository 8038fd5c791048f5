import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collectionThrough, cuttable, documentsThrough, eventsThrough, mortal } from '../../test/fallible-stores.js';
import { record, recordAs, wholeLog } from '../../test/log.js';
import { ParcelDelivered, ParcelDelivery, ParcelRegistered, VanDeparted } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { StoredDocument } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { CommandRefused } from './command-refused.js';
import { DeadlineClock } from './deadline-clock.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DUE = { types: ['gesta.deadline-due'] };
const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });

describe('A deadline', () => {
  let time: number;
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];
  const now = () => new Date(time);

  beforeEach(() => {
    time = Date.UTC(2026, 0, 1, 12);
    events = new MemoryEventStore({ now });
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  /** The process manager of parcels: three days for a delivery, one when the parcel is in a van. */
  const begin = async (stores: Partial<Stores> = {}) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, { leaseMs: 40 });
    processes.push(process);
    return { process, ...(await process.manage(ParcelDelivery, now)) };
  };
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const told = async (parcel: string) =>
    (await wholeLog(events, { types: ['courier.tell-receiver'] }))
      .filter(({ data }) => data.parcelId === parcel)
      .map(({ data }) => data.what);
  const wasLate = (parcel: string) => until(`${parcel} is late`, async () => (await told(parcel)).at(-1) === 'late');
  /** Whatever was due before has been seen by the clock, because this one was. */
  const theClockHasLooked = async (reader: { reached: { now: bigint } }) => {
    const probe = `probe-${(await events.head()).position}`;
    const before = time;
    time -= 3 * DAY + 1; // its three days are over now
    await record(events, `parcels.parcel-${probe}`, registered);
    time = before;
    await wasLate(probe);
    await tookAll(reader);
  };
  const dueFor = async (parcel: string) => (await wholeLog(events, DUE)).filter(({ data }) => data.key === parcel);

  it('hands on who asked and under which ids, from what last moved the instance', async () => {
    const { reader } = await begin();
    const headers = { correlationId: 'the request', userId: 'ada' };
    await recordAs(events, 'parcels.parcel-a', { ...registered, version: 2, headers });
    await tookAll(reader);
    time += 3 * DAY;
    await wasLate('a');
    const [due] = await dueFor('a');
    expect(due!.headers).toEqual(headers);
    const late = (await wholeLog(events)).find(({ headers: { causationId } }) => causationId === due!.id);
    expect(late!.headers).toMatchObject(headers);
  });

  it('that has passed becomes an event in the log, and is acted upon once', async () => {
    const { reader, instances } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    await tookAll(reader);
    time += 3 * DAY;
    await wasLate('a');
    await theClockHasLooked(reader);
    expect(await told('a')).toEqual(['registered', 'late']);
    expect((await dueFor('a')).map(({ data }) => data)).toEqual([
      { process: 'parcel-delivery', key: 'a', name: 'delivery', due: time },
    ]);
    expect((await instances.get(['a'])).get('a')!.body).toMatchObject({ completed: true, deadlines: {}, dueAt: null });
  });

  it('that has not passed is left alone', async () => {
    const { reader } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    time += 3 * DAY - 1;
    await theClockHasLooked(reader);
    expect(await told('a')).toEqual(['registered']);
  });

  it('that was moved counts from where it was moved to', async () => {
    const { reader } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    time += 2 * DAY;
    await record(events, 'parcels.van-1', event(VanDeparted, { parcels: ['a'] }));
    time += DAY - 1;
    await theClockHasLooked(reader);
    expect(await dueFor('a')).toEqual([]);
    time += 1;
    await wasLate('a');
  });

  it('that was moved, taken back or made void after it had passed is ignored', async () => {
    const { process, reader } = await begin();
    for (const parcel of ['moved', 'delivered']) await record(events, `parcels.parcel-${parcel}`, registered);
    await tookAll(reader);
    await process.stop();
    // It happens before the clock looks: the log says what came first.
    time += 3 * DAY;
    await record(events, 'parcels.van-1', event(VanDeparted, { parcels: ['moved'] }));
    await record(events, 'parcels.parcel-delivered', event(ParcelDelivered, {}));
    const next = await begin();
    await tookAll(next.reader);
    await theClockHasLooked(next.reader);
    expect(await told('moved')).toEqual(['registered', 'in a van']);
    expect(await told('delivered')).toEqual(['registered', 'delivered']);
    time += DAY;
    await wasLate('moved');
  });

  it('that had become an event before it was taken back has come first', async () => {
    const { reader } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    await tookAll(reader);
    time += 3 * DAY;
    await wasLate('a');
    await record(events, 'parcels.parcel-a', event(ParcelDelivered, {}));
    await tookAll(reader);
    expect(await told('a')).toEqual(['registered', 'late']);
  });

  it('survives that nobody was there when it passed', async () => {
    const { process, reader } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    await tookAll(reader);
    await process.stop();
    time += 30 * DAY;
    await begin();
    await wasLate('a');
  });

  it('is acted upon once, though the process died as soon as it had become an event', async () => {
    const { process, reader } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    await tookAll(reader);
    await process.stop();
    time += 3 * DAY;
    const due = () => dueFor('a').then(({ length }) => length);
    const { around, dead } = mortal((call) => (call === 'put process.parcel-delivery' ? 'before' : undefined));
    await begin({ documents: documentsThrough(around, documents) });
    await until('it has died', dead);
    expect(await due()).toBe(1);
    const next = await begin();
    await wasLate('a');
    await theClockHasLooked(next.reader);
    expect(await due()).toBe(1);
    expect(await told('a')).toEqual(['registered', 'late']);
  });

  it('is acted upon once, though two owners saw it pass', async () => {
    const { reader } = await begin();
    await record(events, 'parcels.parcel-a', registered);
    await tookAll(reader);
    // The other one has a log of leases of its own, and so believes to be the owner.
    const mine = new MemoryDocumentStore();
    const other: Stores['documents'] = {
      ...documentsThrough((_, work) => work(), documents),
      collection: (name, options) => (name === 'gesta.leases' ? mine : documents).collection(name, options),
    };
    const second = await begin({ documents: other });
    await until('both own it', () => second.reader.owner && reader.owner);
    time += 3 * DAY;
    await wasLate('a');
    await theClockHasLooked(reader);
    await tookAll(second.reader);
    expect(await dueFor('a')).toHaveLength(1);
    expect(await told('a')).toEqual(['registered', 'late']);
  });

  it.each(['documents', 'events'] as const)('waits while the store of %s is away', async (which) => {
    const connection = cuttable(
      (call) => call === 'find process.parcel-delivery' || call.startsWith('append gesta.deadline'),
    );
    const { reader } = await begin(
      which === 'documents'
        ? { documents: documentsThrough(connection.around, documents) }
        : { events: eventsThrough(connection.around, events) },
    );
    await record(events, 'parcels.parcel-a', registered);
    await tookAll(reader);
    connection.away = true;
    time += 3 * DAY;
    await until('the clock has looked in vain', () => connection.refused >= 2);
    expect(await dueFor('a')).toEqual([]);
    connection.away = false;
    await wasLate('a');
    expect(await dueFor('a')).toHaveLength(1);
  });

  it('of an instance that is parked waits with it', async () => {
    const { process, reader } = await begin();
    const letters = process.deadLetters;
    await record(events, 'parcels.parcel-a', registered);
    const unheardOf = event(CommandRefused, {
      process: 'parcel-delivery',
      key: 'a',
      commandId: '1',
      command: 'courier.never-heard-of',
      version: 1,
      data: {},
      refusal: { name: 'No', message: 'no' },
    });
    await record(events, 'gesta.refusal-1', unheardOf);
    await tookAll(reader);
    time += 3 * DAY;
    await theClockHasLooked(reader);
    expect(await dueFor('a')).toHaveLength(1);
    expect(await told('a')).toEqual(['registered']);
    const [letter] = await letters.list();
    await letters.skip(letter!.id);
    await wasLate('a');
  });

  describe('when the clock jumps an hour', () => {
    it('comes early or late, and once', async () => {
      const { reader } = await begin();
      await record(events, 'parcels.parcel-before', registered);
      await tookAll(reader);
      time += 3 * DAY - 30 * 60_000;
      await theClockHasLooked(reader);
      expect(await told('before')).toEqual(['registered']);

      time += HOUR; // forward: half an hour early
      await record(events, 'parcels.parcel-during', registered);
      await wasLate('before');
      await tookAll(reader);
      time -= HOUR; // and back
      await record(events, 'parcels.parcel-after', registered);
      await theClockHasLooked(reader);

      time += 3 * DAY;
      await wasLate('after');
      expect(await told('during')).toEqual(['registered']); // an hour late: it was set in the future
      time += HOUR;
      await wasLate('during');
      await theClockHasLooked(reader);
      for (const parcel of ['before', 'during', 'after']) {
        expect(await told(parcel)).toEqual(['registered', 'late']);
        expect(await dueFor(parcel)).toHaveLength(1);
      }
    });

    it('neither loses nor doubles an event, nor changes their order', async () => {
      const { reader } = await begin();
      for (const [index, jump] of [0, HOUR, -HOUR, -HOUR, HOUR].entries()) {
        time += jump;
        await record(events, `parcels.parcel-${index}`, registered, event(ParcelDelivered, {}));
      }
      await tookAll(reader);
      for (let index = 0; index < 5; index++) expect(await told(String(index))).toEqual(['registered', 'delivered']);
    });
  });

  describe('of many instances, due at once', () => {
    const HEADERS = {};
    const due = (key: string, at: number) => ({
      key,
      version: 1n,
      body: { fields: {}, deadlines: { pay: at }, completed: false, outbox: [], dueAt: at, headers: HEADERS },
    });

    /** A clock whose process manager takes nothing yet, and what it asked of its stores. */
    const clockOf = async (instances: StoredDocument[]) => {
      const collection = await documents.collection('process.bills', { indexes: [{ dueAt: 1 }] });
      await collection.put(instances);
      const asked = { appends: [] as string[], finds: 0 };
      const counted = collectionThrough((call, work) => {
        if (call.startsWith('find')) asked.finds++;
        return work();
      }, collection);
      const store: EventStore = Object.assign(Object.create(events) as EventStore, {
        append: (...args: Parameters<EventStore['append']>) => {
          asked.appends.push(args[0]);
          return events.append(...args);
        },
      });
      const clock = new DeadlineClock('bills', counted, store, now);
      const ending = new AbortController();
      const running = clock.run(ending.signal);
      const end = async () => {
        ending.abort();
        await running;
      };
      const look = async () => {
        const { finds } = asked;
        await until('it has looked again', () => asked.finds > finds + 1);
      };
      return { clock, collection, asked, end, look };
    };
    const many = (count: number, at: (n: number) => number) =>
      Array.from({ length: count }, (_, n) => due(`k${String(n).padStart(6, '0')}`, at(n)));

    it.each([
      ['one after the other', (n: number) => 1_000 + n],
      ['at the same time', () => 1_000],
      ['many at each of some times', (n: number) => 1_000 + (n % 7)],
    ])('becomes an event once each, %s, and is not read again and again', async (_, at) => {
      const { asked, end, look } = await clockOf(many(3_000, at));
      await until('all are announced', () => asked.appends.length >= 3_000);
      const { finds } = asked;
      expect(finds).toBeLessThanOrEqual(20); // pages of 500, and for each time at which a page ends
      await look();
      await look();
      await end();
      expect(asked.appends).toHaveLength(3_000);
      expect(new Set(asked.appends).size).toBe(3_000);
    });

    it('that is set when it has passed already becomes an event all the same', async () => {
      const { clock, collection, asked, end, look } = await clockOf(many(10, () => time));
      await look();
      await collection.put([due('late', time - DAY)]);
      await clock.isSet('late', { pay: time - DAY }, HEADERS);
      expect(asked.appends).toHaveLength(11);
      await clock.isSet('later', { pay: time + DAY }, HEADERS);
      await look();
      await end();
      expect(asked.appends).toHaveLength(11);
    });

    it('that is set while the clock has gone back comes when its time has', async () => {
      const { clock, collection, asked, end, look } = await clockOf([]);
      await look();
      time -= HOUR;
      const soon = time + 1_000;
      await collection.put([due('soon', soon)]);
      await clock.isSet('soon', { pay: soon }, HEADERS);
      await look();
      expect(asked.appends).toEqual([]);
      time = soon;
      await until('it is announced', () => asked.appends.length === 1);
      await look();
      await end();
      expect(asked.appends).toHaveLength(1);
    });

    it('is looked for from the beginning by the next owner', async () => {
      const first = await clockOf(many(20, () => 1_000));
      await first.look();
      await first.end();
      const next = await clockOf([]);
      await next.look();
      await next.end();
      expect(next.asked.appends.toSorted()).toEqual(first.asked.appends.toSorted());
      expect(await wholeLog(events, DUE)).toHaveLength(20);
    });
  });
});
