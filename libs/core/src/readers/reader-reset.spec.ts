import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Booking, booking, bookingsEndpoint, CourierBooked } from '../../test/courier.js';
import { record, wholeLog } from '../../test/log.js';
import { ParcelDelivery, ParcelRegistered, ParcelScanned } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { eventDefinition } from '../events/event.decorator.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { processDefinition } from '../processes/process-definition.js';
import type { EventStore } from '../store/event-store.js';
import { Checkpoints } from './checkpoints.js';
import { MARK_KEY } from './document-mark.js';
import { CannotReset } from './reader-reset.js';

const PARCELS = ['p0', 'p1', 'p2'];
const DELIVERY = 'process.parcel-delivery';
const INBOX = 'commands.courier';
const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = event(ParcelScanned, { hub: 'Köln' });

describe('a reader that is put to another place of the log', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  const running: Gesta[] = [];

  const open = async (log: EventStore, { starts = true } = {}) => {
    const gesta: Gesta = await Gesta.open({
      events: log,
      documents,
      opensAnyhow: true,
      leaseMs: 300,
      aggregates: [booking],
      commands: bookingsEndpoint(() => gesta.repository(Booking)),
      processes: [processDefinition(ParcelDelivery)],
      maintenance: false,
    });
    running.push(gesta);
    if (starts) await gesta.start();
    return gesta;
  };
  const grow = async (log: EventStore) => {
    for (const parcel of PARCELS) await record(log, `parcels.parcel-${parcel}`, registered, scanned);
  };
  const bookings = async (log: EventStore) =>
    (await wholeLog(log, { types: [eventDefinition(CourierBooked).type] })).map(({ streamId }) => streamId).sort();
  const isDone = (gesta: Gesta) =>
    until('all is taken', async () =>
      (await gesta.status()).every(({ lag, stuck, caughtUp }) => lag === 0n && !stuck && caughtUp),
    );
  const stands = (gesta: Gesta) =>
    until('all stand', async () => (await gesta.status()).every(({ stuck }) => stuck === true));
  const instances = () => documents.collection(DELIVERY);
  const seen = async () =>
    (await (await instances()).find({})).map(({ body }) => (body!.fields as { seen: string[] }).seen.length);

  beforeEach(async () => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    await grow(events);
    const gesta = await open(events);
    await isDone(gesta);
    await gesta.stop();
  });
  afterEach(() => Promise.all(running.splice(0).map((gesta) => gesta.stop())));

  it('leads out of a log that was replaced, beside the application that stands still', async () => {
    const log = new MemoryEventStore();
    for (let times = 0; times < 12; times++) await grow(log);
    const gesta = await open(log);
    await stands(gesta);
    expect((await gesta.status())[0]!.error).toContain(`gesta readers reset ${DELIVERY} --from`);
    const operator = await open(log, { starts: false });
    const plan = await operator.planReset(DELIVERY, 'beginning');
    expect(plan).toMatchObject({ to: 0n, dropsInstances: true, mismatch: expect.stringContaining('another log') });
    expect(await seen()).toEqual([1, 1, 1]);
    expect(await operator.resetReader(DELIVERY, 'beginning')).toEqual(plan);
    await operator.resetReader(INBOX, 'beginning');
    await isDone(gesta);
    expect(await seen()).toEqual([12, 12, 12]);
    expect(new Set(await bookings(log))).toEqual(new Set(PARCELS.map((parcel) => `courier.booking-${parcel}`)));
    expect(await operator.mismatches()).toEqual(new Map());
  });

  it('takes nothing of a new log that was there before, where it goes on from now', async () => {
    const log = new MemoryEventStore();
    for (let times = 0; times < 12; times++) await grow(log);
    const operator = await open(log, { starts: false });
    await operator.resetReader(DELIVERY, 'now');
    await operator.resetReader(INBOX, 'now');
    expect(await seen()).toEqual([]);
    const gesta = await open(log);
    await isDone(gesta);
    expect(await bookings(log)).toEqual([]);
    await record(log, 'parcels.parcel-p9', registered);
    await until('a courier is booked', async () => (await bookings(log)).length === 1);
  });

  it('takes again what instances lack that were put back to an older state, and nothing twice', async () => {
    const kept = await (await instances()).get([...PARCELS, MARK_KEY]);
    await grow(events);
    const before = await open(events);
    await isDone(before);
    await before.stop();
    const wanted = { seen: await seen(), bookings: await bookings(events) };
    await documents.drop(DELIVERY);
    await (await instances()).put([...kept.values()]);
    const gesta = await open(events);
    await until('it stands', async () => (await gesta.status()).some(({ stuck }) => stuck === true));
    const operator = await open(events, { starts: false });
    expect(await operator.resetReader(DELIVERY, 'documents')).toMatchObject({ to: 6n, dropsInstances: false });
    await isDone(gesta);
    expect({ seen: await seen(), bookings: await bookings(events) }).toEqual(wanted);
  });

  it('is put behind a position', async () => {
    const operator = await open(events, { starts: false });
    expect(await operator.planReset(DELIVERY, 3n)).toMatchObject({ to: 3n, mismatch: undefined });
    await expect(operator.planReset(DELIVERY, 9_999n)).rejects.toThrow('There is no position 9999: the log ends at');
    await operator.resetReader(DELIVERY, 3n);
    const gesta = await open(events);
    await isDone(gesta);
    expect(await seen()).toEqual([1, 1, 1]);
  });

  it('is not, while it is at work in a process', async () => {
    const gesta = await open(events);
    await isDone(gesta);
    const operator = await open(events, { starts: false });
    await expect(operator.resetReader(DELIVERY, 'beginning')).rejects.toThrow(CannotReset);
    expect(await seen()).toEqual([1, 1, 1]);
  });

  it('is not put back by an owner that stood still', async () => {
    const checkpoints = await Checkpoints.open(documents);
    const { epoch, ...late } = (await checkpoints.load(DELIVERY))!;
    const operator = await open(events, { starts: false });
    await operator.resetReader(DELIVERY, 'beginning');
    expect(await checkpoints.save(DELIVERY, { ...late, position: late.position + 5n }, epoch)).toBe(false);
    expect((await checkpoints.load(DELIVERY))!.position).toBe(0n);
  });
});
