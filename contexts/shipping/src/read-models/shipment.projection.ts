import { Project, Projection } from '@gesta/core';
import type { ParcelLine } from '../contract/parcel-line.js';
import {
  ParcelDelivered,
  ParcelDispatched,
  ParcelLost,
  ParcelReturned,
  ShipmentCancelled,
  ShipmentScheduled,
} from '../contract/shipment-events.js';
import { FetchingAsked } from '../domain/fetching-asked.js';

export const PARCEL_STATUSES = [
  'scheduled',
  'cancelled',
  'dispatched',
  'delivered',
  'fetched',
  'lost',
  'returned',
] as const;
export type ParcelStatus = (typeof PARCEL_STATUSES)[number];

/** Where the goods of an order are. */
export interface OrderShipment {
  readonly orderId: string;
  readonly parcels: readonly {
    /** Unique within its order. */
    readonly parcelId: string;
    readonly status: ParcelStatus;
    readonly lines: readonly ParcelLine[];
    /** The lost parcel that it stands in for. */
    readonly replaces?: string;
  }[];
}

type Parcel = { readonly parcelId: string };

@Projection({ name: 'shipment' })
export class Shipments {
  @Project(ShipmentScheduled)
  scheduled({ orderId, parcels }: ShipmentScheduled, before?: OrderShipment): OrderShipment {
    const added = parcels.map((parcel) => ({ ...parcel, status: 'scheduled' as const }));
    return { orderId, parcels: [...(before?.parcels ?? []), ...added] };
  }

  @Project(ShipmentCancelled)
  cancelled({ orderId }: ShipmentCancelled, before?: OrderShipment): OrderShipment {
    return { orderId, parcels: (before?.parcels ?? []).map((parcel) => ({ ...parcel, status: 'cancelled' })) };
  }

  @Project(ParcelDispatched)
  dispatched({ parcelId }: ParcelDispatched, before?: OrderShipment) {
    return moved(before, [parcelId], 'dispatched');
  }

  @Project(ParcelDelivered)
  delivered({ parcelId }: Parcel, before?: OrderShipment) {
    return moved(before, [parcelId], 'delivered');
  }

  @Project(FetchingAsked)
  fetched({ parcelIds }: FetchingAsked, before?: OrderShipment) {
    return moved(before, parcelIds, 'fetched');
  }

  @Project(ParcelLost)
  lost({ parcelId }: Parcel, before?: OrderShipment) {
    return moved(before, [parcelId], 'lost');
  }

  @Project(ParcelReturned)
  returned({ parcelId }: Parcel, before?: OrderShipment) {
    return moved(before, [parcelId], 'returned');
  }
}

function moved(
  before: OrderShipment | undefined,
  parcelIds: readonly string[],
  status: ParcelStatus,
): OrderShipment | undefined {
  if (!before) return undefined;
  const parcels = before.parcels.map((parcel) =>
    parcelIds.includes(parcel.parcelId) ? { ...parcel, status } : parcel,
  );
  return { ...before, parcels };
}
