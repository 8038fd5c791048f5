import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Booking, booking, CourierBooked } from '../../test/courier.js';
import { record } from '../../test/log.js';
import { BookCourier, ParcelRegistered, ParcelTracking } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice } from '../observability/notice.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import type { EventStore } from '../store/event-store.js';
import { DocumentsOfAnotherLog } from './documents-of-another-log.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });

/** A store of which another log is behind the same connection after a while. What follows the first goes on to hear nothing. */
class Replaceable implements Pick<EventStore, 'head'> {
  calls: string[] = [];
  forgotten = 0;
  readonly store: EventStore;
  constructor(private now: EventStore) {
    this.store = new Proxy({} as EventStore, {
      get: (_, name: keyof EventStore | 'forget') => {
        if (name === 'forget') return () => void this.forgotten++;
        const { now: of } = this;
        const what: unknown = of[name as keyof EventStore];
        if (typeof what !== 'function') return what;
        return (...given: unknown[]) => {
          this.calls.push(name);
          return (what as (...args: unknown[]) => unknown).apply(of, given);
        };
      },
    });
  }
  head() {
    return this.now.head();
  }
  with(other: EventStore): void {
    this.now = other;
  }
}

describe('a log that is looked at while it is followed', () => {
  let log: MemoryEventStore;
  let replaceable: Replaceable;
  let notices: Notice[];
  let gesta: Gesta;

  const grown = async (count: number) => {
    const grows = new MemoryEventStore();
    for (let n = 0; n < count; n++) await record(grows, `parcels.parcel-${n}`, registered);
    return grows;
  };
  const replaced = () => notices.filter(({ kind }) => kind === 'log-replaced');
  const looks = (times: number) => {
    const wanted = replaceable.calls.filter((call) => call === 'head').length + times;
    return until('it was looked at', () => replaceable.calls.filter((call) => call === 'head').length >= wanted);
  };
  const book = (grams: number) =>
    gesta
      .repository(Booking)
      .transact('p', (aggregate) => aggregate.book(Object.assign(new BookCourier(), { parcelId: 'p', grams })));

  beforeEach(async () => {
    log = await grown(3);
    replaceable = new Replaceable(log);
    notices = [];
    gesta = await Gesta.open({
      events: replaceable.store,
      documents: new MemoryDocumentStore(),
      aggregates: [booking],
      projections: [
        { projectionClass: ParcelTracking, definition: projectionDefinition(ParcelTracking, new ParcelTracking()) },
      ],
      lookAtLogMs: 10,
      maintenance: false,
      notice: (notice) => void notices.push(notice),
    });
    await gesta.start();
    await until('all is taken', async () => (await gesta.status()).every(({ lag }) => lag === 0n));
    await looks(2);
  });
  afterEach(() => gesta.stop());

  it('is taken for the same while it grows, or an event of it is removed', async () => {
    await record(log, 'parcels.parcel-9', registered);
    await looks(2);
    await log.deleteStream('parcels.parcel-9', { expected: 'any' });
    await record(log, 'parcels.parcel-10', registered);
    await looks(2);
    expect(replaced()).toEqual([]);
  });

  it('costs one call where nothing was appended', async () => {
    replaceable.calls = [];
    await looks(5);
    expect(new Set(replaceable.calls)).toEqual(new Set(['head']));
  });

  it.each([
    ['is empty', 0],
    ['is as long', 3],
    ['has outgrown it', 9],
  ])('is missed when another one that %s takes its place, though no connection is lost', async (_, events) => {
    replaceable.with(await grown(events));
    await until('it is told', () => replaced().length > 0);
    await until('the reader stands', async () => (await gesta.status()).every(({ stuck }) => stuck === true));
    await expect(gesta.readModel(ParcelTracking).waitFor(1n)).rejects.toThrow(DocumentsOfAnotherLog);
    expect(replaced()).toHaveLength(1);
    expect(replaceable.forgotten).toBe(1);
  });

  it('is not decided on from memory once another one has taken its place', async () => {
    await book(100);
    await book(100);
    const other = await grown(3);
    const one = event(CourierBooked, { parcelId: 'p', grams: 1, booking: 7 });
    await record(other, 'courier.booking-p', one, one);
    replaceable.with(other);
    await until('it is told', () => replaced().length > 0);
    const { revision } = await book(100);
    expect(revision).toBe(2);
    const events = (await Array.fromAsync(other.readStream('courier.booking-p'))).flat();
    expect(events.at(-1)!.data).toMatchObject({ booking: 3 });
  });
});
