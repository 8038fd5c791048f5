import { complete, deadline, event, send } from '@gesta/core';
import { due, given } from '@gesta/testing';
import { describe, it } from '@jest/globals';
import { SIMULATED } from '../carrier/simulated-times.js';
import { ParcelDispatched, ShipmentCancelled, ShipmentScheduled } from '../contract/shipment-events.js';
import { DispatchParcel } from '../domain/parcel-commands.js';
import { Packing } from './packing.process.js';

const lines = [{ sku: 'tea', quantity: 2 }];
const parcels = [
  { parcelId: 'parcel-1', lines },
  { parcelId: 'parcel-2', lines },
];
const scheduled = event(ShipmentScheduled, {
  orderId: 'a',
  destination: { country: 'DE', postalCode: '10115' },
  parcels,
});
const dispatch = (parcelId: string) => send(DispatchParcel, { orderId: 'a', parcelId });

describe('Packing', () => {
  it('takes its time and hands every parcel over', () => {
    given(Packing)
      .when(scheduled)
      .then(deadline('packed', { milliseconds: SIMULATED.packingMs }));
    given(Packing, scheduled).when(due('packed')).then(dispatch('parcel-1'), dispatch('parcel-2'));
  });

  it('leaves alone what somebody has handed over before', () => {
    const gone = event(ParcelDispatched, { orderId: 'a', parcelId: 'parcel-1', lines });
    given(Packing, scheduled, gone).when(due('packed')).then(dispatch('parcel-2'));
  });

  it('stops when the shipment is called off', () => {
    given(Packing, scheduled)
      .when(event(ShipmentCancelled, { orderId: 'a' }))
      .then(complete());
  });
});
