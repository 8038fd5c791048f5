import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Booking, booking, bookingsEndpoint, CourierBooked, CourierCancelled } from '../../test/courier.js';
import { wholeLog } from '../../test/log.js';
import {
  BookCourier,
  CancelCourier,
  ParcelDelivered,
  ParcelDelivery,
  ParcelRegistered,
  ParcelTracking,
  TellReceiver,
  type Tracking,
} from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Aggregate, Apply, Handle } from '../aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../aggregates/aggregate-definition.js';
import { DomainError } from '../aggregates/domain-error.js';
import { DefinitionError } from '../events/definition-error.js';
import { event } from '../events/domain-event.js';
import type { EventMetadata } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { CommandEndpoint } from '../messaging/command-inbox.js';
import { runInMessageContext } from '../messaging/message-context.js';
import type { Notice } from '../observability/notice.js';
import { processDefinition } from '../processes/process-definition.js';
import { When } from '../processes/process-manager.decorator.js';
import { Reactor, type Reaction } from '../processes/reactor.decorator.js';
import { reactorDefinition } from '../processes/reactor-definition.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { Gesta, type GestaOptions } from './gesta.js';

const DAY = 86_400_000;

// The parcels' context: an aggregate, a read model and the process manager.

class AlreadyRegistered extends DomainError {}

@Aggregate({ category: 'parcels.parcel', id: 'parcelId', events: [ParcelDelivered] })
class Parcel {
  private registered = false;

  register(to: string, grams: number) {
    if (this.registered) throw new AlreadyRegistered(`${to} gets it already`);
    return event(ParcelRegistered, { to: { name: to }, grams });
  }

  @Apply(ParcelRegistered)
  wasRegistered() {
    this.registered = true;
  }
}

// The couriers' context: an aggregate that handles what the process manager sends, a read model and a reactor.

interface Courier {
  readonly bookings: number;
  readonly booked: boolean;
}

@Projection({ name: 'couriers' })
class Couriers {
  @Project(CourierBooked)
  booked({ booking: bookings }: CourierBooked): Courier {
    return { bookings, booked: true };
  }

  @Project(CourierCancelled)
  cancelled(_: CourierCancelled, before?: Courier): Courier | undefined {
    return before && { ...before, booked: false };
  }
}

@Reactor({ name: 'courier-calls', startFrom: 'beginning' })
class CourierCalls {
  readonly calls = new Map<string, string>();

  @When(CourierBooked)
  async booked({ parcelId }: CourierBooked, _meta: EventMetadata, { idempotencyKey }: Reaction) {
    this.calls.set(idempotencyKey, parcelId);
  }
}

