import { Aggregate, Apply, event, Handle, type Decision } from '@gesta/core';
import type { Destination } from '@marketplace/values';
import type { ParcelLine } from '../contract/parcel-line.js';
import { CancelShipment, FetchBack, ReplaceParcel, ScheduleShipment } from '../contract/shipment-commands.js';
import {
  ParcelDelivered,
  ParcelDispatched,
  ParcelLost,
  ParcelReturned,
  ShipmentCancelled,
  ShipmentScheduled,
} from '../contract/shipment-events.js';
import { FetchingAsked } from './fetching-asked.js';
import { DispatchParcel, RecordTracking } from './parcel-commands.js';
import {
  AlreadyDispatched,
  NothingDispatched,
  ParcelNotFound,
  ParcelNotLost,
  ShipmentCalledOff,
  ShipmentDiffers,
  ShipmentNotFound,
} from './shipment-errors.js';

/** `fetched`: it was on its way or with the customer, and the carrier was asked to bring it back. */
export type ParcelStatus = 'scheduled' | 'dispatched' | 'delivered' | 'fetched' | 'lost' | 'returned';

interface Parcel {
  readonly parcelId: string;
  readonly lines: readonly ParcelLine[];
  readonly replaces?: string;
  readonly status: ParcelStatus;
}

/** Where a parcel has to be for the carrier's word to change something. */
const OPEN_TO: Readonly<Record<RecordTracking['tracked'], readonly ParcelStatus[]>> = {
  // The carrier's word may overtake our own note that the parcel has left.
  delivered: ['scheduled', 'dispatched'],
  lost: ['scheduled', 'dispatched', 'fetched'],
  // What the customer's door refused comes back unasked.
  returned: ['scheduled', 'dispatched', 'fetched'],
};

/**
 * The parcels of an order. Its rule: a parcel has one end. What the carrier tells after that has no effect, so a parcel that
 * was lost and then delivered is lost, and what it held is the carrier's to pay.
 */
@Aggregate({ category: 'shipping.shipment', id: 'orderId' })
export class Shipment {
  private destination: Destination | null = null;
  private cancelled = false;
  private parcels: Parcel[] = [];

  // Folding

  @Apply(ShipmentScheduled)
  scheduled({ destination, parcels }: ShipmentScheduled) {
    this.destination = destination;
    for (const parcel of parcels) this.parcels.push({ ...parcel, status: 'scheduled' });
  }

  @Apply(ShipmentCancelled)
  calledOff() {
    this.cancelled = true;
  }

  @Apply(ParcelDispatched)
  dispatched({ parcelId }: ParcelDispatched) {
    this.move(parcelId, 'dispatched');
  }

  @Apply(ParcelDelivered)
  delivered({ parcelId }: ParcelDelivered) {
    this.move(parcelId, 'delivered');
  }

  @Apply(FetchingAsked)
  fetchingAsked({ parcelIds }: FetchingAsked) {
    for (const parcelId of parcelIds) this.move(parcelId, 'fetched');
  }

  @Apply(ParcelLost)
  lost({ parcelId }: ParcelLost) {
    this.move(parcelId, 'lost');
  }

  @Apply(ParcelReturned)
  returned({ parcelId }: ParcelReturned) {
    this.move(parcelId, 'returned');
  }

  // Deciding

  @Handle(ScheduleShipment)
  schedule({ orderId, destination, lines }: ScheduleShipment): Decision {
    if (this.cancelled) throw new ShipmentCalledOff(orderId);
    const byWarehouse = Map.groupBy(lines, ({ warehouse }) => warehouse ?? '');
    const parcels = [...byWarehouse.values()].map((packed, index) => ({
      parcelId: `parcel-${index + 1}`,
      lines: packed,
    }));
    if (this.destination === null) return event(ShipmentScheduled, { orderId, destination, parcels });
    if (this.isAsScheduled(destination, parcels)) return undefined; // the command came again
    throw new ShipmentDiffers(orderId);
  }

  @Handle(CancelShipment)
  cancel({ orderId }: CancelShipment): Decision {
    if (this.cancelled) return undefined;
    const gone = this.parcels.find(({ status }) => status !== 'scheduled');
    if (gone) throw new AlreadyDispatched(orderId, gone.parcelId);
    return event(ShipmentCancelled, { orderId }); // one that was never scheduled will not be either
  }

  @Handle(DispatchParcel)
  dispatch({ orderId, parcelId }: DispatchParcel): Decision {
    if (this.cancelled) throw new ShipmentCalledOff(orderId);
    const { status, lines } = this.parcel(orderId, parcelId);
    return status === 'scheduled' ? event(ParcelDispatched, { orderId, parcelId, lines }) : undefined;
  }

  @Handle(RecordTracking)
  track({ orderId, parcelId, tracked }: RecordTracking): Decision {
    const { status, lines } = this.parcel(orderId, parcelId);
    if (this.cancelled || !OPEN_TO[tracked].includes(status)) return undefined;
    const fact = { orderId, parcelId, lines };
    const end = { delivered: ParcelDelivered, lost: ParcelLost, returned: ParcelReturned }[tracked];
    return [...(status === 'scheduled' ? [event(ParcelDispatched, fact)] : []), event(end, fact)];
  }

  @Handle(ReplaceParcel)
  replace({ orderId, parcelId }: ReplaceParcel): Decision {
    const { status, lines } = this.parcel(orderId, parcelId);
    if (this.parcels.some(({ replaces }) => replaces === parcelId)) return undefined; // it is on its way already
    if (status !== 'lost') throw new ParcelNotLost(orderId, parcelId, status);
    const parcel = { parcelId: `parcel-${this.parcels.length + 1}`, lines, replaces: parcelId };
    return event(ShipmentScheduled, { orderId, destination: this.destination!, parcels: [parcel] });
  }

  @Handle(FetchBack)
  fetchBack({ orderId }: FetchBack): Decision {
    const out = this.parcels.filter(({ status }) => status === 'dispatched' || status === 'delivered');
    if (out.length > 0) return event(FetchingAsked, { orderId, parcelIds: out.map(({ parcelId }) => parcelId) });
    if (this.parcels.some(({ status }) => status === 'fetched' || status === 'returned')) return undefined;
    throw new NothingDispatched(orderId);
  }

  private parcel(orderId: string, parcelId: string): Parcel {
    if (this.destination === null) throw new ShipmentNotFound(orderId);
    const parcel = this.parcels.find((each) => each.parcelId === parcelId);
    if (!parcel) throw new ParcelNotFound(orderId, parcelId);
    return parcel;
  }

  private move(parcelId: string, status: ParcelStatus): void {
    this.parcels = this.parcels.map((parcel) => (parcel.parcelId === parcelId ? { ...parcel, status } : parcel));
  }

  private isAsScheduled(destination: Destination, parcels: readonly { lines: readonly ParcelLine[] }[]): boolean {
    const first = this.parcels.filter(({ replaces }) => replaces === undefined).map(({ lines }) => lines);
    const asked = [destination.country, destination.postalCode, parcels.map(({ lines }) => lines.map(inWords))];
    const has = [this.destination!.country, this.destination!.postalCode, first.map((lines) => lines.map(inWords))];
    return JSON.stringify(asked) === JSON.stringify(has);
  }
}

const inWords = ({ sku, quantity, warehouse }: ParcelLine) => `${quantity} ${sku} ${warehouse ?? ''}`;
