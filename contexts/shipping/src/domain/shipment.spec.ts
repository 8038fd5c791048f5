import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import { describe, it } from '@jest/globals';
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
import { DispatchParcel, RecordTracking, type Tracked } from './parcel-commands.js';
import {
  AlreadyDispatched,
  NothingDispatched,
  ParcelNotFound,
  ParcelNotLost,
  ShipmentCalledOff,
  ShipmentDiffers,
  ShipmentNotFound,
} from './shipment-errors.js';
import { Shipment } from './shipment.js';

const orderId = 'a';
const destination = { country: 'DE', postalCode: '10115' };
const tea = { sku: 'tea', quantity: 2, warehouse: 'north' };
const pot = { sku: 'pot', quantity: 1, warehouse: 'south' };
const one = { orderId, parcelId: 'parcel-1', lines: [tea] };
const two = { orderId, parcelId: 'parcel-2', lines: [pot] };
const parcelOf = ({ parcelId, lines }: typeof one) => ({ parcelId, lines });

const schedule = (lines = [tea, pot]) => new ScheduleShipment({ orderId, destination, lines });
const scheduled = event(ShipmentScheduled, { orderId, destination, parcels: [parcelOf(one), parcelOf(two)] });
const single = event(ShipmentScheduled, { orderId, destination, parcels: [parcelOf(one)] });
const cancelled = event(ShipmentCancelled, { orderId });
const dispatched = event(ParcelDispatched, one);
const delivered = event(ParcelDelivered, one);
const lost = event(ParcelLost, one);
const returned = event(ParcelReturned, one);
const fetching = event(FetchingAsked, { orderId, parcelIds: ['parcel-1'] });
const told = (tracked: Tracked, parcelId = 'parcel-1') => new RecordTracking({ orderId, parcelId, tracked });

describe('Shipment', () => {
  it('is a parcel for each warehouse', () => {
    given(Shipment).when(schedule()).then(scheduled);
    given(Shipment)
      .when(schedule([tea]))
      .then(single);
  });

  it('is scheduled once', () => {
    given(Shipment, scheduled).when(schedule()).thenNothing();
    given(Shipment, scheduled)
      .when(schedule([tea]))
      .thenRefused(ShipmentDiffers);
  });

  it('is called off as long as nothing has left, also before it was scheduled', () => {
    const cancel = new CancelShipment({ orderId });
    given(Shipment).when(cancel).then(cancelled);
    given(Shipment, scheduled).when(cancel).then(cancelled);
    given(Shipment, scheduled, cancelled).when(cancel).thenNothing();
    given(Shipment, scheduled, dispatched).when(cancel).thenRefused(AlreadyDispatched);
    given(Shipment, cancelled).when(schedule()).thenRefused(ShipmentCalledOff);
  });

  it('sends parcels one by one, each once', () => {
    const dispatch = (parcelId: string) => new DispatchParcel({ orderId, parcelId });
    given(Shipment, scheduled).when(dispatch('parcel-1')).then(dispatched);
    given(Shipment, scheduled, dispatched).when(dispatch('parcel-2')).then(event(ParcelDispatched, two));
    given(Shipment, scheduled, dispatched).when(dispatch('parcel-1')).thenNothing();
    given(Shipment, scheduled).when(dispatch('parcel-9')).thenRefused(ParcelNotFound);
    given(Shipment).when(dispatch('parcel-1')).thenRefused(ShipmentNotFound);
    given(Shipment, scheduled, cancelled).when(dispatch('parcel-1')).thenRefused(ShipmentCalledOff);
  });

  describe('told by the carrier', () => {
    it.each([
      ['delivered', delivered],
      ['lost', lost],
      ['returned', returned],
    ] as const)('that a parcel is %s, says so once', (tracked, end) => {
      given(Shipment, single, dispatched).when(told(tracked)).then(end);
      given(Shipment, single, dispatched, end).when(told(tracked)).thenNothing();
    });

    it('before its own note that the parcel has left, catches up', () => {
      given(Shipment, single).when(told('delivered')).then(dispatched, delivered);
    });

    it('of another end than the first, stays with the first', () => {
      given(Shipment, single, dispatched, lost).when(told('delivered')).thenNothing();
      given(Shipment, single, dispatched, delivered).when(told('lost')).thenNothing();
      given(Shipment, single, dispatched, delivered).when(told('returned')).thenNothing();
    });

    it('of what was called off, or of nothing, changes nothing', () => {
      given(Shipment, single, cancelled).when(told('delivered')).thenNothing();
      given(Shipment, single).when(told('delivered', 'parcel-7')).thenRefused(ParcelNotFound);
    });
  });

  it('sends once more what was lost, in a parcel of its own, once', () => {
    const replace = new ReplaceParcel({ orderId, parcelId: 'parcel-1' });
    const again = event(ShipmentScheduled, {
      orderId,
      destination,
      parcels: [{ parcelId: 'parcel-2', lines: [tea], replaces: 'parcel-1' }],
    });
    given(Shipment, single, dispatched, lost).when(replace).then(again);
    given(Shipment, single, dispatched, lost, again).when(replace).thenNothing();
    given(Shipment, single, dispatched).when(replace).thenRefused(ParcelNotLost);
    given(Shipment, single, dispatched, lost, again)
      .when(schedule([tea]))
      .thenNothing();
  });

  it('has fetched back what is out, and is told when it is back', () => {
    const fetchBack = new FetchBack({ orderId });
    given(Shipment, single, dispatched).when(fetchBack).then(fetching);
    given(Shipment, single, dispatched, delivered).when(fetchBack).then(fetching);
    given(Shipment, single, dispatched, fetching).when(fetchBack).thenNothing();
    given(Shipment, single, dispatched, fetching).when(told('returned')).then(returned);
    given(Shipment, single, dispatched, fetching).when(told('delivered')).thenNothing();
    given(Shipment, single).when(fetchBack).thenRefused(NothingDispatched);
  });
});
