import { Aggregate, Apply, Handle } from '../src/aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../src/aggregates/aggregate-definition.js';
import { DomainError } from '../src/aggregates/domain-error.js';
import type { CommandResult, Repository } from '../src/aggregates/repository.js';
import { event } from '../src/events/domain-event.js';
import { Event } from '../src/events/event.decorator.js';
import type { CommandEndpoint } from '../src/messaging/command-inbox.js';
import { BookCourier, CancelCourier } from './parcels.js';

// The context that the parcels' process manager sends commands to.

@Event('courier.courier-booked')
export class CourierBooked {
  readonly parcelId!: string;
  readonly grams!: number;
  /** Counts the bookings of the parcel. */
  readonly booking!: number;
}

@Event('courier.courier-cancelled')
export class CourierCancelled {
  readonly parcelId!: string;
}

export class TooHeavy extends DomainError {
  constructor(grams: number) {
    super(`${grams} g are more than a courier carries`);
  }
}

export class NoCourier extends DomainError {
  constructor() {
    super('Nobody is booked');
  }
}

/** One parcel's bookings. */
@Aggregate({ category: 'courier.booking', id: 'parcelId' })
export class Booking {
  /** What a courier carries at most; specs change it. */
  static strength = 30_000;
  private bookings = 0;
  private booked = false;

  @Handle(BookCourier)
  book({ parcelId, grams }: BookCourier) {
    if (grams > Booking.strength) throw new TooHeavy(grams);
    return event(CourierBooked, { parcelId, grams, booking: this.bookings + 1 });
  }

  @Handle(CancelCourier)
  cancel({ parcelId }: CancelCourier) {
    if (!this.booked) throw new NoCourier();
    return event(CourierCancelled, { parcelId });
  }

  @Apply(CourierBooked)
  wasBooked() {
    this.bookings++;
    this.booked = true;
  }

  @Apply(CourierCancelled)
  wasCancelled() {
    this.booked = false;
  }
}

export const booking = aggregateDefinition(Booking);

/** Decides on commands for bookings, as a command bus would have it done. */
export function bookingsEndpoint(
  repository: () => Repository<Booking>,
  before: (command: object) => Promise<void> | void = () => undefined,
): CommandEndpoint {
  return {
    handled: [BookCourier, CancelCourier],
    async execute(command): Promise<CommandResult> {
      await before(command);
      const handler = booking.handlers.find((each) => command instanceof each.command)!;
      return repository().transact(
        handler.idOf(command),
        (aggregate) => handler.decide(aggregate, command) as ReturnType<Booking['book']>,
      );
    },
  };
}
