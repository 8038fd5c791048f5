import { Project, Projection, type EventMetadata } from '@gesta/core';
import { ParcelDelivered, ParcelDispatched, ParcelLost, ParcelReturned } from '../contract/shipment-events.js';
import { FetchingAsked } from '../domain/fetching-asked.js';

/** A parcel that the carrier has, or is to fetch. */
export interface ParcelUnderWay {
  readonly orderId: string;
  readonly parcelId: string;
  readonly going: 'out' | 'back';
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
}

const keyOf = ({ orderId, parcelId }: { orderId: string; parcelId: string }) => `${orderId}/${parcelId}`;

/** What the simulated carrier has in its vans. */
@Projection({ name: 'parcels-under-way', indexes: [{ since: 1 }] })
export class ParcelsUnderWay {
  @Project(ParcelDispatched, keyOf)
  dispatched({ orderId, parcelId }: ParcelDispatched, _: undefined, { recordedAt }: EventMetadata): ParcelUnderWay {
    return { orderId, parcelId, going: 'out', since: recordedAt.getTime() };
  }

  @Project(FetchingAsked, ({ orderId, parcelIds }) => parcelIds.map((parcelId) => keyOf({ orderId, parcelId })))
  fetched({ orderId }: FetchingAsked, _: unknown, { recordedAt }: EventMetadata, key: string): ParcelUnderWay {
    return { orderId, parcelId: key.slice(orderId.length + 1), going: 'back', since: recordedAt.getTime() };
  }

  @Project(ParcelDelivered, keyOf)
  delivered(): undefined {}

  @Project(ParcelLost, keyOf)
  lost(): undefined {}

  @Project(ParcelReturned, keyOf)
  returned(): undefined {}
}
