import { complete, deadline, OnDeadline, OnRefused, ProcessManager, send, When } from '@gesta/core';
import { ParcelDispatched, ShipmentCancelled, ShipmentScheduled } from '../contract/shipment-events.js';
import { DispatchParcel } from '../domain/parcel-commands.js';
import { SIMULATED } from '../carrier/simulated-times.js';

/** The packers, who need some time for a parcel and then hand it to the carrier. A shop with people has a button in their place. */
@ProcessManager({ name: 'packing', startFrom: 'beginning' })
export class Packing {
  private orderId = '';
  private waiting: string[] = [];

  @When(ShipmentScheduled)
  scheduled({ orderId, parcels }: ShipmentScheduled) {
    this.orderId = orderId;
    this.waiting.push(...parcels.map(({ parcelId }) => parcelId));
    return deadline('packed', { milliseconds: SIMULATED.packingMs });
  }

  @OnDeadline('packed')
  packed() {
    const { orderId } = this;
    return this.waiting.map((parcelId) => send(DispatchParcel, { orderId, parcelId }));
  }

  @When(ParcelDispatched)
  dispatched({ parcelId }: ParcelDispatched) {
    this.waiting = this.waiting.filter((each) => each !== parcelId);
  }

  @When(ShipmentCancelled)
  cancelled() {
    return complete();
  }

  @OnRefused(DispatchParcel)
  notDispatched() {
    return complete(); // it was called off in the meantime
  }
}
