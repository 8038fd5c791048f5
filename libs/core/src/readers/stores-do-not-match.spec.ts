import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { record } from '../../test/log.js';
import { ParcelRegistered, ParcelTracking } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice } from '../observability/notice.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import type { EventStore } from '../store/event-store.js';
import { DocumentsOfAnotherLog } from './documents-of-another-log.js';
import { PositionBeyondLog } from './reached.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });

describe('an application whose log is not the one that its documents were made from', () => {
  let documents: MemoryDocumentStore;
  let old: MemoryEventStore;
  let notices: Notice[];
  let tracking: ParcelTracking;
  const running: Gesta[] = [];

  const open = async (events: EventStore) => {
    const gesta = await Gesta.open({
      events,
      documents,
      opensAnyhow: true,
      leaseMs: 200,
      notice: (notice) => void notices.push(notice),
      projections: [{ projectionClass: ParcelTracking, definition: projectionDefinition(ParcelTracking, tracking) }],
    });
    running.push(gesta);
    gesta.start();
    return gesta;
  };
  const grown = async (count: number, log = new MemoryEventStore()) => {
    for (let n = 0; n < count; n++) await record(log, `parcels.parcel-${n}`, registered);
    return log;
  };
  const stands = async (gesta: Gesta) => {
    await until('it stands', async () => (await gesta.status()).every((reader) => reader.stuck));
    return (await gesta.status())[0]!;
  };
  /** What a copy of the log that was put back, and has gone another way since, looks like to its readers. */
  const putBack = (log: MemoryEventStore): EventStore => {
    const other: EventStore = Object.create(log) as EventStore;
    return Object.assign(other, { eventAt: async (position: bigint) => ({ id: 'another event', position }) });
  };

  beforeEach(async () => {
    documents = new MemoryDocumentStore();
    notices = [];
    tracking = new ParcelTracking();
    old = await grown(3);
    const gesta = await open(old);
    await until('it has made them', async () => (await gesta.status()).every(({ lag }) => lag === 0n));
    await gesta.stop();
    notices = [];
  });
  afterEach(() => Promise.all(running.splice(0).map((gesta) => gesta.stop())));

  it('stands still aloud, once, where the log was begun anew and has outgrown the old places', async () => {
    const gesta = await open(await grown(10));
    expect(await stands(gesta)).toMatchObject({ caughtUp: false, stuck: true });
    const told = () => notices.filter(({ kind }) => kind === 'stores-do-not-match');
    await until('it has looked again', async () => (await gesta.status())[0]!.error !== undefined);
    expect(told()).toHaveLength(1);
    expect((await gesta.status())[0]!.error).toContain('gesta projections rebuild parcel-tracking');
  });

  it('stands still where the log was put back, has gone another way and is as long as before', async () => {
    const { error } = await stands(await open(putBack(old)));
    expect(error).toMatch(/the log was put back to an older state/);
  });

  it('says at once to whoever waits for a position', async () => {
    const gesta = await open(await grown(10));
    await stands(gesta);
    await expect(gesta.readModel(ParcelTracking).waitFor(4n)).rejects.toThrow(DocumentsOfAnotherLog);
  });

  it('goes on without a restart once the documents were built anew', async () => {
    const log = await grown(10);
    const gesta = await open(log);
    await stands(gesta);
    expect(await gesta.rebuild('parcel-tracking')).toMatchObject({ outcome: 'switched' });
    await until('it is right', async () => (await gesta.status()).every((reader) => !reader.stuck && reader.caughtUp));
    await gesta.readModel(ParcelTracking).waitFor((await log.head()).position);
    expect(await gesta.readModel(ParcelTracking).count()).toBe(10);
    await gesta.stop();
    await expect(
      Gesta.open({
        events: log,
        documents,
        projections: [
          { projectionClass: ParcelTracking, definition: projectionDefinition(ParcelTracking, new ParcelTracking()) },
        ],
      }),
    ).resolves.toBeInstanceOf(Gesta);
  });

  it('is right in every process once it has its log again, whoever of them goes on', async () => {
    let log: EventStore = old;
    const events = new Proxy({} as EventStore, {
      get: (_, field) => {
        const value: unknown = Reflect.get(log, field, log);
        return typeof value === 'function' ? value.bind(log) : value;
      },
    });
    const both = [await open(events), await open(events)];
    log = await grown(10);
    for (const gesta of both) {
      await gesta.lookAtLog('another log');
      await stands(gesta);
    }
    log = old;
    for (const gesta of both) {
      await until('it goes on', async () =>
        (await gesta.status()).every(({ stuck, error, caughtUp }) => !stuck && error === undefined && caughtUp),
      );
      await gesta.readModel(ParcelTracking).waitFor((await old.head()).position);
    }
    expect((await Promise.all(both.map((gesta) => gesta.status()))).flat().filter(({ owner }) => owner)).toHaveLength(
      1,
    );
  });

  it('does not go on with what was half built from the other log', async () => {
    const before = await open(old);
    tracking.trouble = () => {
      throw new Error('It is not to be finished');
    };
    expect(await before.rebuild('parcel-tracking')).toMatchObject({ outcome: 'parked', generation: 2 });
    await before.stop();
    tracking.trouble = () => undefined;
    const log = await grown(10);
    const gesta = await open(log);
    await stands(gesta);
    expect(await gesta.rebuild('parcel-tracking')).toMatchObject({ outcome: 'switched', generation: 3 });
    await until('it is shown', async () => (await gesta.status()).every((reader) => !reader.stuck));
    await gesta.readModel(ParcelTracking).waitFor((await log.head()).position);
    expect(await gesta.readModel(ParcelTracking).count()).toBe(10);
  });

  it('does not go on with what was half built and is gone since', async () => {
    const gesta = await open(old);
    tracking.trouble = () => {
      throw new Error('It is not to be finished');
    };
    expect(await gesta.rebuild('parcel-tracking')).toMatchObject({ outcome: 'parked', generation: 2 });
    tracking.trouble = () => undefined;
    await record(old, 'parcels.parcel-later', registered); // the first that is folded into it
    expect(await gesta.rebuild('parcel-tracking')).toMatchObject({ outcome: 'parked', generation: 2 });
    await documents.drop('projection.parcel-tracking.v1.g2');
    expect(await gesta.rebuild('parcel-tracking')).toMatchObject({ outcome: 'switched', generation: 3 });
  });

  it('has not caught up with a log that ends before where it is', async () => {
    const gesta = await open(old);
    await until('it is right', async () => (await gesta.status()).every((reader) => reader.caughtUp));
    await expect(gesta.readModel(ParcelTracking).waitFor(99n)).rejects.toThrow(PositionBeyondLog);
  });
});
