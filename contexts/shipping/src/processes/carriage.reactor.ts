import { Reactor, When, type EventMetadata, type Reaction } from '@gesta/core';
import { Carrier } from '../carrier/carrier.js';
import { ParcelDispatched } from '../contract/shipment-events.js';
import { FetchingAsked } from '../domain/fetching-asked.js';

/** Tells the carrier what to take and what to bring back. */
@Reactor({ name: 'carriage', startFrom: 'beginning' })
export class Carriage {
  constructor(private readonly carrier: Carrier) {}

  @When(ParcelDispatched)
  async dispatched(parcel: ParcelDispatched, _: EventMetadata, { idempotencyKey, signal }: Reaction) {
    await this.carrier.take(parcel, { idempotencyKey, signal });
  }

  @When(FetchingAsked)
  async fetching({ orderId, parcelIds }: FetchingAsked, _: EventMetadata, { idempotencyKey, signal }: Reaction) {
    await this.carrier.fetchBack(orderId, parcelIds, { idempotencyKey, signal });
  }
}
