import { event } from '@gesta/core';
import { given, on } from '@gesta/testing';
import { describe, it } from '@jest/globals';
import {
  ParcelDelivered,
  ParcelDispatched,
  ParcelLost,
  ParcelReturned,
  ShipmentCancelled,
  ShipmentScheduled,
} from '../contract/shipment-events.js';
import { FetchingAsked } from '../domain/fetching-asked.js';
import { ParcelsUnderWay } from './parcels-under-way.projection.js';
import { Shipments } from './shipment.projection.js';

const stream = 'shipping.shipment-a';
const destination = { country: 'DE', postalCode: '10115' };
const lines = [{ sku: 'tea', quantity: 2 }];
const parcel = { orderId: 'a', parcelId: 'parcel-1', lines };
const scheduled = on(
  stream,
  event(ShipmentScheduled, { orderId: 'a', destination, parcels: [{ parcelId: 'parcel-1', lines }] }),
);
const dispatched = on(stream, event(ParcelDispatched, parcel));
const fetching = on(stream, event(FetchingAsked, { orderId: 'a', parcelIds: ['parcel-1'] }));
const shown = (status: string) => ({ a: { orderId: 'a', parcels: [{ parcelId: 'parcel-1', status, lines }] } });

describe('Shipments', () => {
  it('shows where each parcel is', () => {
    given(Shipments).when(scheduled).then(shown('scheduled'));
    given(Shipments, scheduled).when(dispatched).then(shown('dispatched'));
    given(Shipments, scheduled, dispatched).when(fetching).then(shown('fetched'));
  });

  it.each([
    ['delivered', event(ParcelDelivered, parcel)],
    ['lost', event(ParcelLost, parcel)],
    ['returned', event(ParcelReturned, parcel)],
  ])('shows that a parcel is %s', (status, end) => {
    given(Shipments, scheduled, dispatched).when(on(stream, end)).then(shown(status));
  });

  it('shows what was called off as cancelled', () => {
    given(Shipments, scheduled)
      .when(on(stream, event(ShipmentCancelled, { orderId: 'a' })))
      .then(shown('cancelled'));
  });
});

describe('ParcelsUnderWay', () => {
  it('holds a parcel from its dispatch to its end', () => {
    const under = (going: string) => ({
      'a/parcel-1': { orderId: 'a', parcelId: 'parcel-1', going, since: Date.parse('2026-01-01') },
    });
    given(ParcelsUnderWay).when(dispatched).then(under('out'));
    given(ParcelsUnderWay, dispatched).when(fetching).then(under('back'));
    given(ParcelsUnderWay, dispatched)
      .when(on(stream, event(ParcelDelivered, parcel)))
      .then({ 'a/parcel-1': undefined });
  });
});
