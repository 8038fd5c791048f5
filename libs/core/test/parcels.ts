import type { EventMetadata } from '../src/events/recorded-event.js';
import { Event } from '../src/events/event.decorator.js';
import { Command } from '../src/messaging/command.decorator.js';
import { cancelDeadline, complete, deadline, send, type Effect, type Effects } from '../src/processes/effects.js';
import {
  OnDeadline,
  OnRefused,
  ProcessManager,
  When,
  type Refusal,
} from '../src/processes/process-manager.decorator.js';
import { Project, Projection } from '../src/projections/projection.decorator.js';
import { idOf } from '../src/store/stream-id.js';

// Parcels on their way: the example that the specs of the reading half share.

@Event('parcels.parcel-registered', {
  version: 2,
  aliases: ['parcels.parcel-announced'],
  upcast: {
    1: ({ receiver, weight }: { receiver: string; weight: number }) => {
      if (weight < 0) throw new Error(`No parcel weighs ${weight}`);
      return { to: { name: receiver }, grams: weight * 1_000 };
    },
  },
})
export class ParcelRegistered {
  readonly to!: { readonly name: string };
  readonly grams!: number;
}

@Event('parcels.parcel-scanned')
export class ParcelScanned {
  readonly hub!: string;
}

@Event('parcels.parcel-delivered')
export class ParcelDelivered {}

/** By law, or by the customer's wish. */
@Event('parcels.parcel-erased')
export class ParcelErased {}

/** Parcels that travel together; not an event of one parcel. */
@Event('parcels.van-departed')
export class VanDeparted {
  readonly parcels!: readonly string[];
}

export interface Tracking {
  readonly to: { readonly name: string };
  readonly grams: number;
  readonly status: string;
  readonly trail: string[];
  /** The position of the last event that was folded, as text. */
  readonly at: string;
}

/** What a fold or a method of the examples does with an event beside what it is for: throws, mostly. */
export type Trouble = (event: object, meta: EventMetadata) => void;

/** Where each parcel is. A parcel that is erased has no document. */
@Projection({ name: 'parcel-tracking' })
export class ParcelTracking {
  /** @param trouble is called by every fold, before it folds */
  constructor(public trouble: Trouble = () => undefined) {}

  @Project(ParcelRegistered)
  registered(registered: ParcelRegistered, _before: Tracking | undefined, meta: EventMetadata): Tracking {
    this.trouble(registered, meta);
    return { ...registered, status: 'registered', trail: [], at: String(meta.position) };
  }

  @Project(ParcelScanned)
  scanned(scanned: ParcelScanned, before: Tracking | undefined, meta: EventMetadata): Tracking | undefined {
    this.trouble(scanned, meta);
    return (
      before && { ...before, status: 'travelling', trail: [...before.trail, scanned.hub], at: String(meta.position) }
    );
  }

  @Project(VanDeparted, (departed) => departed.parcels)
  departed(departed: VanDeparted, before: Tracking | undefined, meta: EventMetadata): Tracking | undefined {
    this.trouble(departed, meta);
    return before && { ...before, status: 'in a van', at: String(meta.position) };
  }

  @Project(ParcelDelivered)
  delivered(delivered: ParcelDelivered, before: Tracking | undefined, meta: EventMetadata): Tracking | undefined {
    this.trouble(delivered, meta);
    return before && { ...before, status: 'delivered', at: String(meta.position) };
  }

  @Project(ParcelErased)
  erased(erased: ParcelErased, _before: Tracking | undefined, meta: EventMetadata): undefined {
    this.trouble(erased, meta);
    return undefined;
  }
}

/** All that happened to each parcel since it was last erased: an event that is left out or taken twice shows. */
@Projection({ name: 'parcel-journal' })
export class ParcelJournal {
  @Project(ParcelRegistered)
  registered(_: ParcelRegistered, before: Journal | undefined, meta: EventMetadata): Journal {
    return noted(before, meta);
  }

  @Project(ParcelScanned)
  scanned(_: ParcelScanned, before: Journal | undefined, meta: EventMetadata): Journal {
    return noted(before, meta);
  }

  @Project(VanDeparted, (departed) => departed.parcels)
  departed(_: VanDeparted, before: Journal | undefined, meta: EventMetadata): Journal {
    return noted(before, meta);
  }

  @Project(ParcelErased)
  erased(): undefined {
    return undefined;
  }
}

export interface Journal {
  /** The events, by position and name. */
  readonly entries: readonly string[];
}

function noted(before: Journal | undefined, { position, type }: EventMetadata): Journal {
  return { entries: [...(before?.entries ?? []), `${position} ${type}`] };
}

@Command('courier.book-courier')
export class BookCourier {
  readonly parcelId!: string;
  readonly grams!: number;
}

@Command('courier.cancel-courier')
export class CancelCourier {
  readonly parcelId!: string;
}

@Command('courier.tell-receiver')
export class TellReceiver {
  readonly parcelId!: string;
  /** Counts what the receiver was told about the parcel. */
  readonly number!: number;
  readonly what!: string;
}

/** Sees a parcel to its receiver: books a courier, tells the receiver, and gives up when it takes too long. */
@ProcessManager({ name: 'parcel-delivery', startFrom: 'beginning' })
export class ParcelDelivery {
  private parcelId = '';
  private told = 0;
  private readonly seen: string[] = [];

  @When(ParcelRegistered)
  registered({ grams }: ParcelRegistered, meta: EventMetadata): Effects {
    this.about(meta);
    const { parcelId } = this;
    return [send(BookCourier, { parcelId, grams }), deadline('delivery', { days: 3 }), this.tell('registered')];
  }

  @When(ParcelScanned)
  scanned({ hub }: ParcelScanned, meta: EventMetadata): Effects {
    this.about(meta);
    this.seen.push(hub);
    return hub === 'depot' ? undefined : this.tell(`in ${hub}`); // depots are of no interest to receivers
  }

  @When(VanDeparted, (departed) => departed.parcels[0])
  departed(): Effects {
    return [deadline('delivery', { days: 1 }), this.tell('in a van')];
  }

  @When(ParcelDelivered)
  delivered(_: ParcelDelivered, meta: EventMetadata): Effects {
    this.about(meta);
    return [this.tell('delivered'), cancelDeadline('delivery')];
  }

  @When(ParcelErased)
  erased(): Effects {
    return complete();
  }

  @OnRefused(BookCourier)
  noCourier(_: BookCourier, { name, message }: Refusal): Effects {
    return this.tell(`${name}: ${message}`);
  }

  @OnDeadline('delivery')
  tooLate(): Effects {
    return [send(CancelCourier, { parcelId: this.parcelId }), this.tell('late'), complete()];
  }

  private about({ streamId }: EventMetadata): void {
    this.parcelId = idOf(streamId);
  }

  private tell(what: string): Effect {
    return send(TellReceiver, { parcelId: this.parcelId, number: ++this.told, what });
  }
}