describe('Gesta', () => {
  let time: number;
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let running: Gesta[];
  let notices: Notice[];
  const now = () => new Date(time);

  beforeEach(() => {
    time = Date.UTC(2026, 0, 1, 12);
    events = new MemoryEventStore({ now });
    documents = new MemoryDocumentStore();
    running = [];
    notices = [];
  });
  afterEach(() => Promise.all(running.map((gesta) => gesta.stop())));

  /** Both contexts in one process, on the stores. */
  const open = async (options: Partial<GestaOptions> = {}) => {
    const told: string[] = [];
    const calls = new CourierCalls();
    const bookings = bookingsEndpoint(() => gesta.repository(Booking));
    const commands: CommandEndpoint = {
      handled: [BookCourier, CancelCourier, TellReceiver],
      execute: async (command) => {
        if (!(command instanceof TellReceiver)) return bookings.execute(command);
        told.push(`${command.parcelId}: ${command.what}`);
        return undefined;
      },
    };
    const gesta: Gesta = await Gesta.open({
      events,
      documents,
      aggregates: [aggregateDefinition(Parcel), booking],
      projections: [
        { projectionClass: ParcelTracking, definition: projectionDefinition(ParcelTracking, new ParcelTracking()) },
        { projectionClass: Couriers, definition: projectionDefinition(Couriers, new Couriers()) },
      ],
      processes: [processDefinition(ParcelDelivery)],
      reactors: [reactorDefinition(CourierCalls, calls)],
      commands,
      now,
      notice: (notice) => notices.push(notice),
      ...options,
    });
    running.push(gesta);
    const register = (parcel: string, grams: number) =>
      gesta.repository(Parcel).transact(parcel, (aggregate) => aggregate.register('Ada', grams));
    return { gesta, told, calls, register };
  };
  const tookAll = (gesta: Gesta) =>
    until('every reader has taken the log', async () => {
      const status = await gesta.status();
      return status.every(({ lag }) => lag === 0n);
    });

  it('takes a parcel through two contexts to its receiver', async () => {
    const { gesta, told, calls, register } = await open();
    gesta.start();
    const tracking = gesta.readModel<Tracking>(ParcelTracking);
    const couriers = gesta.readModel<Courier>(Couriers);

    const { position } = await register('a', 500);
    await tracking.waitFor(position);
    expect(await tracking.findById('a')).toMatchObject({ to: { name: 'Ada' }, status: 'registered' });

    await until('a courier is booked', async () => (await couriers.findById('a'))?.booked);
    await until('the receiver is told', () => told.length === 1);
    await gesta.repository(Parcel).transact('a', () => event(ParcelDelivered, {}));
    await until('the receiver is told again', () => told.length === 2);
    await tookAll(gesta);
    expect(told).toEqual(['a: registered', 'a: delivered']);
    expect([...calls.calls.values()]).toEqual(['a']);
    expect(await tracking.find({ status: 'delivered' })).toHaveLength(1);
    expect(await gesta.deadLetters.list()).toEqual([]);
    expect(notices.filter(({ kind }) => kind !== 'lease-taken')).toEqual([]);
  });

  it('takes a refusal back to the process manager', async () => {
    const { gesta, told, register } = await open();
    gesta.start();
    await register('heavy', 40_000);
    await until('the receiver is told', () => told.length === 2);
    expect(told).toEqual(['heavy: registered', 'heavy: TooHeavy: 40000 g are more than a courier carries']);
    expect(await gesta.readModel<Courier>(Couriers).count()).toBe(0);
  });

  it('takes a deadline that passes to the other context', async () => {
    const { gesta, told, register } = await open();
    gesta.start();
    await register('a', 500);
    const couriers = gesta.readModel<Courier>(Couriers);
    await until('a courier is booked', async () => (await couriers.findById('a'))?.booked);
    time += 3 * DAY;
    await until('the courier is cancelled', async () => (await couriers.findById('a'))?.booked === false);
    await until('the receiver is told', () => told.length === 2);
    expect(told).toEqual(['a: registered', 'a: late']);
  });

  it('keeps together what followed from one request', async () => {
    const { gesta, told, register } = await open();
    gesta.start();
    await runInMessageContext({ commandId: 'the-request', headers: { userId: 'ada' } }, () => register('a', 500));
    await until('the receiver is told', () => told.length === 1);
    await tookAll(gesta);
    const log = await wholeLog(events);
    expect(new Set(log.map(({ headers }) => headers.correlationId))).toEqual(new Set(['the-request']));
    const of = (type: string) => log.find((each) => each.type === type)!;
    expect(log).toHaveLength(5); // what stated nothing has an outcome too
    expect(of('courier.book-courier').headers.causationId).toBe(of('parcels.parcel-registered').id);
    expect(of('courier.tell-receiver').headers.causationId).toBe(of('parcels.parcel-registered').id);
    expect(of('courier.courier-booked').headers.causationId).toBe(of('courier.book-courier').id);
  });

  it('starts nothing before it is told to', async () => {
    const { gesta, register } = await open();
    await register('a', 500);
    expect(await gesta.status()).toEqual(
      ['projection', 'projection', 'process', 'reactor', 'commands'].map((kind) =>
        expect.objectContaining({ kind, owner: false, position: 0n, lag: 1n, caughtUp: false, parked: 0 }),
      ),
    );
  });

  it('stops with everything in hand finished, and another goes on from there', async () => {
    const first = await open();
    first.gesta.start();
    for (let parcel = 0; parcel < 20; parcel++) await first.register(`early-${parcel}`, 500);
    await first.gesta.stop();
    const { position } = await first.register('late', 500); // repositories go on
    expect(await first.gesta.status()).toContainEqual(expect.objectContaining({ kind: 'process', owner: false }));

    const second = await open();
    second.gesta.start();
    await second.gesta.readModel(ParcelTracking).waitFor(position);
    const couriers = second.gesta.readModel<Courier>(Couriers);
    await until('every courier is booked', async () => (await couriers.count({ booked: true, bookings: 1 })) === 21);
    await until('every receiver is told', () => first.told.length + second.told.length === 21);
    expect(new Set([...first.told, ...second.told]).size).toBe(21);
    expect(new Set([...first.calls.calls.values(), ...second.calls.calls.values()]).size).toBe(21);
  });

  it('shares the work with another process: one owner each, the other takes over', async () => {
    const [one, other] = [await open(), await open()];
    one.gesta.start();
    await until('the first owns all', async () => (await one.gesta.status()).every(({ owner }) => owner));
    other.gesta.start();
    const { position } = await other.register('a', 500);
    await other.gesta.readModel(ParcelTracking).waitFor(position); // read by the other process, folded by the first
    expect((await other.gesta.status()).some(({ owner }) => owner)).toBe(false);
    await one.gesta.stop();
    await until('the other owns all', async () => (await other.gesta.status()).every(({ owner }) => owner));
    await other.register('b', 500);
    await until('it does the work', () => other.told.includes('b: registered'));
  });

  it('tells how its readers are doing', async () => {
    const { gesta, register } = await open();
    gesta.start();
    const { position } = await register('a', 500);
    await gesta.readModel(ParcelTracking).waitFor(position);
    await tookAll(gesta);
    const { position: head } = await events.head();
    const status = await gesta.status();
    expect(status.map(({ reader }) => reader)).toEqual([
      'projection.parcel-tracking.v1.g1',
      'projection.couriers.v1.g1',
      'process.parcel-delivery',
      'reactor.courier-calls',
      'commands.courier',
    ]);
    for (const each of status) {
      expect(each).toMatchObject({ owner: true, position: head, lag: 0n, caughtUp: true, parked: 0, error: undefined });
    }
  });

  it('has its repositories refuse in the words of the domain', async () => {
    const { register } = await open();
    await register('a', 500);
    await expect(register('a', 500)).rejects.toThrow(AlreadyRegistered);
  });

  describe('refuses', () => {
    it('an aggregate or a read model that is not its own, naming those that are', async () => {
      const { gesta } = await open();
      expect(() => gesta.repository(Couriers)).toThrow(
        new DefinitionError("Couriers is not one of the application's aggregates: Parcel, Booking"),
      );
      expect(() => gesta.readModel(Parcel)).toThrow(
        new DefinitionError("Parcel is not one of the application's projections: ParcelTracking, Couriers"),
      );
    });

    it('two parts of one name', async () => {
      const couriers = { projectionClass: Couriers, definition: projectionDefinition(Couriers, new Couriers()) };
      await expect(open({ projections: [couriers, couriers] })).rejects.toThrow(DefinitionError);
      const delivery = processDefinition(ParcelDelivery);
      await expect(open({ processes: [delivery, delivery] })).rejects.toThrow(DefinitionError);
    });

    it('two aggregates of one category', async () => {
      class Book {
        readonly parcelId!: string;
      }
      @Aggregate({ category: 'courier.booking', id: 'parcelId', events: [CourierBooked] })
      class OtherBooking {
        @Handle(Book)
        book() {
          return undefined;
        }
      }
      await expect(open({ aggregates: [booking, aggregateDefinition(OtherBooking)] })).rejects.toThrow(
        new DefinitionError("Booking and OtherBooking both have the category 'courier.booking'"),
      );
    });
  });
});
